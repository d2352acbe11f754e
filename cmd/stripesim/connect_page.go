package stripesim

import "net/http"

// connectView is the data of connect.html.
type connectView struct{ Name text }

// link is the onboarding link of an address, if it can still be used. An old one leads back to where a new one is made.
func (s *Server) link(w http.ResponseWriter, r *http.Request) (*linkState, *Account) {
	link := s.links[r.PathValue("id")]
	if link == nil || s.accounts.get(link.account) == nil {
		s.lostPage(w, r)
		return nil, nil
	}
	if link.used || link.expires < s.now() {
		onward(w, r, link.refreshURL)
		return nil, nil
	}
	return link, s.accounts.get(link.account)
}

func (s *Server) connectPage(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, account := s.link(w, r); account != nil {
		show(w, http.StatusOK, "connect.html", connectView{account.BusinessProfile.Name})
	}
}

func (s *Server) connectForm(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	link, account := s.link(w, r)
	if account == nil {
		return
	}
	link.used = true
	if r.PostFormValue("do") == "finish" {
		account.onboard()
		s.books[account.ID].emit("account.updated", account)
	}
	onward(w, r, link.returnURL)
}
