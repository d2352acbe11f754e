package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/cmd/stripesim"
	"atrium/jobs"
	"atrium/queries"
)

// What a buyer comes back to, while Stripe cannot be reached: what is known counts. The browser that paid can have the mail
// sent, any other is told to sign in, and neither reads the address; money on its way is not asked for again.
func TestCheckoutReturnWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.things(t, s.acme, s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	s.exec(t, "UPDATE contact SET joined_at = now() WHERE id = $1", w.contact.id)
	session := "cs_" + w.billed.order.String()
	path := "/checkout/return?session_id=" + session
	b, other := s.portal(t, s.acme), s.portal(t, s.acme)
	b.get("/sign-in") // it is known by its cookie from then on
	s.exec(t, "UPDATE checkout SET browser_hash = $2 WHERE stripe_session_id = $1", session, queries.TokenHash(b.cookie(browserCookie)))
	mine, theirs := b.get(path).has("form[action='/checkout/confirm']", "meta[name=robots]"), other.get(path).lacks("form[action='/checkout/confirm']")
	for _, p := range []*page{mine, theirs, b.htmx().get(path)} {
		if !strings.Contains(p.words(), "it is paid") || strings.Contains(p.body, w.contact.email) {
			t.Errorf("%s says %s", p.asked, p.words())
		}
	}
	other.send(http.MethodPost, "/checkout/confirm", map[string][]string{"_token": {other.token()}, "session_id": {session}}).is(http.StatusNotFound)
	s.rows(t, 0, "sign_in_request")
	b.fill(mine, "form[action='/checkout/confirm']").leadsTo("/sign-in/code")
	s.rows(t, 1, "sign_in_request WHERE email = $1", w.contact.email)

	for _, state := range []queries.CheckoutState{queries.CheckoutStateProcessing, queries.CheckoutStateOpen} {
		s.exec(t, "UPDATE checkout SET state = $2 WHERE stripe_session_id = $1", session, state)
		p := b.get(path).has("#checkouts-paid[hx-get]").lacks("form[action='/checkout/confirm']")
		if !strings.Contains(p.words(), "on its way") || strings.Contains(p.body, "/buy") {
			t.Errorf("%s: it says %s", state, p.words())
		}
	}
	s.exec(t, "UPDATE checkout SET state = 'expired' WHERE stripe_session_id = $1", session)
	b.get(path).leadsTo("/o/" + w.taught.offerName + "?cancelled=1")
	s.exec(t, "UPDATE checkout SET state = 'failed' WHERE stripe_session_id = $1", session)
	for _, asks := range []*browser{b, other, b.htmx()} {
		if p := asks.get(path).is(http.StatusOK).has("#checkouts-paid[hx-get]", ".no-scripts a"); !strings.Contains(p.words(), "that is not finished yet") || strings.Contains(p.words(), "nothing was charged") {
			t.Errorf("it failed, and some may still be charged: it says %s", p.words())
		}
	}
	s.exec(t, "UPDATE checkout SET over_at = now() WHERE stripe_session_id = $1", session)
	b.get(path).leadsTo("/o/" + w.taught.offerName)
	b.get("/o/" + w.taught.offerName).has("#notice .flash-error")
	for _, nothing := range []string{"", "cs_" + uuid.NewString(), "pi_x", "cs_a/b", "cs_%00", "cs_%ff", "cs_%ed%a0%80", "cs_%c0%80"} {
		b.get("/checkout/return?session_id=" + nothing).is(http.StatusNotFound)
		typed, err := url.QueryUnescape(nothing)
		if err != nil {
			t.Fatal(err)
		}
		b.send(post, "/checkout/confirm", url.Values{"_token": {b.token()}, "session_id": {typed}}).is(http.StatusNotFound)
	}
	s.portal(t, s.lumen).get(path).is(http.StatusNotFound)
}

