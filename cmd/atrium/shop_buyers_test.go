package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/internal/browsertest"
	"atrium/cmd/stripesim"
	"atrium/queries"
)

// coupon makes one of 20% that is typed as SPRING; change may be nil.
func (s *shop) coupon(change func(*stripe.CouponParams, *stripe.PromotionCodeParams)) {
	s.t.Helper()
	coupon, code := &stripe.CouponParams{ID: stripe.String("fifth"), PercentOff: stripe.Float64(20), Duration: stripe.String("once")},
		&stripe.PromotionCodeParams{Coupon: stripe.String("fifth"), Code: stripe.String("SPRING")}
	if change != nil {
		change(coupon, code)
	}
	if _, err := s.api.Coupons.New(coupon); err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.api.PromotionCodes.New(code); err != nil {
		s.t.Fatal(err)
	}
}

const offerPath = "/o/clear-goals"

// A coupon is checked before anybody goes to pay: a wrong one is told beside its field and stays in it, a right one shows what is left
// to pay, and comes back with whoever turns back on Stripe's page. What is paid is less by it, and it is used once it was paid with.
func TestBuyerWithACoupon(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.coupon(func(_ *stripe.CouponParams, code *stripe.PromotionCodeParams) { code.MaxRedemptions = stripe.Int64(1) })
	v := newVisitor(t).open(s.portal("acme", offerPath))
	if v.send(offerPath+"/buy", "coupon", "WINTER"); v.status != http.StatusUnprocessableEntity || !strings.Contains(v.page, `value="WINTER"`) || !strings.Contains(v.page, "no such coupon") {
		t.Fatalf("a wrong one: %d %s", v.status, v.page)
	}
	if v.send(offerPath+"/buy", "coupon", " spring ", "apply", "1"); v.status != http.StatusOK || !strings.Contains(v.page, "€39.20") || !strings.Contains(v.page, "20% off") {
		t.Fatalf("a right one: %d %s", v.status, v.page)
	}
	if n := s.count("checkout"); n != 0 {
		t.Errorf("%d checkouts by looking", n)
	}
	v.send(offerPath+"/buy", "coupon", "spring")
	if !strings.Contains(v.page, "€39.20") || !strings.Contains(v.page, "SPRING") {
		t.Fatalf("Stripe's page: %s", v.page)
	}
	if v.open(cancelOf(t, v)); v.at.Path != offerPath || !strings.Contains(v.page, `value="SPRING"`) || !strings.Contains(v.page, "nothing was charged") {
		t.Errorf("turned back: %s %s", v.at, v.page)
	}
	v.send(offerPath+"/buy", "coupon", "SPRING").pays("pay", "nia@example.com").arrivesAt("/welcome")
	if s.count("sales_order WHERE amount_minor = 3920") != 1 {
		t.Errorf("paid: %s", s.one("SELECT string_agg(amount_minor::text, ' ') FROM sales_order"))
	}
	other := newVisitor(t).open(s.portal("acme", offerPath+"?coupon=SPRING"))
	if other.send(offerPath+"/buy", "coupon", "SPRING"); !strings.Contains(other.page, "no such coupon") {
		t.Errorf("a coupon that is used up: %s", other.page)
	}
}

// cancelOf is where the link on Stripe's page leads that turns back.
func cancelOf(t *testing.T, v *visitor) string {
	t.Helper()
	_, rest, found := strings.Cut(v.page, `id="cancel" href="`)
	to, _, _ := strings.Cut(rest, `"`)
	if !found {
		t.Fatalf("no way back on %s: %s", v.at, v.page)
	}
	return strings.ReplaceAll(to, "&amp;", "&")
}

