package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
)

// Where buyers arrive is chosen for all offers and for one; only pages of the portal that every buyer has are taken, what was typed
// stays when it is refused, and what was switched off since is no place to land at.
func TestWhereBuyersArrive(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	b, buyer := s.staff(t, maya), s.client(t, w.contact)
	course, offer := "/courses/"+w.taught.course.String(), "/acme/offers/"+w.taught.offer.String()
	lands := func(want string) {
		t.Helper()
		buyer.get("/checkout/return?session_id=cs_" + w.billed.order.String()).leadsTo(want)
	}
	lands(course)
	all := func(fields ...string) *page {
		return b.fill(b.get("/acme/offers").has("#offers-landing"), "#offers-landing", fields...)
	}
	all("landing", "/").leadsTo("/acme/offers")
	lands("/")
	for _, wrong := range []string{"", "courses", "//evil.example/courses", "https://evil.example", `/\evil.example`, "/invoices", "/subscriptions", "/sign-in", "/o/taster", "/nowhere", "/courses\r\nX: y"} {
		p := all("landing", "path", "landing_path", wrong).is(http.StatusUnprocessableEntity).has("#field-landing_path-error", "option[value=path][selected]")
		if got := attr(p.one("#field-landing_path"), "value"); wrong != "" && wrong[0] == '/' && !strings.Contains(wrong, "\n") && got != wrong {
			t.Errorf("of %q is left %q", wrong, got)
		}
	}
	lands("/")
	all("landing", "path", "landing_path", "/courses?from=shop").leadsTo("/acme/offers")
	b.get("/acme/offers").has("option[value=path][selected]", "#field-landing_path[value='/courses?from=shop']")
	lands("/courses?from=shop")
	s.rows(t, 2, "audit WHERE action = 'offer.landing'")

	of := func(fields ...string) *page {
		form := b.get(offer+"/edit").form("#offers-edit", fields...)
		form.values["course"] = []string{w.taught.course.String()}
		return b.send(form.method, form.action, form.values)
	}
	of("landing", "course").leadsTo(offer)
	lands(course)
	of("landing", "path", "landing_path", "/invoices").is(http.StatusUnprocessableEntity).has("#field-landing_path-error", "#field-landing_path[value='/invoices']")
	of("landing", "path", "landing_path", "/profile").leadsTo(offer)
	lands("/profile")
	b.get(offer + "/edit").has("#field-landing_path[value='/profile']")
	s.exec(t, "UPDATE offer SET landing = '/communities'") // an app that is not there
	lands(course)
	s.exec(t, "UPDATE offer SET landing = '//evil.example'") // whatever stands there
	lands(course)
	of("landing", "").leadsTo(offer)
	lands("/courses?from=shop")
}

// The picture of an offer is encoded anew, shown to everybody, and taken away; what is no picture is refused beside the field.
func TestOfferPicture(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	b, stranger := s.staff(t, maya), s.portal(t, s.acme)
	offer := "/acme/offers/" + w.taught.offer.String()
	form := "form[action='" + offer + "/picture']"
	edit := func() *page { return b.get(offer + "/edit").is(http.StatusOK) }
	stranger.get("/o/" + w.taught.offerName).lacks(".sale-picture")
	b.upload(edit(), form, "picture", "x.png", "<script>").is(http.StatusUnprocessableEntity).has("#offer-picture-error", "#offers-edit")
	b.upload(edit(), form, "picture", "x.png", smallPNG).leadsTo(offer + "/edit")
	for _, p := range []*page{edit().has("img.cover"), b.get(offer).has("img.cover"), b.get("/acme/offers").has("img.cover")} {
		b.get(attr(p.one("img.cover"), "src")).is(http.StatusOK)
	}
	shown := attr(stranger.get("/o/"+w.taught.offerName).one("img.sale-picture"), "src")
	if kind := stranger.get(shown).is(http.StatusOK).header.Get("Content-Type"); kind != "image/png" && kind != "image/jpeg" {
		t.Errorf("the picture is %s", kind)
	}
	s.portal(t, s.lumen).get(shown).is(http.StatusNotFound)
	s.rows(t, 1, "picture p JOIN offer o ON o.account_id = p.account_id AND o.picture_hash = p.hash WHERE p.hash LIKE 'offer-%' AND o.id = $1", w.taught.offer)
	b.fill(edit(), "form[action='"+offer+"/picture/remove']").leadsTo(offer + "/edit")
	stranger.get("/o/" + w.taught.offerName).lacks(".sale-picture")
	s.rows(t, 1, "audit WHERE action = 'offer.picture' AND was->>'picture' = '' AND became->>'picture' LIKE 'offer-%'")
	s.rows(t, 1, "audit WHERE action = 'offer.picture' AND was->>'picture' LIKE 'offer-%' AND became->>'picture' = ''")
}

// sold makes an offer one that costs money.
func (s *testSite) sold(t *testing.T, w taught) {
	t.Helper()
	s.exec(t, "INSERT INTO offer_price (account_id, id, offer_id, amount_minor, currency, charged, stripe_price_id, created_at) SELECT account_id, $2, id, 4900, 'eur', 'once', 'price_1', created_at FROM offer WHERE id = $1",
		w.offer, queries.NewID())
}

// A coupon that cannot be checked is told beside its field, and stays in it; tries of it are counted. The page asks Stripe nothing by
// being looked at, also with a coupon in its address.
func TestCouponWhileStripeIsAway(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, path := s.offering(t)
	s.sold(t, w)
	b := s.portal(t, s.acme)
	p := b.get(path+"?cancelled=1&coupon="+url.QueryEscape(`SPRING" onx=`)).is(http.StatusOK).has(".notice-box", "details[open] #field-coupon")
	p.harmless()
	form := "form[action='" + path + "/buy']"
	for _, apply := range []string{"", "1"} {
		again := b.fill(p, form, "coupon", "SPRING", "apply", apply).is(http.StatusUnprocessableEntity).has("#field-coupon-error", "details[open] #field-coupon[value=SPRING]")
		b.htmx().fill(again, form, "coupon", "SPRING", "apply", apply).is(http.StatusUnprocessableEntity).lacks("main").has("#offer-form")
	}
	s.rows(t, 0, "checkout")
	for range queries.LimitCouponIP.Times {
		p = b.fill(b.get(path), form, "coupon", "SPRING", "apply", "1")
	}
	if p.is(http.StatusTooManyRequests).has("#field-coupon-error"); p.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	b.fill(b.get(path), form).leadsTo(path) // without one nobody waits; and nobody can pay now
}

// While the last places are held by others who pay, nobody else is sent to pay; whoever looks is told how many are left.
func TestOfferPlacesAreHeld(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w, path := s.offering(t)
	s.sold(t, w)
	s.exec(t, "UPDATE offer SET most = 1")
	b := s.portal(t, s.acme)
	p := b.get(path).is(http.StatusOK)
	if said := words(p.one("#offer-form")); !strings.Contains(said, "1 place of 1 left") {
		t.Errorf("it says %s", said)
	}
	s.exec(t, "INSERT INTO checkout (account_id, id, offer_id, price_id, browser_hash, stripe_session_id, created_at, changed_at) SELECT account_id, $2, offer_id, id, '', 'cs_other', $3, $3 FROM offer_price WHERE offer_id = $1",
		w.offer, uuid.New(), s.clock.now())
	held := b.fill(p, "form[action='"+path+"/buy']").is(http.StatusGone)
	if said := words(held.one("h1")); said != "The last places are being paid for" {
		t.Errorf("it says %s", said)
	}
	s.rows(t, 1, "checkout")
}