// The first buyers of an offer may come while its price is being made at Stripe, by the job or by another one of them: they wait for a
// moment and are led to pay, and it is one price.
func TestFirstBuyersOfAPrice(t *testing.T) {
	t.Parallel()
	s, sim := standIn(t)
	w, path := s.offering(t)
	s.sold(t, w)
	s.exec(t, "UPDATE offer_price SET stripe_price_id = ''")
	var price uuid.UUID
	s.scan(t, "SELECT id FROM offer_price", nil, &price)
	sim.Fail(stripesim.Fault{Path: "/v1/products", Method: "POST", Kind: stripesim.Conflict, Count: 2})
	sim.Fail(stripesim.Fault{Path: "/v1/prices", Method: "POST", Kind: stripesim.Conflict})
	b := s.portal(t, s.acme)
	if to := b.fill(b.get(path), "form[action='"+path+"/buy']").is(http.StatusSeeOther).header.Get("Location"); !strings.HasPrefix(to, sim.URL) {
		t.Errorf("the buyer is led to %s", to)
	}
	s.rows(t, 1, "offer_price WHERE stripe_price_id <> ''")
	var kept string
	s.scan(t, "SELECT stripe_price_id FROM offer_price", nil, &kept)
	if again, err := jobs.MakePrice(t.Context(), s.q, s.Stripe, s.acme.id, price); err != nil || again != kept {
		t.Errorf("made once more it is %q, %v; it was %q", again, err, kept)
	}
}

// Whoever comes back from paying reads once what they paid, and finds the plan and its invoice in their menu at once, and not only when
// Stripe's reports have come. A trial says that nothing was charged.
func TestBuyerReadsWhatWasPaid(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	w, path := s.offering(t)
	title := s.scanText(t, "SELECT title FROM offer WHERE id = $1", w.offer)
	s.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, created_at) SELECT account_id, $2, id, 1900, 'eur', 'month', created_at FROM offer WHERE id = $1",
		w.offer, queries.NewID())
	buys := func(b *browser, email, landing string) *page {
		t.Helper()
		to := b.fill(b.get(path), "form[action='"+path+"/buy']").is(http.StatusSeeOther).header.Get("Location")
		stays := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
		answer, err := stays.PostForm(to, url.Values{"do": {"pay"}, "email": {email}, "name": {"Ana Souza"}})
		if err != nil {
			t.Fatal(err)
		}
		if err := answer.Body.Close(); err != nil {
			t.Fatal(err)
		}
		back, err := answer.Location()
		if err != nil {
			t.Fatal(err)
		}
		return b.follow(b.get(back.RequestURI()).leadsTo(landing))
	}
	paid, course := "Paid: €19.00 for "+title+".", "/courses/"+w.course.String()
	ana := s.client(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	if text := buys(ana, "ana@example.com", course).has("nav a[href='/subscriptions']", "nav a[href='/invoices']", "#notice .flash-success").words(); !strings.Contains(text, paid) {
		t.Errorf("a client reads %s", text)
	}
	ana.get(course).lacks("#notice .flash")
	if text := buys(s.portal(t, s.acme), "nia@example.com", "/welcome?next="+url.QueryEscape(course)).words(); !strings.Contains(text, paid) {
		t.Errorf("somebody new reads %s", text)
	}
	s.rows(t, 2, "subscription")
	s.exec(t, "UPDATE offer_price SET trial_days = 14")
	ben := s.client(t, s.arrived(t, s.acme, "ben@example.com", "Ben Adler"))
	if text := buys(ben, "ben@example.com", course).words(); !strings.Contains(text, title+" is yours. Nothing was charged.") || strings.Contains(text, "Paid:") {
		t.Errorf("on a trial somebody reads %s", text)
	}
}

// A coupon that is refused leaves the browser at the address that its form is sent to: opened anew, that leads to the offer.
func TestBuyersAddressLeadsToTheOffer(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	_, path := s.offering(t)
	b := s.portal(t, s.acme)
	b.follow(b.get(path + "/buy").leadsTo(path)).is(http.StatusOK)
	b.follow(b.get("/o/nothing-like-it/buy").leadsTo("/o/nothing-like-it")).is(http.StatusNotFound)
}