// What a coupon is not for is told before anybody pays, and what only Stripe knows of it, after asking; one over all of the price leaves
// nothing to pay, and gives all the same. Of a subscription it says which payments become less.
func TestCouponsThatAreNotForThis(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalMonth)
	for code, change := range map[string]func(*stripe.CouponParams, *stripe.PromotionCodeParams){
		"LARGE": func(_ *stripe.CouponParams, p *stripe.PromotionCodeParams) {
			p.Restrictions = &stripe.PromotionCodeRestrictionsParams{MinimumAmount: stripe.Int64(9900), MinimumAmountCurrency: stripe.String("eur")}
		},
		"DOLLAR": func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) {
			c.PercentOff, c.AmountOff, c.Currency = nil, stripe.Int64(500), stripe.String("usd")
		},
		"EURO": func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) {
			c.PercentOff, c.AmountOff, c.Currency = nil, stripe.Int64(500), stripe.String("eur")
		},
		"ALWAYS": func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) {
			c.Duration = stripe.String("forever")
			c.PercentOff = stripe.Float64(12.5)
		},
		"QUARTER": func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) {
			c.Duration, c.DurationInMonths = stripe.String("repeating"), stripe.Int64(3)
		},
		"GONE": func(_ *stripe.CouponParams, p *stripe.PromotionCodeParams) {
			p.ExpiresAt = stripe.Int64(time.Now().Add(-time.Hour).Unix())
		},
		"GIFT": func(c *stripe.CouponParams, _ *stripe.PromotionCodeParams) { c.PercentOff = stripe.Float64(100) },
	} {
		s.coupon(func(c *stripe.CouponParams, p *stripe.PromotionCodeParams) {
			c.ID, p.Coupon, p.Code = stripe.String(code), stripe.String(code), stripe.String(code)
			change(c, p)
		})
	}
	v := newVisitor(t)
	for code, says := range map[string][]string{"LARGE": {"for purchases from €99.00 on"}, "DOLLAR": {"not for this offer"}, "EURO": {"€44.00", "€5.00 off the first payment"},
		"ALWAYS": {"€42.87", "12.5% off every payment"}, "QUARTER": {"€39.20", "20% off the payments of the first 3 months"}, "GONE": {"no such coupon"}, "GIFT": {"€0.00", "100% off the first payment"}} {
		v.open(s.portal("acme", offerPath)).send(offerPath+"/buy", "coupon", code, "apply", "1")
		for _, words := range says {
			if !strings.Contains(v.page, words) {
				t.Errorf("%s: no %q in %s", code, words, v.page)
			}
		}
	}
	v.open(s.portal("acme", offerPath)).send(offerPath+"/buy", "coupon", "GIFT").pays("pay", "nia@example.com").arrivesAt("/welcome")
	if !s.sees("nia@example.com") || s.count("sales_order WHERE amount_minor = 0") != 1 {
		t.Error("nothing was to be paid, and the course is not there")
	}
}

// What only Stripe knows of a coupon, such as that it is for first purchases, is told beside the field as well.
func TestCouponThatStripeRefuses(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.coupon(func(_ *stripe.CouponParams, p *stripe.PromotionCodeParams) {
		p.Restrictions = &stripe.PromotionCodeRestrictionsParams{FirstTimeTransaction: stripe.Bool(true)}
	})
	v := s.buys(newVisitor(t)).pays("pay", "nia@example.com").arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "link_only", "1")
	s.one("UPDATE access_grant SET ended_at = now(), ended_because = 'revoked' RETURNING id::text") // so that there is something to buy
	v.open(s.portal("acme", offerPath)).send(offerPath+"/buy", "coupon", "SPRING")
	if v.status != http.StatusUnprocessableEntity || !strings.Contains(v.page, "cannot be used here") || !strings.Contains(v.page, `value="SPRING"`) {
		t.Errorf("refused by Stripe: %d %s", v.status, v.page)
	}
	v.send(offerPath+"/buy", "coupon", "")
	if !strings.Contains(v.page, "€49.00") {
		t.Errorf("without it: %s %s", v.at, v.page)
	}
}

// A card is declined, the bank asks and is refused, and then all goes well: one order, one payment, and the buyer is in.
func TestBuyerTriesAgain(t *testing.T) {
	t.Parallel()
	for _, charged := range []queries.PriceInterval{queries.PriceIntervalOnce, queries.PriceIntervalMonth} {
		t.Run(string(charged), func(t *testing.T) {
			t.Parallel()
			s := startShop(t, charged)
			const nia = "nia@example.com"
			v := s.buys(newVisitor(t))
			if v.pays("decline", nia); v.status != http.StatusUnprocessableEntity || !strings.Contains(v.page, "declined") {
				t.Fatalf("declined: %d %s", v.status, v.page)
			}
			v.pays("secure", nia).pays("refuse", "")
			if s.settled(); s.count("sales_order") != 0 || s.count("contact") != 0 || s.count("mail") > 1 { // the owner's own
				t.Error("something came of what was not paid")
			}
			v.pays("secure", nia).pays("approve", "").arrivesAt("/welcome")
			if s.settled(); s.count("sales_order WHERE amount_minor = 4900") != 1 || !s.sees(nia) {
				t.Error("paid, and the course is not there")
			}
		})
	}
}

