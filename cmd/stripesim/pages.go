package stripesim

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"time"
)

//go:embed pages/*.html
var pageFiles embed.FS

//go:embed pages/style.css
var styleFile []byte

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"money": money,
	"minus": func(amount int64) int64 { return -amount },
	"unit":  func(line *CheckoutLine) int64 { return line.Price.UnitAmount * line.Quantity },
	"date":  func(at int64) string { return time.Unix(at, 0).UTC().Format("2 January 2006") },
}).ParseFS(pageFiles, "pages/*.html"))

// pagePolicy lets a page have its stylesheet and no more. It says nothing of forms, because a browser would hold it against the redirect
// to the business that follows one.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"

// show renders a page whole before its first byte is sent.
func show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "This page could not be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Security-Policy", pagePolicy)
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(page.Bytes())
}

func stylesheet(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/css; charset=utf-8")
	w.Write(styleFile)
}

// noticeView is the data of notice.html.
type noticeView struct{ Title, Text, Link, Verb string }

// lostPage answers for an address that is not here.
func (s *Server) lostPage(w http.ResponseWriter, _ *http.Request) {
	show(w, http.StatusNotFound, "notice.html", noticeView{"Nothing is here", "The address is not complete, or what was there has been forgotten.", "/", "Overview"})
}

// withPage works on a page's object under the lock; what has no such object is lost.
func withPage[T object](s *Server, w http.ResponseWriter, r *http.Request, table func(*books) *table[T], do func(*books, T)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.catchUp()
	for _, b := range s.everyBooks() {
		if row, there := table(b).rows[r.PathValue("id")]; there {
			do(b, row)
			return
		}
	}
	s.lostPage(w, r)
}

// onward sends a browser on after a form.
func onward(w http.ResponseWriter, r *http.Request, to string) {
	http.Redirect(w, r, to, http.StatusSeeOther)
}

// outcomes are what the buttons of a page stand for.
var outcomes = map[string]Outcome{"pay": Pays, "decline": Declines, "no_funds": NoFunds, "secure": Authenticates, "debit": Debits}
