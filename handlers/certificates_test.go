package handlers

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// Anybody can look a number up, as they read it, and learns no more than stands on the document.
func TestCertificateIsLookedUp(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.taught(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	b := s.portal(t, s.acme)
	s.exec(t, "UPDATE certificate SET number = '7KQ4-M2ZD-01', completed_on = '2026-03-14'")
	for _, typed := range []string{"7KQ4-M2ZD-01", "7kq4-m2zd-oi", "7KQ4M2ZD01", "7KQ4 M2ZD 0l", "7KQ4–M2ZD–01"} {
		p := b.get("/certificates/"+url.PathEscape(typed)).is(http.StatusOK).has("#certificate .badge-success", "meta[name=robots]")
		if said := p.words(); !strings.Contains(said, "This certificate is genuine") || !strings.Contains(said, "Ana Souza") || !strings.Contains(said, "Clear goals") ||
			!strings.Contains(said, "14 Mar 2026") || !strings.Contains(said, "Acme Coaching") {
			t.Errorf("%s: %s", typed, said)
		}
		if strings.Contains(p.body, "ana@example.com") || strings.Contains(p.body, w.course.String()) || strings.Contains(p.body, w.certificate.String()) {
			t.Error("it tells more than that")
		}
	}
	s.exec(t, "UPDATE certificate SET revoked_at = now(), revoked_note = 'Given by mistake'")
	p := b.get("/certificates/7KQ4-M2ZD-01").is(http.StatusOK).has("#certificate .badge-error").lacks(".badge-success", "dl")
	if said := p.words(); !strings.Contains(said, "not valid any more") || !strings.Contains(said, "has revoked the certificate 7KQ4-M2ZD-01.") {
		t.Errorf("of a revoked one it says %s", said)
	}
	for _, private := range []string{"mistake", "Ana Souza", "Clear goals", "14 Mar 2026"} {
		if strings.Contains(p.body, private) {
			t.Errorf("of a revoked one it tells %s", private)
		}
	}
	s.exec(t, "UPDATE certificate SET revoked_at = NULL")
	for _, typed := range []string{"7KQ4-M2ZD-02", "x", "7KQ4-M2ZD-01-01", "%27", "7KQ4-M2ZD-0%00", strings.Repeat("7", 3000)} {
		p := b.get("/certificates/"+typed).is(http.StatusNotFound).has("#certificate", "meta[name=robots]").lacks(".badge")
		if said := p.words(); !strings.Contains(said, "No certificate has this number") || strings.Contains(said, "Ana") {
			t.Errorf("%.20s: %s", typed, said)
		}
	}
	s.portal(t, s.lumen).get("/certificates/7KQ4-M2ZD-01").is(http.StatusNotFound).lacks(".badge")
}

// Numbers cannot be tried through.
func TestCertificatesAreNotTriedThrough(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	b := s.portal(t, s.acme)
	for range queries.LimitCertificateIP.Times {
		b.get("/certificates/" + queries.NewCertificateNumber()).is(http.StatusNotFound)
	}
	b.get("/certificates/" + queries.NewCertificateNumber()).is(http.StatusTooManyRequests)
	s.portal(t, s.acme).get("/certificates/" + queries.NewCertificateNumber()).is(http.StatusNotFound) // somebody else's
	s.clock.move(queries.LimitCertificateIP.Per)
	b.get("/certificates/" + queries.NewCertificateNumber()).is(http.StatusNotFound)
}

// A client downloads the certificate of a course they may use, as long as it is valid and made.
func TestCertificateIsDownloaded(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	w := s.taught(t, ana)
	s.exec(t, "INSERT INTO access_grant (account_id, id, contact_id, course_id, source, source_id, starts_at, created_at) VALUES ($1, $2, $3, $4, 'manual', $2, $5, $5)",
		s.acme.id, queries.NewID(), ben.id, w.course, noon.Add(-time.Hour))
	b, path := s.client(t, ana), "/courses/"+w.course.String()+"/certificate"
	b.get(path).is(http.StatusOK).bodyIs("%PDF-1.4").sent("Content-Type", "application/pdf").sent("Cache-Control", "no-store").
		sent("Content-Disposition", `attachment; filename="Certificate `+w.number+`.pdf"; filename*=UTF-8''Certificate%20`+w.number+`.pdf`)
	s.client(t, ben).get(path).gone() // who has not finished
	for _, c := range [][2]string{
		{"UPDATE certificate SET revoked_at = now()", "UPDATE certificate SET revoked_at = NULL"},
		{"UPDATE certificate SET pdf = NULL", "UPDATE certificate SET pdf = '%PDF-1.4'"},
		{"UPDATE course SET published_at = NULL", "UPDATE course SET published_at = '2026-01-01'"},
		{"UPDATE access_grant SET ended_at = '2026-01-01', ended_because = 'revoked'", ""},
	} {
		s.exec(t, c[0])
		b.get(path).gone()
		if c[1] != "" {
			s.exec(t, c[1])
			b.get(path).is(http.StatusOK)
		}
	}
}

// Staff see all certificates of a course, page by page, look into them, revoke one with a reason and take that back.
func TestCertificatesOfACourse(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)
	w := s.taught(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	b, list := s.staff(t, maya), "/acme/courses/"+w.course.String()+"/certificates"
	p := b.get(list).is(http.StatusOK).has("#certificates-row-"+w.certificate.String()+" .badge-success", "a[href='http://acme.portal.test/certificates/"+w.number+"']")
	b.get(attr(p.one("a[download]"), "href")).is(http.StatusOK).bodyIs("%PDF-1.4").sent("Content-Type", "application/pdf")

	one := list + "/" + w.certificate.String()
	p = b.get(one + "/revoke").is(http.StatusOK)
	for _, reason := range []string{"", "x", strings.Repeat("x", reasonMost+1)} {
		b.fill(p, "#certificate-revoke", "reason", reason).is(http.StatusUnprocessableEntity).has("#certificate-revoke [aria-invalid=true]")
	}
	s.rows(t, 0, "certificate WHERE revoked_at IS NOT NULL")
	b.fill(p, "#certificate-revoke", "reason", "Given  by mistake").leadsTo(list)
	s.rows(t, 1, "certificate WHERE revoked_at = $1 AND revoked_note = 'Given by mistake'", s.clock.now())
	s.rows(t, 1, "audit WHERE action = 'certificate.revoke' AND note = 'Given by mistake' AND subject = $1 AND staff_id = $2", w.number+" of Ana Souza", maya.id)
	b.fill(p, "#certificate-revoke", "reason", "Once more").is(http.StatusNotFound) // in another window
	b.get(one + "/revoke").leadsTo(list)
	p = b.get(list).has(".badge-error")
	if !strings.Contains(p.words(), "Given by mistake") {
		t.Error("the list does not say why")
	}
	for range 2 { // the second time nothing is left to restore
		b.fill(p, "#certificates-row-"+w.certificate.String()+" form").leadsTo(list)
	}
	s.rows(t, 1, "certificate WHERE revoked_at IS NULL AND revoked_note = ''")
	s.rows(t, 1, "audit WHERE action = 'certificate.restore'")

	support := s.staff(t, s.person(t, "sam@acme.example", queries.StaffRoleSupport, s.acme))
	support.get(list).is(http.StatusOK).lacks("main form", "a[href='"+one+"/revoke']")
}

// The list has a next page, says what it is for when it is empty, and what a certificate lacks.
func TestCertificatesListIsLong(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	w := s.taught(t, s.arrived(t, s.acme, "ana@example.com", "Ana Souza"))
	b, list := s.staff(t, s.person(t, "maya@acme.example", queries.StaffRoleAdmin, s.acme)), "/acme/courses/"+w.course.String()+"/certificates"
	s.exec(t, "UPDATE certificate SET holder = '山田太郎', pdf = NULL")
	if said := b.get(list).has(".badge-info").lacks("a[download]").words(); !strings.Contains(said, "our font lacks its letters") {
		t.Errorf("it says %s", said)
	}
	var ids []uuid.UUID
	for i := range certificatesPerPage {
		id := queries.NewID()
		ids = append(ids, id)
		s.exec(t, "INSERT INTO course_completion SELECT account_id, $1, contact_id, course_id, 1, completed_at, NULL FROM course_completion WHERE id = $2", id, w.certificate)
		s.exec(t, "INSERT INTO certificate SELECT account_id, $1, $2, contact_id, course_id, $1, $3, course_title, signer, completed_on, issued_at, NULL, '', '%PDF' FROM certificate WHERE id = $4",
			id, queries.NewCertificateNumber(), fmt.Sprintf("Holder %d", i), w.certificate)
	}
	slices.Reverse(ids)
	p := b.get(list)
	if rows := p.all("tbody a.row-main"); len(rows) != certificatesPerPage || text(rows[0]) != fmt.Sprintf("Holder %d", certificatesPerPage-1) {
		t.Errorf("%d rows, the first of %s", len(rows), text(rows[0]))
	}
	p = b.htmx().get(attr(p.one("#certificates-more a"), "href")).is(http.StatusOK).lacks("main", "#certificates-more")
	if !strings.Contains(p.body, "山田太郎") {
		t.Error("the next page has not the last one")
	}
	s.exec(t, "DELETE FROM certificate")
	b.get(list).has(".empty")
	s.exec(t, "UPDATE course SET certificate = false")
	if said := b.get(list).has(".empty").words(); !strings.Contains(said, "gives none") {
		t.Errorf("it says %s", said)
	}
	s.exec(t, "UPDATE course SET deleted_at = now()")
	b.get(list).is(http.StatusNotFound)
}