// Who closes the window after paying is mailed the way in: its link takes them to the course, without a password. Another browser than
// the one that paid learns nothing and is told to sign in, which a mailed link does.
func TestBuyerComesInByMail(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	away := s.buys(newVisitor(t))
	away.client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	away.pays("pay", nia)
	s.settled()
	other := newVisitor(t).open(s.portal("acme", "/checkout/return?session_id="+s.one("SELECT stripe_session_id FROM checkout"))).arrivesAt("/checkout/return")
	if strings.Contains(other.page, nia) || !strings.Contains(other.page, "/sign-in?next=") {
		t.Errorf("another browser: %s", other.page)
	}
	in := newVisitor(t).open(linkIn(t, s.mail(nia)))
	in.send(in.at.Path).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "link_only", "1").arrivesAt("/courses/" + s.course.String())
}

// Turning back keeps the choice; coming back by hand to a page that was not paid on does as well; and what was opened before is closed
// once somebody begins anew, so that two windows of one browser are one purchase.
func TestBuyerTurnsBack(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	v := s.buys(newVisitor(t))
	first := v.at.String()
	if v.open(cancelOf(t, v)).arrivesAt(offerPath); !strings.Contains(v.page, "nothing was charged") || !strings.Contains(v.page, offerPath+"/buy") {
		t.Errorf("turned back: %s", v.page)
	}
	session := s.one("SELECT stripe_session_id FROM checkout")
	v.open(s.portal("acme", "/checkout/return?session_id="+session)).arrivesAt(offerPath)
	s.buys(v)
	second := v.at.String()
	if first == second {
		t.Fatal("it is the same page for paying")
	}
	if v.open(first); v.status != http.StatusGone {
		t.Errorf("the first one is still open: %d", v.status)
	}
	v.open(second).pays("pay", "nia@example.com").arrivesAt("/welcome")
	if s.settled(); s.count("sales_order") != 1 {
		t.Errorf("%d orders", s.count("sales_order"))
	}
	debit := s.buys(newVisitor(t)).pays("debit", "ana@example.com").arrivesAt("/checkout/return")
	debit.open(s.portal("acme", offerPath)).send(offerPath + "/buy").arrivesAt("/checkout/return") // and not to another payment
	if n := s.count("checkout"); n != 3 {
		t.Errorf("%d checkouts", n)
	}
}

// The last place is sold once: of two who want it, one is sent to pay; the other can as soon as it was given up, also where Stripe's
// event of that never came.
func TestLastPlaceIsSoldOnce(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.one("UPDATE offer SET most = 1 RETURNING id::text")
	first, second := s.buys(newVisitor(t)), newVisitor(t)
	if s.buys(second); second.status != http.StatusGone || !strings.Contains(second.page, "being paid for") {
		t.Fatalf("a second buyer of one place: %d %s", second.status, second.page)
	}
	s.sim.Misdeliver(stripesim.Mischief{Drop: true, Count: -1})
	if err := s.sim.Advance(queries.PlaceHeld + time.Minute); err != nil {
		t.Fatal(err)
	}
	s.ahead.Add(int64(queries.PlaceHeld + time.Minute))
	s.buys(second).pays("pay", "nia@example.com").arrivesAt("/welcome")
	if first.open(first.at.String()); first.status != http.StatusGone {
		t.Errorf("the first can still pay: %d", first.status)
	}
	if third := newVisitor(t).open(s.portal("acme", offerPath)); third.status != http.StatusGone || !strings.Contains(third.page, "used up") {
		t.Errorf("a third: %d %s", third.status, third.page)
	}
	if n := s.count("sales_order"); n != 1 {
		t.Errorf("%d orders of one place", n)
	}
}

