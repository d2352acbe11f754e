// Package mailboxpage shows the mails of the demo's mailbox in a browser: a
// list that keeps itself current, and each mail as its reader gets it. Links in
// a mail open in a tab of their own, so that an invitation can be followed.
//
// It shows sign-in links to whoever opens it. Only `atrium demo` may serve it,
// on loopback.
package mailboxpage

import (
	"embed"
	"html/template"
	"net/http"
	"time"

	"atrium/jobs/mailbox"
)

//go:embed list.html message.html missing.html
var files embed.FS

//go:embed style.css
var stylesheet []byte

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"clock":    clock,
	"exact":    exact,
	"name":     name,
	"snippet":  snippet,
	"linkable": linkable,
	"headers":  headers,
}).ParseFS(files, "*.html"))

// handler answers from one box.
type handler struct{ box *mailbox.Box }

// New returns the pages over a box: the list at /, a mail at /m/ID, its HTML
// part at /m/ID/html and its source at /m/ID/raw. All addresses in them are
// relative, so it can stand below a path, if that is stripped.
func New(box *mailbox.Box) http.Handler {
	h := handler{box}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", h.list)
	mux.HandleFunc("GET /m/{id}", h.message)
	mux.HandleFunc("GET /m/{id}/html", h.html)
	mux.HandleFunc("GET /m/{id}/raw", h.raw)
	mux.HandleFunc("GET /style.css", style)
	mux.HandleFunc("/", missing)
	return mux
}

// listPage is the data of list.html.
type listPage struct {
	Messages []mailbox.Message
	Now      time.Time
}

func (h handler) list(w http.ResponseWriter, _ *http.Request) {
	show(w, http.StatusOK, "list.html", listPage{h.box.Messages(), time.Now()})
}

// messagePage is the data of message.html.
type messagePage struct {
	mailbox.Message
	Now time.Time
}

func (h handler) message(w http.ResponseWriter, r *http.Request) {
	if message, found := h.box.Message(r.PathValue("id")); found {
		show(w, http.StatusOK, "message.html", messagePage{message, time.Now()})
		return
	}
	missing(w, r)
}

func (h handler) html(w http.ResponseWriter, r *http.Request) {
	message, found := h.box.Message(r.PathValue("id"))
	if !found || message.HTML == "" {
		missing(w, r)
		return
	}
	send(w, http.StatusOK, "text/html; charset=utf-8", mailPolicy, []byte(inNewTabs(message.HTML)))
}

func (h handler) raw(w http.ResponseWriter, r *http.Request) {
	if message, found := h.box.Message(r.PathValue("id")); found {
		send(w, http.StatusOK, "text/plain; charset=utf-8", pagePolicy, message.Raw)
		return
	}
	missing(w, r)
}

func style(w http.ResponseWriter, _ *http.Request) {
	send(w, http.StatusOK, "text/css; charset=utf-8", pagePolicy, stylesheet)
}
