package main

import (
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"atrium/cmd/internal/browsertest"
)

// messyFile is one as a spreadsheet in Germany saves it, in Windows-1252.
const messyFile = "Vorname;Nachname;E-Mail-Adresse;Handy;Firma;Gruppe\r\n" +
	"J\xf6rg;M\xfcller;joerg.mueller@example.com;+49 30 1234;Fj\xe4llr\xe4ven;vip, Fr\xfchjahr\r\n" +
	"Zo\xeb;\xd6zt\xfcrk;zoe@example.com;;;\r\n" +
	"Ana;;ANA@example.com;+55 11 1234;;\r\n" +
	"Niemand;;keine adresse;;;\r\n" +
	"Zo\xeb;;zoe@example.com;;;\r\n"

// choose puts a file into the field of a form, as somebody does with the system's dialog.
func choose(w *browsertest.Window, selector, name, content string) {
	browsertest.Get[bool](w, fmt.Sprintf(`(() => {
		const files = new DataTransfer();
		files.items.add(new File([Uint8Array.from(atob(%q), c => c.charCodeAt(0))], %q));
		document.querySelector(%q).files = files.files;
		return true;
	})()`, base64.StdEncoding.EncodeToString([]byte(content)), name, selector))
}

// upload brings a window from the list of contacts to the columns of a file.
func upload(w *browsertest.Window, name, content string) {
	w.Follow(`#main a[href$="/contacts/import"]`)
	choose(w, `input[name="file"]`, name, content)
	w.Leave(func() { w.Press("#imports-upload button.btn-primary") })
}

// checkRows has the rows of the file checked, and waits for the result.
func checkRows(w *browsertest.Window) {
	w.Press("#imports-columns button.btn-primary")
	w.Until(`document.querySelector("#imports-rows")`)
}

// TestImportInTheBrowser brings a messy file in: its columns are guessed, its rows checked, and then they are contacts.
func TestImportInTheBrowser(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme/contacts"))
	w.Follow(`#main a[href$="/contacts/import"]`)
	choose(w, `input[name="file"]`, "people.xlsx", "PK\x03\x04 xl/workbook.xml")
	w.Press("#imports-upload button.btn-primary")
	w.UntilFocus(`input[name="file"][aria-invalid]`)
	if text := w.Text("#field-file-error"); !strings.Contains(text, "Excel") {
		t.Error(text)
	}
	w.Open(s.admin("/acme/contacts"))
	upload(w, "kunden.csv", messyFile)
	if guess := browsertest.Get[string](w, `[...document.querySelectorAll("#imports-columns td select")].map(s => s.value).join(" ")`); guess != "first_name last_name email phone company tags" {
		t.Errorf("the columns are guessed as %s", guess)
	}
	checkRows(w)
	for line, says := range map[int]string{2: "Jörg Müller", 3: "Öztürk", 4: "Changes name, phone", 5: "Cannot be taken", 6: "Line 3 has this address first"} {
		if text := w.Text(fmt.Sprintf("#imports-row-%d", line)); !strings.Contains(text, says) {
			t.Errorf("line %d: %s", line, text)
		}
	}
	w.Press(`form[action$="/start"] button`)
	w.Until(`document.querySelector("#imports-rows") && document.querySelector('#imports-row-2 a[href^="/acme/contacts/"]')`)
	w.Open(s.admin("/acme/contacts?q=fjällräven"))
	w.Until(`document.querySelector("#contacts-rows")?.innerText.includes("Jörg Müller")`)
}
