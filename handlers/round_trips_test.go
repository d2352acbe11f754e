package handlers

import (
	"context"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
	"atrium/queries/dbtest"
)

// roundTrips counts what is sent to Postgres and waited for: each query and each batch as one.
type roundTrips struct{ all, directory atomic.Int64 }

func (r *roundTrips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	switch {
	case strings.Contains(data.SQL, "name: DomainList"): // the last of what the directory reads
		r.directory.Add(1)
	case strings.Contains(data.SQL, "name: PGNotifyMany"): // River's, once for all who queue something within the same 100 ms
	case data.SQL != "-- ping": // the pool's own, of connections that were idle
		r.all.Add(1)
	}
	return ctx
}

func (r *roundTrips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	r.all.Add(1)
	return ctx
}

func (*roundTrips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData)     {}
func (*roundTrips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}
func (*roundTrips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData)     {}

// tracedSite is a site whose round trips are counted. Its directory has read what it reads at the start.
func tracedSite(t *testing.T) (*testSite, *roundTrips) {
	t.Helper()
	counted := &roundTrips{}
	c, err := pgxpool.ParseConfig(dbtest.URL(t))
	if err != nil {
		t.Fatal(err)
	}
	c.ConnConfig.Tracer = counted
	pool, err := pgxpool.NewWithConfig(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	s := newSite(t, func(c *Config) { c.DB = pool })
	eventually(t, "the directory listens", func() bool { return counted.directory.Load() == 2 })
	return s, counted
}

// A page costs at most two round trips to Postgres, whoever looks at it: one for who is asking, one for what is shown.
func TestPagesCostTwoRoundTrips(t *testing.T) {
	t.Parallel()
	s, counted := tracedSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w := s.things(t, s.acme, maya)
	for i := range contactsPerPage + 1 {
		c := s.contact(t, s.acme, queries.NewID().String()+"@example.com", "")
		if s.invited(t, c); i == 0 {
			s.bounced(t, c)
		}
	}
	s.counted(t, s.acme)
	asking, nobody := s.portal(t, s.acme), s.portal(t, s.acme)
	s.ask(t, asking, "ana@example.com")
	over := s.toProfile(t, w.contact)
	form := "/acme/forms/" + w.form.id.String()
	course := "/acme/courses/" + w.taught.course.String()
	lesson := course + "/lessons/" + w.taught.lesson.String()
	s.portal(t, s.acme).confirm(over)
	invited := s.invited(t, s.contact(t, s.acme, "invited@example.com", ""))
	nobody.get(invited).is(http.StatusOK) // the first look is a step of the contact, which costs a transaction
	newcomer, _ := s.newcomer(t, s.acme, "new@example.com", "")
	client, staff := s.client(t, w.contact), s.staff(t, maya)
	for name, c := range map[string]struct {
		b     *browser
		paths []string
	}{
		"nobody": {nobody, []string{
			"/sign-in",
			"/sign-in?next=%2Fprofile",
			w.token,
			over,
			"/l/x",
			"/no-such-page",
			"/profile",
			"/f/" + w.form.Name,
			"/f/" + w.form.Name + "?sent=1",
			"/f/x",
			w.form.confirm,
			"/f/x/confirm/x",
			"/healthz",
			"/readyz",
			"/favicon.ico",
			"/robots.txt",
			invited,
			w.stop,
			"/pay/" + w.billed.payToken,
			"/pay/x",
			"/stop/x",
			"/o/" + w.taught.offerName,
			"/o/" + w.taught.offerName + "?sent=1",
			"/o/x",
			"/o/x/confirm/" + w.taught.claimToken,
			"/o/x/confirm/x",
			"/certificates/" + w.taught.number,
			"/certificates/x",
		}},
		"asking": {asking, []string{
			"/sign-in/code",
		}},
		"newcomer": {newcomer, []string{
			"/welcome",
			"/",
		}},
		"client": {client, []string{
			"/",
			"/profile",
			"/sign-in",
			w.token,
			"/profile/export",
			"/invoices",
			"/invoices/" + w.billed.invoice.String(),
			"/subscriptions",
			"/subscriptions/" + w.billed.subscription.String() + "/cancel",
			"/avatars/" + w.avatar,
			"/email/" + w.change,
			"/email/undo/" + w.undo,
			"/o/" + w.taught.offerName,
			"/courses/" + w.taught.course.String() + "/access",
			"/courses",
			"/courses/search",
			"/courses/search?q=goals",
			w.path("/courses/:id"),
			w.path("/courses/:id/cover/:cover"),
			w.path("/courses/:id/lessons/:lesson"),
			w.path("/courses/:id/lessons/:lesson") + "?try=1",
			w.taught.lessonAt("") + "/files/" + w.taught.file.String(),
			w.taught.lessonAt("") + "/video",
			"/courses/" + w.taught.course.String() + "/certificate",
		}},
		"nobody of the admin side": {s.admin(t), []string{
			"/sign-in",
			"/password-reset",
			"/acme",
			s.setup(t, "new@acme.example"),
			"/l/x",
		}},
		"staff": {staff, []string{
			"/",
			"/sessions",
			"/acme",
			"/acme/figures?since=" + since(staff.get("/acme")),
			"/acme/figures?since=1", // something new since
			"/acme/search",
			"/acme/search?q=a",
			"/acme/contacts",
			"/acme/contacts?q=example",
			"/acme/contacts?state=waiting",
			attr(staff.get("/acme/contacts").one("#contacts-more a"), "href"),
			"/acme/contacts/new",
			"/acme/contacts/" + w.contact.id.String(),
			"/acme/invitations/new",
			"/acme/invitations/new?q=a",
			"/acme/magic-links/new",
			"/acme/magic-links/new?q=a",
			"/acme/magic-links/new?contact=" + w.contact.id.String(),
			"/acme/forms",
			"/acme/forms/new",
			form,
			form + "?before=" + queries.LastID.String(),
			form + "/edit",
			"/lumen",
			"/acme/invoices",
			"/acme/invoices?state=overdue&q=a",
			"/acme/invoices/new",
			"/acme/invoices/new?contact=" + w.contact.id.String(),
			"/acme/invoices/" + w.billed.invoice.String(),
			"/acme/orders",
			"/acme/orders/" + w.billed.order.String(),
			"/acme/orders/" + w.billed.order.String() + "/refund",
			"/acme/subscriptions",
			"/acme/subscriptions/" + w.billed.subscription.String(),
			"/acme/subscriptions/" + w.billed.subscription.String() + "/cancel",
			"/acme/contacts/import",
			"/acme/contacts/import/" + w.file.String(),
			"/acme/contacts/import/" + w.file.String() + "?outcome=new",
			"/acme/contacts/import/" + w.file.String() + "/columns",
			"/two-factor",
			"/two-factor/picture.png",
			"/acme/people",
			"/acme/audit-log",
			"/acme/audit-log?subject=" + w.contact.id.String(),
			"/acme/audit-log?person=" + maya.id.String() + "&what=Contacts&from=2026-01-01&to=2026-12-31",
			"/acme/audit-log/export",
			"/acme?days=90",
			"/acme/reminders",
			"/acme/contacts/" + w.contact.id.String() + "/visit",
			"/acme/settings",
			"/acme/contacts/" + w.contact.id.String() + "/merge?q=example",
			"/acme/contacts/" + w.contact.id.String() + "/merge?other=" + s.contact(t, s.acme, "other@example.com", "").id.String(),
			"/acme/mail-texts",
			"/acme/mail-texts/invitation?reader=ana",
			"/acme/mail-texts/welcome/frame",
			"/acme/mail-log",
			"/acme/mail-log?state=sent&kind=magic_link&q=a",
			"/acme/mail-log/" + w.mail.String(),
			"/acme/mail-log/" + w.mail.String() + "/copy",
			"/acme/jobs",
			"/acme/brand",
			"/acme/brand/files/mail.html",
			"/acme/apps",
			"/acme/courses/" + w.taught.course.String() + "/people",
			"/acme/courses/" + w.taught.course.String() + "/people?q=ana&state=open",
			"/acme/courses/" + w.taught.course.String() + "/people/new?q=ana",
			"/acme/courses/" + w.taught.course.String() + "/people/" + w.taught.grant.String() + "/revoke",
			"/acme/contacts/" + w.contact.id.String() + "/enrol",
			"/acme/offers",
			"/acme/offers/new",
			"/acme/offers/" + w.taught.offer.String(),
			"/acme/offers/" + w.taught.offer.String() + "/edit",
			"/acme/avatars/" + w.avatar,
			"/acme/courses",
			"/acme/courses/new",
			course,
			course + "/edit",
			course + "/cover",
			course + "/publish",
			course + "/unpublish",
			course + "/delete",
			course + "/preview",
			course + "/preview/lessons/" + w.taught.lesson.String(),
			course + "/modules/" + w.taught.module.String(),
			course + "/modules/" + w.taught.module.String() + "/delete",
			lesson,
			lesson + "/publish",
			lesson + "/unpublish",
			lesson + "/delete",
			lesson + "/questions/new?kind=text",
			lesson + "/questions/" + w.taught.question.String(),
			w.path("/:account/courses/:id/progress"),
			w.path("/:account/courses/:id/progress/:contact"),
			w.taught.lessonAt("/acme") + "/files/" + w.taught.file.String(),
			w.taught.lessonAt("/acme") + "/video",
			"/acme/courses/" + w.taught.course.String() + "/certificates",
			"/acme/courses/" + w.taught.course.String() + "/certificates/" + w.taught.certificate.String(),
			"/acme/courses/" + w.taught.course.String() + "/certificates/" + w.taught.certificate.String() + "/revoke",
		}},
	} {
		for _, path := range c.paths {
			for _, b := range []*browser{c.b, c.b.htmx()} {
				before := counted.all.Load()
				p := b.get(path)
				if n := counted.all.Load() - before; n > 2 || p.status >= http.StatusInternalServerError {
					t.Errorf("%s: %s with status %d costs %d round trips", name, p.asked, p.status, n)
				}
			}
		}
	}
	before := counted.all.Load()
	staff.get("/acme/figures?since=" + since(staff.get("/acme"))).is(http.StatusNoContent)
	if n := counted.all.Load() - before; n != 3 { // two of them the dashboard's
		t.Errorf("an open dashboard that asks for news in vain costs %d round trips beside its own", n-2)
	}
	before = counted.all.Load()
	client.get("/profile").is(http.StatusOK)
	if n := counted.all.Load() - before; n != 2 {
		t.Errorf("the profile, which asks for the session and for all sessions, costs %d round trips: they are not counted", n)
	}
}

// since is how far an open dashboard has heard.
func since(p *page) string {
	p.t.Helper()
	_, value, _ := strings.Cut(attr(p.one("#dashboard-figures"), "hx-get"), "since=")
	return value
}
