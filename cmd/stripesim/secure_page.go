package stripesim

import "net/http"

// secureView is the data of secure.html.
type secureView struct {
	Amount   int64
	Currency string
}

// bankQuestion is what a bank asks about: a payment, or a checkout whose subscription waits for the answer.
type bankQuestion struct {
	b       *books
	intent  *PaymentIntent
	session *CheckoutSession
}

// question finds what an address of 3-D Secure is about; nil: nothing is asked there.
func (s *Server) question(id string) *bankQuestion {
	for _, b := range s.everyBooks() {
		if intent := b.paymentIntents.get(id); intent != nil && intent.Status == RequiresAction {
			return &bankQuestion{b, intent, b.sessions.get(intent.session)}
		}
		if session := b.sessions.get(id); session != nil && session.Status == "open" && session.waiting != "" {
			return &bankQuestion{b, nil, session}
		}
	}
	return nil
}

func (s *Server) securePage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	q := s.question(r.PathValue("id"))
	switch {
	case q == nil:
		show(w, http.StatusGone, "notice.html", noticeView{Title: "Your bank asks nothing more", Text: "This was answered, or it has been given up. You can close the page."})
	case q.intent != nil:
		show(w, http.StatusOK, "secure.html", secureView{q.intent.Amount, q.intent.Currency})
	default:
		show(w, http.StatusOK, "secure.html", secureView{q.session.AmountTotal, q.session.Currency})
	}
}

func (s *Server) secureForm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	q := s.question(r.PathValue("id"))
	if q == nil {
		onward(w, r, r.URL.Path)
		return
	}
	to, err := q.answer(r.PostFormValue("do") == "approve")
	if err != nil && q.session != nil {
		view := q.b.checkoutView(q.session)
		view.Error = err.Error()
		show(w, http.StatusUnprocessableEntity, "checkout.html", view)
		return
	}
	onward(w, r, to)
}

// answer takes the customer's answer and says where it goes on.
func (q *bankQuestion) answer(yes bool) (to string, err error) {
	if q.intent == nil {
		if !yes {
			q.session.waiting = ""
			return "/c/pay/" + q.session.ID, nil
		}
		if err := q.b.subscribe(q.session, Pays); err != nil {
			return "", err
		}
		return q.session.returnTo(), nil
	}
	q.b.authenticated(q.intent, yes)
	switch {
	case q.session != nil && yes:
		return q.session.returnTo(), nil
	case q.session != nil:
		return "/c/pay/" + q.session.ID, nil
	case q.intent.returnURL != "":
		return q.intent.returnURL, nil
	case q.intent.Invoice != "":
		return "/i/" + string(q.intent.Invoice), nil
	}
	return "/3ds/" + q.intent.ID, nil
}
