package mailboxpage

import (
	"bytes"
	"net/http"
	"strings"
)

// pagePolicy lets a page have its stylesheet and frame a mail, no more.
const pagePolicy = "default-src 'none'; style-src 'self'; img-src 'self' data:; frame-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// mailPolicy holds a mail as a mail program does: no script, no form, pictures
// and inline styles only. A link leads out of it into a tab without these limits.
const mailPolicy = "sandbox allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation; " +
	"default-src 'none'; style-src 'unsafe-inline'; img-src http: https: data:; form-action 'none'; frame-ancestors 'self'"

// missingPage is the data of missing.html.
type missingPage struct{ Root string } // the way back to the list, relative

// root is the relative way from an address up to the list.
func root(path string) string {
	return "./" + strings.Repeat("../", max(0, strings.Count(path, "/")-1))
}

// missing answers for a mail that is no longer kept, and for any other address.
func missing(w http.ResponseWriter, r *http.Request) {
	show(w, http.StatusNotFound, "missing.html", missingPage{Root: root(r.URL.Path)})
}

// show renders a page whole before its first byte is sent.
func show(w http.ResponseWriter, status int, name string, data any) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, data); err != nil {
		http.Error(w, "This page could not be shown: "+err.Error(), http.StatusInternalServerError)
		return
	}
	send(w, status, "text/html; charset=utf-8", pagePolicy, page.Bytes())
}

// send writes an answer that is never kept and never tells where a link was.
func send(w http.ResponseWriter, status int, contentType, policy string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", contentType)
	header.Set("Content-Security-Policy", policy)
	header.Set("Cache-Control", "no-store")
	header.Set("Referrer-Policy", "no-referrer")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	w.Write(body)
}
