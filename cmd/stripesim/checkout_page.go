package stripesim

import (
	"net/http"
	"strings"
)

// checkoutView is the data of checkout.html.
type checkoutView struct {
	Session      *CheckoutSession
	Business     text
	Lines        []*CheckoutLine
	Verb, Button string // Pay, Subscribe to
	Every        string // how often a subscription is due; empty: it is none
	Trial        int64
	Email, Name  string
	Fixed        bool // the address is the customer's and cannot be changed here
	Debits       bool // it can be paid by one
	AsksCode     bool
	Code         string // that was applied
	Typed        string // that was refused
	CodeError    string
	Error        string
}

func sessionsOf(b *books) *table[*CheckoutSession] { return &b.sessions }

func (s *Server) checkoutPage(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, sessionsOf, func(b *books, session *CheckoutSession) {
		if b.showEnded(w, session) {
			return
		}
		show(w, http.StatusOK, "checkout.html", b.checkoutView(session))
	})
}

// showEnded is for a session that nothing can be done with any more.
func (b *books) showEnded(w http.ResponseWriter, session *CheckoutSession) bool {
	switch session.Status {
	case "complete":
		show(w, http.StatusOK, "notice.html", noticeView{"This is done", "You have already been through this checkout. Nothing is charged twice.", session.returnTo(), "Go on to " + string(b.accountName())})
	case "expired":
		show(w, http.StatusGone, "notice.html", noticeView{"This checkout has expired", "Nothing was charged. Go back and begin anew.", string(session.CancelURL), "Back to " + string(b.accountName())})
	default:
		return false
	}
	return true
}

func (b *books) checkoutView(session *CheckoutSession) checkoutView {
	view := checkoutView{Session: session, Business: b.accountName(), Lines: session.lines, Verb: "Pay", Button: "Pay " + money(session.AmountTotal, session.Currency), Trial: b.sessionTrial(session)}
	for _, line := range session.lines {
		if every := line.Price.Recurring; every != nil {
			view.Every = "per " + every.Interval
			view.Verb, view.Button = "Subscribe to", "Subscribe"
		}
	}
	view.Debits = session.takesDebits()
	view.AsksCode = session.AllowPromotionCodes != nil && *session.AllowPromotionCodes
	if session.discount != nil {
		if code := b.promotionCodes.get(string(session.discount.PromotionCode)); code != nil {
			view.Code = code.Code
		}
	}
	if who := session.CustomerDetails; who != nil {
		view.Email, view.Name = string(who.Email), string(who.Name)
	}
	customer := b.customers.get(string(session.Customer))
	view.Fixed = session.CustomerEmail != "" || customer != nil && customer.Email != ""
	return view
}

func (s *Server) checkoutForm(w http.ResponseWriter, r *http.Request) {
	withPage(s, w, r, sessionsOf, func(b *books, session *CheckoutSession) {
		if b.showEnded(w, session) {
			return
		}
		who := buyer{strings.TrimSpace(r.PostFormValue("email")), strings.TrimSpace(r.PostFormValue("name"))}
		do := r.PostFormValue("do")
		outcome, pays := outcomes[do]
		switch {
		case do == "code":
			b.typeCode(w, r, session)
			return
		case do == "expire":
			b.expireSession(session)
			onward(w, r, r.URL.Path)
			return
		case !pays:
			http.Error(w, "There is no such button.", http.StatusBadRequest)
			return
		}
		if err := b.checkOut(session, who, outcome); err != nil {
			view := b.checkoutView(session)
			view.Error, view.Email, view.Name = err.Error(), who.Email, who.Name
			show(w, http.StatusUnprocessableEntity, "checkout.html", view)
			return
		}
		b.afterCheckout(w, r, session)
	})
}

// afterCheckout leads to the bank's page if that comes next, else to the business.
func (b *books) afterCheckout(w http.ResponseWriter, r *http.Request, session *CheckoutSession) {
	intent := b.paymentIntents.get(string(session.PaymentIntent))
	switch {
	case session.waiting != "":
		onward(w, r, "/3ds/"+session.ID)
	case intent != nil && intent.Status == RequiresAction:
		onward(w, r, "/3ds/"+intent.ID)
	default:
		onward(w, r, session.returnTo())
	}
}

// typeCode applies a promotion code.
func (b *books) typeCode(w http.ResponseWriter, r *http.Request, session *CheckoutSession) {
	view := b.checkoutView(session)
	view.Typed = r.PostFormValue("code")
	code := b.promotionCode(view.Typed)
	switch {
	case !view.AsksCode || code == nil:
		view.CodeError = "This code is invalid."
	case code.Restrictions.MinimumAmount != 0 && session.AmountSubtotal < int64(code.Restrictions.MinimumAmount):
		view.CodeError = "This code is for purchases from " + money(int64(code.Restrictions.MinimumAmount), string(code.Restrictions.MinimumAmountCurrency)) + "."
	default:
		discount, err := b.promised("", code.ID, string(session.Customer))
		if err != nil {
			view.CodeError = err.Error()
			break
		}
		discount.CheckoutSession = text(session.ID)
		session.discount = discount
		b.totalSession(session)
		onward(w, r, r.URL.Path)
		return
	}
	show(w, http.StatusUnprocessableEntity, "checkout.html", view)
}