// A debit that comes back is told to the buyer, who may then pay in another way; of the first try nothing is left at Stripe that could be
// charged as well.
func TestBuyerWhoseDebitCameBack(t *testing.T) {
	t.Parallel()
	for _, charged := range []queries.PriceInterval{queries.PriceIntervalOnce, queries.PriceIntervalMonth} {
		t.Run(string(charged), func(t *testing.T) {
			t.Parallel()
			s := startShop(t, charged)
			v := s.buys(newVisitor(t)).pays("debit", "nia@example.com").arrivesAt("/checkout/return")
			page := v.at.String()
			list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
			list.Next()
			s.sim.Fail(stripesim.Fault{Method: "DELETE", Path: "/v1/subscriptions/*", Kind: stripesim.Unavailable, Count: -1})
			if err := s.sim.Settle(list.PaymentIntent().ID, false); err != nil {
				t.Fatal(err)
			}
			if charged != queries.PriceIntervalOnce { // it goes on at Stripe, and may still be charged for
				if v.open(page).arrivesAt("/checkout/return"); strings.Contains(v.page, "nothing was charged") || !strings.Contains(v.page, "that is not finished yet") || !strings.Contains(v.page, "Look again") {
					t.Errorf("while it goes on it says %s", v.page)
				}
			}
			s.sim.Mend()
			s.settled()
			if v.open(page).arrivesAt(offerPath); !strings.Contains(v.page, "did not go through, and nothing was charged") {
				t.Errorf("it says %s", v.page)
			}
			s.buys(v).pays("pay", "nia@example.com")
			if s.settled(); !s.sees("nia@example.com") {
				t.Error("paid in another way, and the course is not there")
			}
			if n := s.count("sales_order"); n != 1 {
				t.Errorf("%d orders", n)
			}
			all := s.api.Subscriptions.List(&stripe.SubscriptionListParams{Status: stripe.String("all")})
			states := map[stripe.SubscriptionStatus]int{}
			for all.Next() {
				states[all.Subscription().Status]++
			}
			if want := map[queries.PriceInterval]int{queries.PriceIntervalMonth: 1}[charged]; states["active"] != want || states["canceled"] != want || len(states) > 2 {
				t.Errorf("subscriptions at Stripe: %v", states)
			}
			for open := s.api.Invoices.List(&stripe.InvoiceListParams{Status: stripe.String("open")}); open.Next(); {
				t.Errorf("invoice %s can still be charged", open.Invoice().ID)
			}
		})
	}
}

// A plan of a client whom Stripe knows is there as soon as they confirm to pay by a bank, and Stripe calls it active. Its page says that
// the first payment is on its way, and asks for no other one, until the bank has answered; it gives nothing before.
func TestFirstDebitOfAPlanIsOnItsWay(t *testing.T) {
	t.Parallel()
	for _, good := range []bool{true, false} {
		t.Run(fmt.Sprint(good), func(t *testing.T) {
			t.Parallel()
			s := startShop(t, queries.PriceIntervalOnce)
			const nia = "nia@example.com"
			v := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
			s.one("UPDATE offer SET name = 'clear-goals-before' RETURNING name::text")
			s.course, _ = s.stock("acme", queries.PriceIntervalMonth)
			s.buys(v).pays("debit", nia).arrivesAt("/checkout/return")
			s.settled()
			id := s.one("SELECT id::text FROM subscription WHERE state = 'active'")
			shows := func(path string, says, keepsQuiet []string) {
				t.Helper()
				v.open(s.portal("acme", path))
				for _, text := range says {
					if !strings.Contains(v.page, text) {
						t.Errorf("%s does not say %q", path, text)
					}
				}
				for _, text := range keepsQuiet {
					if strings.Contains(v.page, text) {
						t.Errorf("%s says %q", path, text)
					}
				}
			}
			pays := "/subscriptions/" + id + "/payment"
			shows("/subscriptions", []string{"Payment on its way", "Your first payment is on its way.", "do not pay again"}, []string{"Active", pays})
			shows("/subscriptions/"+id, []string{"Payment on its way"}, []string{"Pay €"})
			shows("/subscriptions/"+id+"/cancel", []string{"The payment that is on its way is still made"}, nil)
			v.open(s.portal("acme", pays)).arrivesAt("/subscriptions") // from a page that was open
			v.open(s.portal("acme", offerPath)).arrivesAt("/subscriptions")
			if s.sees(nia) || !strings.Contains(v.page, "Your first payment is on its way") {
				t.Errorf("bought beside itself: sees it %v: %s", s.sees(nia), v.page)
			}
			maya := s.maya()
			for _, path := range []string{"/acme/subscriptions", "/acme/subscriptions/" + id, "/acme/contacts/" + s.one("SELECT contact_id::text FROM subscription")} {
				if maya.open(s.admin(path)); !strings.Contains(maya.page, "Payment on its way") {
					t.Errorf("%s does not say it to staff", path)
				}
			}
			v.open(s.portal("acme", "/subscriptions/"+id+"/cancel")).send("/subscriptions/" + id + "/cancel")
			shows("/subscriptions", []string{"Payment on its way", "It ends on ", "/subscriptions/" + id + "/keep"}, []string{"/subscriptions/" + id + "/cancel"})
			v.send("/subscriptions/" + id + "/keep")

			list := s.api.PaymentIntents.List(&stripe.PaymentIntentListParams{})
			list.Next()
			if err := s.sim.Settle(list.PaymentIntent().ID, good); err != nil {
				t.Fatal(err)
			}
			if s.settled(); s.sees(nia) != good {
				t.Errorf("settled %v: sees it %v", good, s.sees(nia))
			}
			want := map[bool]string{true: "Active", false: "Ended"}[good]
			if shows("/subscriptions", []string{want}, []string{"on its way"}); good != strings.Contains(v.page, pays) {
				t.Errorf("settled %v: %s", good, v.page)
			}
		})
	}
}

