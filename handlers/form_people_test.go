package handlers

import (
	"net/netip"
	"net/url"
	"testing"

	"github.com/google/uuid"

	"atrium/queries"
	"atrium/views"
)

// publicForm is a form of a test, with a submission that waits to be confirmed.
type publicForm struct {
	queries.FormDraft
	id         uuid.UUID
	submission uuid.UUID
	confirm    string // path of the link that confirms it
}

// The questions of a test's forms, beside the address.
const (
	askedChoice  = "q-00000001"
	askedText    = "q-00000002"
	askedConsent = "q-00000003"
)

// form makes a form that asks for one of everything; it can be changed before it is stored.
func (s *testSite) form(t testing.TB, a account, change func(*queries.FormDraft)) publicForm {
	t.Helper()
	f := publicForm{id: queries.NewID(), FormDraft: queries.FormDraft{Name: "call", Title: "Book a call", Intro: "Half an hour.", Button: "Ask for it", Thanks: "We call you.",
		Tags: []string{}, Fields: []queries.FormField{{Key: "email", Kind: queries.FormEmail, Label: "E-mail address", Required: true},
			{Key: "name", Kind: queries.FormName, Label: "Name"}, {Key: "phone", Kind: queries.FormPhone, Label: "Phone"}, {Key: "company", Kind: queries.FormCompany, Label: "Company"},
			{Key: askedChoice, Kind: queries.FormChoice, Label: "Which?", Options: []string{"This one", "That one"}}, {Key: askedText, Kind: queries.FormText, Label: "Why?"},
			{Key: askedConsent, Kind: queries.FormConsent, Label: "I agree", Link: "https://acme.example/privacy"}}}}
	change(&f.FormDraft)
	if wrong := f.Check(); len(wrong) > 0 {
		t.Fatal(wrong)
	}
	inTx(t, s.DB, func(q *queries.Queries) error {
		if err := f.Insert(t.Context(), q, a.id, f.id, s.clock.now()); err != nil {
			return err
		}
		if !f.Confirm {
			return nil
		}
		row, err := q.FormByName(t.Context(), queries.FormByNameParams{AccountID: a.id, Name: f.Name})
		if err != nil {
			return err
		}
		f.submission, err = s.Mails.Submit(t.Context(), q, queries.Submission{AccountID: a.id, Form: row, Email: "waits@example.com", Name: "Wanda Wait",
			Now: s.clock.now(), IP: netip.MustParseAddr("192.0.2.1")})
		return err
	})
	f.confirm = "/f/" + f.Name + "/confirm/" + s.Mails.Secret.FormToken(f.submission)
	return f
}

// stranger is a browser that has never been here and keeps no cookies, as one that shows a form inside another site.
func (s *testSite) stranger(t testing.TB, a account) *browser {
	t.Helper()
	b := s.portal(t, a)
	b.client.Jar = nil
	return b.with("Origin", "https://blog.example").with("Sec-Fetch-Site", "cross-site")
}

// answer sends a form as a program could that has never looked at it.
func (b *browser) answer(f publicForm, fields ...string) *page {
	b.t.Helper()
	values := url.Values{}
	for i := 0; i < len(fields); i += 2 {
		values.Set(fields[i], fields[i+1])
	}
	return b.send(post, "/f/"+f.Name, values)
}

// framable demands that other sites may show the answer inside theirs, and that it gives no cookies.
func (p *page) framable() *page {
	p.t.Helper()
	p.hasHeadersUnder(views.EmbeddedPolicy)
	if len(p.cookies) > 0 {
		p.t.Errorf("%s: gives cookies", p.asked)
	}
	return p
}
