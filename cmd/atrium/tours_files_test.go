package main

import "atrium/cmd/internal/browsertest"

// fileViews are the files of a lesson and the certificates of a course.
var fileViews = []view{
	page("admin-account-courses-id-certificates", func(s *site) string {
		course, number := s.finished("ana@example.com")
		s.alter("UPDATE certificate SET pdf = '%PDF' WHERE number = $1", number)
		for _, email := range []string{"gabriela.montserrat@example.org", "wei.zhang@example.org", "dmitri@example.com"} {
			_, other := s.finished(email)
			s.alter("UPDATE certificate SET course_id = $1, pdf = '%PDF' WHERE number = $2", course, other)
			if email == "wei.zhang@example.org" {
				s.alter("UPDATE certificate SET holder = '張偉', revoked_at = now(), revoked_note = 'The quiz was taken by somebody else' WHERE number = $1", other)
			}
		}
		return s.admin("/acme/courses/" + course.String() + "/certificates")
	}),
	{"admin-account-courses-id-certificates-certificate-revoke", func(_ *site, w *browsertest.Window) { w.Follow(`a[href$="/revoke"]`) }},
	{"admin-account-courses-id-certificates-certificate-revoke.refused", func(_ *site, w *browsertest.Window) {
		w.Follow(`#certificate-revoke .btn-danger`)
	}},
	page("admin-account-courses-id-certificates.none", func(s *site) string {
		_, course := s.lesson()
		return s.admin("/acme/courses/" + course.String() + "/certificates")
	}),
	page("admin-account-courses-id-lessons-lesson.files", func(s *site) string {
		path, lesson := s.lesson()
		for _, name := range []string{"Worksheet, week one.pdf", "A name as long as people make them when they save something for the fourth time, final version (2).pptx"} {
			s.alter("WITH f AS (INSERT INTO stored_file (account_id, id, name, media_type, size_bytes, created_at, ready_at, uploaded_by) "+
				"SELECT account_id, gen_random_uuid(), $1, 'application/pdf', 1234567, now(), now(), (SELECT id FROM staff WHERE email = $3) FROM lesson WHERE id = $2 RETURNING account_id, id) "+
				"INSERT INTO lesson_file SELECT account_id, $2, id, 1 FROM f", name, lesson, maya.email)
		}
		return s.admin("/acme" + path)
	}),
	{"admin-account-courses-id-lessons-lesson.file-dialog", func(_ *site, w *browsertest.Window) { w.Press(`[commandfor^="files-replace-"]`) }},
}
