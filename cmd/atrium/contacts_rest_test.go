package main

import (
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestContactsLookedThrough searches a long list of contacts for what is far down in it: the list looks on by itself, and says when nobody is there.
func TestContactsLookedThrough(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	s.exec(`INSERT INTO contact (account_id, id, email, name, source, created_at, changed_at)
		SELECT $1, lpad(to_hex(i), 32, '0')::uuid, 'c' || i || '@bulk.example', CASE WHEN i % 12 = 0 THEN 'Zora ' ELSE 'Abel ' END || to_char(i, 'FM0000'), 'import', now(), now()
		FROM generate_series(1, 3000) i`)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/contacts?sort=name"))
	w.Type("#field-q", "zora")
	w.Until(`document.querySelectorAll("#contacts-rows tr").length === 50 && document.querySelector("#contacts-rows .row-link").textContent === "Zora 0012"`)
	w.Press("#contacts-more a")
	w.Until(`document.querySelectorAll("#contacts-list tr.row").length === 100`)
	w.Open(s.admin("/acme/contacts?sort=name&q=zora&state=joined"))
	w.Until(`document.querySelector("#contacts-list .empty") !== null && document.querySelector(".rest") === null`)
}
