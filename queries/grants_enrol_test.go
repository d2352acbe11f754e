package queries_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

func (s school) enrol(contact uuid.UUID, starts time.Time, ends *time.Time, task *uuid.UUID) (grant uuid.UUID, err error) {
	err = s.tx(func(ctx context.Context, q *queries.Queries) (err error) {
		grant, err = queries.Enrol(ctx, q, queries.Enrolment{AccountID: s.id, ContactID: contact, CourseID: s.course, Task: task, Starts: starts, Ends: ends, Now: noon})
		return err
	})
	return grant, err
}

// Staff give what is not there yet: what was given for nothing and lasts as long makes nothing new, what is paid for or ends sooner does.
func TestEnrolGivesWhatIsMissing(t *testing.T) {
	t.Parallel()
	in := func(days int) *time.Time {
		at := noon.AddDate(0, 0, days)
		return &at
	}
	for name, c := range map[string]struct {
		had    func(s school, ana uuid.UUID)
		starts time.Time
		ends   *time.Time
		isNew  bool
	}{
		"nothing":                    {func(school, uuid.UUID) {}, noon, nil, true},
		"the same":                   {func(s school, ana uuid.UUID) { s.give(ana, noon, nil) }, noon, nil, false},
		"without end, asked for one": {func(s school, ana uuid.UUID) { s.give(ana, noon, nil) }, noon, in(9), false},
		"an end later than asked":    {func(s school, ana uuid.UUID) { s.give(ana, noon, in(10)) }, noon, in(9), false},
		"an end sooner than asked":   {func(s school, ana uuid.UUID) { s.give(ana, noon, in(8)) }, noon, in(9), true},
		"an end, asked for none":     {func(s school, ana uuid.UUID) { s.give(ana, noon, in(8)) }, noon, nil, true},
		"a later start":              {func(s school, ana uuid.UUID) { s.give(ana, *in(3), nil) }, noon, nil, true},
		"the same later start":       {func(s school, ana uuid.UUID) { s.give(ana, *in(3), nil) }, *in(3), nil, false},
		"one that was revoked": {func(s school, ana uuid.UUID) {
			s.give(ana, noon, nil)
			s.exec("UPDATE access_grant SET ended_at = starts_at, ended_because = 'revoked'")
		}, noon, nil, true},
		"an order": {func(s school, ana uuid.UUID) {
			g := s.grant(ana, noon, nil)
			g.Source = queries.GrantSourceOrder
			_, err := queries.Give(s.t.Context(), s.q, g)
			check(s.t, err)
		}, noon, nil, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			s, ana := a.school(1), a.contact("ana@example.com")
			c.had(s, ana)
			grant, err := s.enrol(ana, c.starts, c.ends, nil)
			check(t, err)
			if (grant != uuid.Nil) != c.isNew {
				t.Errorf("the grant is %s", grant)
			}
		})
	}
}

// Two who enrol the same person at once, and a task that is run twice, give one grant.
func TestEnrolAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	s, ana := a.school(1), a.contact("ana@example.com")
	for _, err := range together(8, func(int) error { _, err := s.enrol(ana, noon, nil, nil); return err }) {
		check(t, err)
	}
	task := queries.NewID()
	a.exec("UPDATE access_grant SET ended_at = now(), ended_because = 'revoked'")
	for range 2 {
		_, err := s.enrol(ana, noon, nil, &task)
		check(t, err)
		a.exec("UPDATE access_grant SET ended_at = now(), ended_because = 'revoked' WHERE ended_at IS NULL")
	}
	if n := read[int](a, "SELECT count(*) FROM access_grant"); n != 2 {
		t.Errorf("%d grants", n)
	}
	_, err := s.enrol(queries.NewID(), noon, nil, nil)
	wantErr(t, err, queries.ErrNotFound)
}

// A link into a course keeps its page through everything that signs in, and no other account reads it.
func TestPathsAreKept(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, path := a.contact("ana@example.com"), "/courses/"+queries.NewID().String()+"/lessons/x?a=b"
	l := queries.MagicLinkInsertParams{AccountID: a.id, ContactID: ana, Kind: queries.LinkKindStaff, Target: queries.AppCourses, Path: path, Now: noon, ExpiresAt: noon.Add(time.Hour)}
	id, err := mails.Link(t.Context(), a.q, l)
	check(t, err)
	token := mails.Secret.LinkToken(id)
	renewed, err := mails.Renew(t.Context(), a.q, a.id, a.byToken(token), noon)
	check(t, err)
	for _, token := range []string{token, mails.Secret.LinkToken(a.linkOf(renewed))} {
		link, _, err := a.confirm(token, a.signIn(noon))
		check(t, err)
		if link.Path != path {
			t.Errorf("the link leads to %q", link.Path)
		}
	}
}
