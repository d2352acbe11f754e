package stripesim_test

import (
	"flag"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stripe/stripe-go/v76"

	"atrium/cmd/internal/browsertest"
	"atrium/cmd/stripesim"
)

var screens = flag.String("screens", "", "folder for a picture of every hosted page; empty: none are taken")

// visit goes through the hosted pages with a real browser.
type visit struct {
	*sim
	*browsertest.Window
	look, shop string
}

// TestPagesInABrowser pays, cancels and connects by pressing buttons, as people and other tests do, and looks for barriers on each page.
func TestPagesInABrowser(t *testing.T) {
	for look, settings := range map[string]browsertest.Settings{"laptop": {}, "laptop-dark": {Dark: true}, "phone": {Phone: true}, "phone-dark": {Phone: true, Dark: true, NoScripts: true}} {
		t.Run(look, func(t *testing.T) {
			s := start(t, stripesim.Options{})
			shop := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "text/html")
				w.Write([]byte(`<!doctype html><html lang="en"><title>Shop</title><link rel="icon" href="data:,"><p id="shop">` + r.URL.Path))
			}))
			t.Cleanup(shop.Close)
			v := &visit{s, browsertest.Open(t, settings), look, shop.URL}
			v.buy()
			v.payInvoice()
			v.manage()
			v.connect()
			v.Window.Open(s.server.URL)
			v.see("overview")
		})
	}
}

// see looks at a page.
func (v *visit) see(name string) {
	v.Helper()
	if !strings.HasSuffix(v.look, "phone-dark") { // which runs no scripts, so nobody can look with one
		for _, barrier := range v.Barriers() {
			v.Errorf("%s: %s", name, barrier)
		}
		if browsertest.Get[bool](v.Window, `document.documentElement.scrollWidth > innerWidth`) {
			v.Errorf("%s is wider than the window", name)
		}
	}
	if *screens != "" {
		v.do(os.MkdirAll(*screens, 0o755))
		v.do(os.WriteFile(filepath.Join(*screens, name+"-"+v.look+".png"), v.Picture(), 0o644))
	}
}

func (v *visit) buy() {
	code := must(v.Coupons.New(&stripe.CouponParams{PercentOff: stripe.Float64(10), Duration: stripe.String("once")}))
	must(v.PromotionCodes.New(&stripe.PromotionCodeParams{Coupon: stripe.String(code.ID), Code: stripe.String("TEN")}))
	session := v.checkout(v.price(4900, ""), func(p *stripe.CheckoutSessionParams) {
		p.SuccessURL, p.CancelURL = stripe.String(v.shop+"/thanks"), stripe.String(v.shop+"/offer")
		p.AllowPromotionCodes = stripe.Bool(true)
		p.LineItems = append(p.LineItems, &stripe.CheckoutSessionLineItemParams{Quantity: stripe.Int64(2), PriceData: &stripe.CheckoutSessionLineItemPriceDataParams{Currency: stripe.String("eur"), UnitAmount: stripe.Int64(1250),
			ProductData: &stripe.CheckoutSessionLineItemPriceDataProductDataParams{Name: stripe.String("A workbook with a title that is as long as titles of workbooks tend to be")}}})
	})
	v.Window.Open(session.URL)
	v.see("checkout")
	v.Type("#code", "NO")
	v.Follow(`[value=code]`)
	v.Type("#code", "TEN")
	v.see("checkout-code")
	v.Follow(`[value=code]`)
	v.Type("#email", "ada@example.com")
	v.Follow(`[value=decline]`)
	v.see("checkout-declined")
	v.Follow(`[value=secure]`)
	v.see("secure")
	v.Follow(`[value=approve]`)
	is(v, "where it leads after paying", v.Text("#shop"), "/thanks")
	v.Window.Open(session.URL)
	v.see("checkout-done")
	v.Follow("a.main")
	is(v, "where that leads", v.Text("#shop"), "/thanks")
	another := v.checkout(v.price(1900, "month"), func(p *stripe.CheckoutSessionParams) { p.CancelURL = stripe.String(v.shop + "/offer") })
	v.Window.Open(another.URL)
	v.see("checkout-subscription")
	v.Follow("#cancel")
	is(v, "where back leads", v.Text("#shop"), "/offer")
}

func (v *visit) payInvoice() {
	invoice := v.sent(v.customer("").ID)
	v.Window.Open(invoice.HostedInvoiceURL)
	v.see("invoice")
	v.Follow(`[value=pay]`)
	is(v, "the invoice", v.Text("#state"), "Paid")
	v.see("invoice-paid")
	v.Window.Open(must(v.Charges.Get(must(v.Invoices.Get(invoice.ID, nil)).Charge.ID, nil)).ReceiptURL)
	v.see("receipt")
}

func (v *visit) manage() {
	customer := v.customer("pm_card_visa")
	v.subscribe(customer.ID, nil)
	v.Window.Open(must(v.BillingPortalSessions.New(&stripe.BillingPortalSessionParams{Customer: stripe.String(customer.ID), ReturnURL: stripe.String(v.shop + "/subscriptions")})).URL)
	v.see("portal")
	v.Follow(`[value=cancel]`)
	v.see("portal-ending")
	v.Follow(`[value=keep]`)
	v.Follow(`[value=secure_card]`)
	v.Follow("#back")
	is(v, "where back leads", v.Text("#shop"), "/subscriptions")
}

func (v *visit) connect() {
	account := must(v.Accounts.New(&stripe.AccountParams{BusinessProfile: &stripe.AccountBusinessProfileParams{Name: stripe.String("Acme Coaching")}}))
	v.Window.Open(must(v.AccountLinks.New(&stripe.AccountLinkParams{Account: stripe.String(account.ID), Type: stripe.String("account_onboarding"), ReturnURL: stripe.String(v.shop + "/connected"), RefreshURL: stripe.String(v.shop)})).URL)
	v.see("connect")
	v.Follow(`[value=finish]`)
	is(v, "where it leads after connecting", v.Text("#shop"), "/connected")
	v.Window.Open(v.server.URL + "/nowhere")
	v.see("lost")
}
