package stripesim

import (
	"net/http"
	"slices"
	"strconv"
	"time"
)

// rootView is the data of root.html.
type rootView struct {
	Version    string
	Now        time.Time
	Processing []*PaymentIntent
	Charges    []*Charge
	Deliveries []rootDelivery
	Unknown    []string
}

type rootDelivery struct{ Type, Event, State, Trouble string }

func (s *Server) rootPage(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	const most = 15
	view := rootView{Version: Version, Now: s.clock.time().UTC(), Unknown: s.unknown}
	for _, b := range s.everyBooks() {
		for intent := range b.paymentIntents.newest() {
			if intent.Status == Processing {
				view.Processing = append(view.Processing, intent)
			}
		}
		for charge := range b.charges.newest() {
			view.Charges = append(view.Charges, charge)
		}
	}
	slices.SortStableFunc(view.Charges, func(a, b *Charge) int { return int(b.Created - a.Created) })
	view.Charges = view.Charges[:min(most, len(view.Charges))]
	for _, d := range slices.Backward(s.webhooks.log[max(0, len(s.webhooks.log)-most):]) {
		row := rootDelivery{d.Type, d.Event, d.State, ""}
		if n := len(d.Attempts); n > 0 && d.State != Delivered {
			row.Trouble = d.Attempts[n-1].Error
			if row.Trouble == "" {
				row.Trouble = "answered " + strconv.Itoa(d.Attempts[n-1].Status)
			}
		}
		view.Deliveries = append(view.Deliveries, row)
	}
	show(w, http.StatusOK, "root.html", view)
}

// rootForm does what a button of the overview says.
func (s *Server) rootForm(w http.ResponseWriter, r *http.Request) {
	id := r.PostFormValue("id")
	var err error
	switch r.PostFormValue("do") {
	case "day":
		err = s.Advance(24 * time.Hour)
	case "month":
		err = s.Advance(31 * 24 * time.Hour)
	case "settle":
		err = s.Settle(id, true)
	case "bounce":
		err = s.Settle(id, false)
	case "dispute":
		_, err = s.Dispute(id, "fraudulent")
	}
	if err != nil {
		show(w, http.StatusConflict, "notice.html", noticeView{"That cannot be done", err.Error(), "/", "Overview"})
		return
	}
	onward(w, r, "/")
}