// Another title is another name at Stripe, of the same product; another price is another price of it.
func TestOfferIsOneProductAtStripe(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.buys(newVisitor(t)) // makes the product
	maya := s.maya()
	offer := "/acme/offers/" + s.offer.String()
	maya.open(s.admin(offer+"/edit")).send(offer, "title", "Clearer goals", "name", "clear-goals", "course", s.course.String(), "price", "59", "currency", "eur", "charged", "once").arrivesAt(offer)
	s.settled()
	until(t, 10*time.Second, "the product has its new name", func() bool {
		product, err := s.api.Products.Get(s.one("SELECT max(stripe_product_id) FROM offer_price"), nil)
		return err == nil && product.Name == "Clearer goals"
	})
	until(t, 10*time.Second, "both prices are there", func() bool { return s.count("offer_price WHERE stripe_price_id <> ''") == 2 })
	if n := s.count("(SELECT DISTINCT stripe_product_id FROM offer_price) p"); n != 1 {
		t.Errorf("it is %d products", n)
	}
	if v := s.buys(newVisitor(t)); !strings.Contains(v.page, "€59.00") || !strings.Contains(v.page, "Clearer goals") {
		t.Errorf("Stripe's page says %s", v.page)
	}
}

// A subscription is not paid when it is due: the page says until when access lasts, it ends then and not before, and is there again
// once it is paid.
func TestSubscriptionLapsesAndResumes(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalMonth)
	const nia = "nia@example.com"
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.settled()
	card := s.card(s.one("SELECT stripe_id FROM subscription"))
	if err := s.sim.SetOutcome(card, stripesim.Declines); err != nil {
		t.Fatal(err)
	}
	if err := s.sim.Advance(32 * 24 * time.Hour); err != nil { // Stripe's clock alone: the program's is what its events are signed by
		t.Fatal(err)
	}
	s.settled()
	due := s.sim.Now()
	if client.open(s.portal("acme", "/subscriptions")); !strings.Contains(client.page, "Payment failed") || !s.seesAt(nia, due) {
		t.Errorf("within the days of grace: sees it %v, %s", s.seesAt(nia, due), client.page)
	}
	if s.seesAt(nia, due.AddDate(0, 0, 8)) {
		t.Error("the days of grace are over, and the access is not")
	}
	if err := s.sim.SetOutcome(card, stripesim.Pays); err != nil {
		t.Fatal(err)
	}
	if _, err := s.api.Invoices.Pay(s.one("SELECT stripe_id FROM invoice WHERE state = 'open'"), nil); err != nil {
		t.Fatal(err)
	}
	if s.settled(); !s.seesAt(nia, due.AddDate(0, 0, 8)) {
		t.Error("it is paid, and the access is not there again")
	}
	if client.open(s.portal("acme", "/subscriptions")); !strings.Contains(client.page, "Active") {
		t.Errorf("paid: %s", client.page)
	}
}

// seesAt says whether a client can use the course at a moment, as far as it is known now.
func (s *shop) seesAt(email string, at time.Time) bool {
	s.t.Helper()
	return s.count("contact c, courses_of(c.account_id, c.id, $2) AS o WHERE c.email = $1 AND o.course_id = $3", email, at, s.course) == 1
}

