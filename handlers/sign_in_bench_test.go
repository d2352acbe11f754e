package handlers

import (
	"net/http"
	"slices"
	"testing"
	"time"
)

// The benchmarks of a pair differ in nothing but whether somebody has the address; so must their times, or whoever measures
// an answer learns who is a client here.

func BenchmarkSignInKnown(b *testing.B)   { benchmarkSignIn(b, "ana@example.com") }
func BenchmarkSignInUnknown(b *testing.B) { benchmarkSignIn(b, "eva@example.com") }

func BenchmarkAskLinkKnown(b *testing.B)   { benchmarkAskLink(b, "ana@example.com") }
func BenchmarkAskLinkUnknown(b *testing.B) { benchmarkAskLink(b, "eva@example.com") }

func benchmarkSignIn(b *testing.B, email string) {
	benchmarkForm(b, "#signin-form", http.StatusUnprocessableEntity, "email", email, "password", "not the password")
}

func benchmarkAskLink(b *testing.B, email string) {
	benchmarkForm(b, "button[formaction='/sign-in/link']", http.StatusSeeOther, "email", email)
}

// benchmarkForm sends a filled in sign-in form again and again, an hour apart, so that no limit is ever used up.
func benchmarkForm(b *testing.B, form string, status int, fields ...string) {
	s := newSite(b)
	s.arrived(b, s.acme, "ana@example.com", "Ana Souza")
	browser := s.portal(b, s.acme)
	sent := browser.get("/sign-in").form(form, fields...)
	var took []time.Duration
	for b.Loop() {
		began := time.Now()
		browser.send(sent.method, sent.action, sent.values).is(status)
		took = append(took, time.Since(began))
		s.clock.move(time.Hour)
	}
	slices.Sort(took) // the middle one says more than the mean, which one slow moment of the machine moves
	b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "median-ns/op")
}