// A plan whose charge failed gives nothing once its days of grace are over, but Stripe goes on trying to charge it: its client is led to
// change how they pay, and not to buy it once more beside itself, until it has ended. What is tried for nothing is tried once.
func TestPlanIsNotBoughtBesideItself(t *testing.T) {
	t.Parallel()
	s, _ := standIn(t)
	w, path := s.offering(t)
	s.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, trial_days, created_at) SELECT account_id, $2, id, 1900, 'eur', 'month', 14, created_at FROM offer WHERE id = $1",
		w.offer, queries.NewID())
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Adler")
	buy, b := "form[action='"+path+"/buy']", s.client(t, ana)
	costs := func(b *browser, c contact) (minor int64) {
		t.Helper()
		b.fill(b.get(path), buy).is(http.StatusSeeOther)
		var session string
		s.scan(t, "SELECT stripe_session_id FROM checkout WHERE contact_id = $1 AND state = 'open'", []any{c.id}, &session)
		checkout, err := s.Stripe.Checkout(t.Context(), "", session)
		if err != nil {
			t.Fatal(err)
		}
		return checkout.AmountMinor
	}
	if first := s.client(t, ben); !strings.HasSuffix(words(first.get(path).one(buy)), "Start the trial") || costs(first, ben) != 0 {
		t.Error("it cannot be tried for nothing")
	}
	stale := b.get(path)
	had := s.billed(t, ana, w.offer, w.course)
	s.exec(t, "DELETE FROM stripe_customer WHERE stripe_id = $1", had.customer) // of whom the stand-in knows nothing
	s.exec(t, "UPDATE access_grant SET ended_at = $2, ended_because = 'revoked' WHERE contact_id = $1", ana.id, s.clock.now())
	for name, other := range map[string]string{"past due": "state = 'past_due'", "unpaid": "state = 'unpaid'", "it ends": "state = 'past_due', cancels_at = period_ends_at"} {
		s.exec(t, "UPDATE subscription SET order_id = $2, past_due_since = $3, "+other+" WHERE id = $1", had.subscription, had.order, noon.AddDate(0, 0, -10))
		b.get(path).leadsTo("/subscriptions")
		b.fill(stale, buy, "apply", "1").leadsTo("/subscriptions")
		b.fill(stale, buy).leadsTo("/subscriptions")
		if said := b.get("/subscriptions").words(); !strings.Contains(said, "You have this plan already") {
			t.Errorf("%s: it says %s", name, said)
		}
	}
	s.rows(t, 0, "checkout WHERE contact_id = $1 AND state = 'open'", ana.id)
	s.exec(t, "UPDATE subscription SET state = 'incomplete' WHERE id = $1", had.subscription) // it never began
	b.get(path).has(buy)
	s.exec(t, "UPDATE subscription SET state = 'canceled', ended_at = $2 WHERE id = $1", had.subscription, s.clock.now())
	if again := b.get(path); !strings.HasSuffix(words(again.one(buy)), "Subscribe") || strings.Contains(again.words(), "14 days") {
		t.Errorf("it can be tried once more: %s", again.words())
	}
	if minor := costs(b, ana); minor != 1900 {
		t.Errorf("bought once more it costs %d at first", minor)
	}
	s.portal(t, s.acme).get(path).has(buy) // and nobody knows who else comes
}

// Orders and subscriptions follow each other from page to page without gap or repeat.
func TestStaffListsOfSalesGoOn(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	b := s.staff(t, maya)
	for range invoicesPerPage + 2 {
		s.subscription(t, w.contact, nil)
		checkout := queries.NewID()
		s.exec(t, "INSERT INTO checkout (account_id, id, offer_id, price_id, contact_id, browser_hash, state, created_at, changed_at) "+
			"SELECT account_id, $2, offer_id, price_id, contact_id, browser_hash, state, created_at, changed_at FROM checkout WHERE stripe_session_id = $1", "cs_"+w.billed.order.String(), checkout)
		s.exec(t, "INSERT INTO sales_order (account_id, id, contact_id, offer_id, price_id, checkout_id, made_contact, amount_minor, currency, created_at, changed_at) "+
			"SELECT account_id, $2, contact_id, offer_id, price_id, $3, false, amount_minor, currency, created_at, changed_at FROM sales_order WHERE id = $1", w.billed.order, queries.NewID(), checkout)
	}
	for path, list := range map[string]string{"/acme/orders": "orders", "/acme/subscriptions": "staffsubscriptions"} {
		first := b.get(path)
		more := b.htmx().get(attr(first.one("#"+list+"-more a"), "href")).is(http.StatusOK)
		seen := map[string]bool{}
		for _, p := range []*page{first, more} {
			for _, row := range strings.Split(p.body, `id="`+list+`-row-`)[1:] {
				seen[row[:36]] = true
			}
		}
		if n := strings.Count(first.body+more.body, `<tr class="row"`); n != invoicesPerPage+3 || len(seen) != n {
			t.Errorf("%s: %d rows, %d of them different, want %d", path, n, len(seen), invoicesPerPage+3)
		}
	}
}
