// Package stripesim is a Stripe that lives in this process: the API of 2023-10-16 as far as Atrium and its tests use it, with the
// pages that Stripe hosts, webhooks, a clock that can be moved, and faults on demand. No money moves, and nothing leaves loopback.
//
// It was never compared with the live service. What keeps it near is Stripe's own OpenAPI document: package simtest checks every
// request, answer and event against it, and the tests go through stripe-go. Whatever is not here answers 404 (or 400, for a
// parameter) and is recorded, see Server.Unknown, so that a test fails instead of passing by luck.
//
// Tests and `atrium demo` may start it. Nothing that serves or works for real may import it, and it imports no room of ours.
//
// A test starts one with simtest.Start, which checks all that goes in and out, and points stripe-go at it with simtest.API:
//
//	server := simtest.Start(t, stripesim.Options{Now: monday})
//	api := simtest.API(server)
//
// Then it has things happen: Advance moves the clock, Settle answers for a bank, SetOutcome makes a card good or bad, Dispute takes a
// charge back, Fail breaks calls, Hold, Release and Misdeliver disturb webhooks, WaitDelivered waits for them, Seed makes calls ahead.
// Hosted pages are plain forms; the value of a button is what happens: pay, decline, no_funds, secure, debit, expire, code. What runs
// in another process does the same by JSON below /_control/, see routeControl.
//
// All is in memory and gone with Close, unless Options.Journal names a file: then the next start asks again what was asked, at its time.
//
// One mutex guards everything. An endpoint is a function from typed parameters to an object or an *Error; routes.go lists them all.
// What happens by itself (renewals, trials that end, retries, sessions that expire) is looked for in the state, see clock.go, and not
// kept in timers, so moving the clock by a year does all of it in order.
package stripesim