// card is what a subscription is charged to.
func (s *shop) card(subscription string) string {
	s.t.Helper()
	is, err := s.api.Subscriptions.Get(subscription, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return is.DefaultPaymentMethod.ID
}

// What is paid in full is told as paid everywhere, also where it took several tries: nobody is to read "partial" and pay again.
func TestPaidInFullIsToldAsPaid(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	const nia = "nia@example.com"
	maya := s.maya()
	client := s.buys(newVisitor(t)).pays("pay", nia).arrivesAt("/welcome").send("/welcome", "name", "Nia Okafor", "password", "seven quiet harbours")
	s.sim.Misdeliver(stripesim.Mischief{Duplicate: 2, Count: -1})
	maya.open(s.admin("/acme/invoices/new?contact="+s.one("SELECT id::text FROM contact WHERE email = $1", nia))).send("/acme/invoices", "line-1-text", "Three sessions", "line-1-quantity", "3", "line-1-amount", "40.00")
	staff := maya.at.Path
	maya.send(staff + "/send").arrivesAt(staff)
	mine := s.portal("acme", "/invoices/"+staff[strings.LastIndex(staff, "/")+1:])
	client.open(mine + "/pay")
	client.pays("decline", nia)
	client.pays("secure", nia).pays("approve", "")
	s.settled()
	for _, page := range []string{client.open(mine).page, client.open(s.portal("acme", "/invoices")).page, maya.open(s.admin(staff)).page} {
		if lower := strings.ToLower(page); !strings.Contains(page, "Paid") || strings.Contains(lower, "partial") || strings.Contains(lower, "in part") || strings.Contains(page, mine+"/pay") {
			t.Errorf("it says %s", page)
		}
	}
	if s.count("invoice WHERE order_id IS NULL") != 1 || s.count("invoice WHERE state <> 'paid' OR paid_minor <> total_minor OR remaining_minor <> 0") != 0 {
		t.Errorf("it stands as %s", s.one("SELECT string_agg(i::text, ' ') FROM invoice i"))
	}
}

// A browser with scripts: a coupon shows its price without another page, the purchase is refused and then approved by the bank, and the
// page of a debit looks again by itself until the money is there.
func TestBuyingInABrowser(t *testing.T) {
	t.Parallel()
	s := startShop(t, queries.PriceIntervalOnce)
	s.coupon(nil)
	w := browsertest.Open(t, browsertest.Settings{Phone: true})
	w.Open(s.portal("acme", offerPath))
	w.Press(".sale-coupon summary")
	w.Type("#field-coupon", "WINTER")
	w.Press("button[name=apply]")
	w.Until(`document.querySelector("#field-coupon-error")`)
	if w.Value("#field-coupon") != "WINTER" {
		t.Errorf("what was typed is now %q", w.Value("#field-coupon"))
	}
	w.Type("#field-coupon", "SPRING")
	w.Press("button[name=apply]")
	w.Until(`document.querySelector(".coupon-on")`)
	if w.URL().Path != offerPath || !strings.Contains(w.Text(".sale-amount"), "€39.20") {
		t.Errorf("at %s it costs %s", w.URL(), w.Text(".sale-amount"))
	}
	w.Follow("#offer-form button.btn-primary")
	w.Type("#email", "nia@example.com")
	w.Follow("button[value=decline]")
	w.Follow("button[value=secure]")
	w.Follow("button[value=approve]")
	w.UntilPath("/welcome")

	debit := browsertest.Open(t, browsertest.Settings{})
	debit.Open(s.portal("acme", offerPath))
	debit.Follow("#offer-form button.btn-primary")
	debit.Type("#email", "ana@example.com")
	debit.Follow("button[value=debit]")
	debit.UntilPath("/checkout/return")
	if err := s.sim.Settle(s.paymentOf("ana@example.com"), true); err != nil {
		t.Fatal(err)
	}
	debit.UntilPath("/welcome")
}

// paymentOf is the payment of somebody's checkout.
func (s *shop) paymentOf(email string) string {
	s.t.Helper()
	list := s.api.CheckoutSessions.List(&stripe.CheckoutSessionListParams{CustomerDetails: &stripe.CheckoutSessionListCustomerDetailsParams{Email: &email}})
	if !list.Next() {
		s.t.Fatalf("no checkout of %s: %v", url.QueryEscape(email), list.Err())
	}
	return list.CheckoutSession().PaymentIntent.ID
}
