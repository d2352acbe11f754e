package main

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"atrium/cmd/internal/browsertest"
)

// withFarContacts is the demo with a long list of contacts at Acme, sorted by name: each twelfth is a Zora, and the first sixty Abels are coaches as the last
// fifty Zoras are.
func withFarContacts(t *testing.T) (*site, *browsertest.Window) {
	t.Helper()
	s := startSite(t, seedDemo)
	s.exec(`INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at)
		SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@bulk.example', CASE WHEN i % 12 = 0 THEN 'Zora ' ELSE 'Abel ' END || to_char(i, 'FM0000'), 'import',
			CASE WHEN i <= 65 AND i % 12 <> 0 OR i > 2400 AND i % 12 = 0 THEN ARRAY['coach'] ELSE '{}' END, now(), now()
		FROM generate_series(1, 3000) i`)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	return s, w
}

const contactRows = `document.querySelectorAll("#contacts-list tr.row").length`

// TestContactsLookedThrough searches a long list of contacts for what is far down in it: the list looks on by itself, and says so, and when it is
// through. The focus stays where it is meanwhile.
func TestContactsLookedThrough(t *testing.T) {
	t.Parallel()
	s, w := withFarContacts(t)
	w.Slow()
	w.Open(s.admin("/acme/contacts?sort=name"))
	listen(w)
	w.Type("#field-q", "zora")
	w.Until(`document.querySelectorAll("#contacts-rows tr").length === 50 && document.querySelector("#contacts-rows .row-link").textContent === "Zora 0012"`)
	w.UntilFocus("#field-q")
	heard(t, w, "Looking through all contacts…", "At least 80 contacts")

	w.Open(s.admin("/acme/contacts?sort=name&tag=coach"))
	listen(w)
	browsertest.Get[any](w, `document.querySelector("#contacts-more a").focus()`)
	w.Keys(kb.Enter)
	w.Until(contactRows + ` > 50`)
	w.Keys(kb.Tab + kb.Tab)
	w.Until(contactRows + ` === 110 && document.querySelector("#contacts-more") === null`)
	if at := browsertest.Get[string](w, `document.activeElement.closest("tr").querySelector(".row-link").textContent`); at != "Abel 0055" {
		t.Errorf("the rest that came by itself took the focus to %s", at)
	}
	heard(t, w, "Looking through all contacts…", "50 more contacts, and that is all")

	w.Open(s.admin("/acme/contacts?state=joined"))
	listen(w)
	w.Type("#field-q", "zora")
	w.Until(`document.querySelector("#contacts-list .empty") !== null && document.querySelector(".rest") === null`)
	heard(t, w, "Looking through all contacts…", "Nobody fits")
	for _, barrier := range w.Barriers() {
		t.Error(barrier)
	}
}

// TestContactsLookedThroughInTime searches for something else while the list still looks on: what was found for the search before does not come.
func TestContactsLookedThroughInTime(t *testing.T) {
	t.Parallel()
	s, w := withFarContacts(t)
	w.Open(s.admin("/acme/contacts?sort=name"))
	browsertest.Get[any](w, `(real => { window.fetch = (url, options) => window.held || !String(url).includes("through=on") ? real(url, options) : new Promise((resolve, reject) => {
		window.held = () => real(url).then(async (answer) => { await answer.clone().text(); resolve(answer); });
		options.signal.addEventListener("abort", () => reject(options.signal.reason));
	}) })(window.fetch)`)
	w.Type("#field-q", "zora")
	w.Until(`window.held && document.querySelector(".rest.htmx-request") !== null`)
	w.Type("#field-q", "zora 24")
	const found = contactRows + ` === 9 && document.querySelector("#contacts-rows .row-link").textContent === "Zora 2400"`
	w.Until(found)
	browsertest.Get[any](w, `held()`)
	w.UntilQuiet()
	w.Until(found)
}

// listen keeps from now on what a screen reader says of the page by itself: what changes in its live regions, as long as they stay.
func listen(w *browsertest.Window) {
	browsertest.Get[any](w, `(window.heard = [], document.querySelectorAll("[role=status], [role=alert], [aria-live=polite]").forEach(region => {
		new MutationObserver(() => {
			const text = region.innerText.trim();
			if (region.isConnected && text && text !== heard.at(-1)) heard.push(text);
		}).observe(region, {childList: true, characterData: true, subtree: true});
	}))`)
}

// heard wants that to be what was said last.
func heard(t *testing.T, w *browsertest.Window, want ...string) {
	t.Helper()
	said := browsertest.Get[string](w, `heard.join(" | ")`)
	if !strings.HasSuffix(said, strings.Join(want, " | ")) {
		t.Errorf("heard was %q, want %q", said, want)
	}
}
