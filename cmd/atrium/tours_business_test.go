package main

import "atrium/cmd/internal/browsertest"

// portalViews are what staff set up of their portal, and what it did by itself.
var portalViews = []view{
	adminPage("admin-account-brand", "/acme/brand"),
	adminPage("admin-account-apps", "/acme/apps"),
	adminPage("admin-account-mail-texts", "/acme/mail-texts"),
	adminPage("admin-account-mail-texts-kind", "/acme/mail-texts/invitation"),
	adminPage("admin-account-mail-log", "/acme/mail-log"),
	{"admin-account-mail-log-id", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/acme/mail-log"))
		w.Follow("main tr.row a.row-link")
	}},
	adminPage("admin-account-jobs", "/acme/jobs"),
}

// taskViews are many contacts at once: chosen, asked about, and done.
var taskViews = []view{
	adminPage("admin-account-tasks", "/acme/tasks"),
	{"admin-account-contacts.chosen", func(s *site, w *browsertest.Window) {
		w.Open(s.admin("/acme/contacts?q=an"))
		w.Press(`input[data-check-all]`)
		w.Until(`getComputedStyle(document.querySelector(".choose")).display === "flex"`)
	}},
	{"admin-account-contacts.asked", func(s *site, w *browsertest.Window) {
		w.Until(`(document.querySelector("select[name=kind]").value = "tag") === "tag"`)
		w.Follow(`.choose .btn-primary`)
	}},
	{"admin-account-contacts.asked-refused", func(_ *site, w *browsertest.Window) {
		w.Type(`input[name="new_tag"]`, "one, two")
		w.Press(`#contacts-chosen .btn-primary`)
		w.Until(`document.querySelector("#contacts-chosen [aria-invalid]")`)
	}},
	{"admin-account-tasks-id", func(_ *site, w *browsertest.Window) {
		w.Type(`input[name="new_tag"]`, "Spring cohort")
		w.Follow(`#contacts-chosen .btn-primary`)
		w.Until(`document.querySelectorAll("main tbody tr").length > 1`)
	}},
	adminPage("admin-account-tasks.done", "/acme/tasks"),
	adminPage("admin-account-contacts.tagged", "/acme/contacts?tag=Spring+cohort"),
}
