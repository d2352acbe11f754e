package handlers

import (
	"strings"
	"testing"

	"atrium/queries"
)

// nothingToDo are the routes that change nothing of what things are as they are made; what they leave in the trail is in the tests
// of each. A route that begins to act here has to leave this list.
var nothingToDo = map[string]string{
	"/contacts/choose": "only looks", "/courses/:id/lessons/:lesson/preview": "only looks", "/mail-texts/:kind/preview": "only looks", "/brand/preview": "only looks",
	"/contacts/:id/delete": "money in the way", "/offers/:id/delete": "money in the way",
	"/contacts/:id/merge": "nobody to merge with", "/contacts/:id/unmerge": "nobody merged",
	"/contacts/:id/tags/remove": "no tag", "/contacts/:id/enrol": "enrolled", "/contacts/:id/invite": "joined", "/tasks/:id/cancel": "done", "/apps": "asks first",
	"/courses/:id/publish": "published", "/courses/:id/lessons/:lesson/publish": "published", "/courses/:id/arrange": "first already",
	"/courses/:id/restore": "not deleted", "/courses/:id/modules/:module/restore": "not deleted", "/courses/:id/lessons/:lesson/restore": "not deleted",
	"/courses/:id/lessons/:lesson/questions/:question/move": "alone", "/courses/:id/lessons/:lesson/files/:attachment/move": "alone",
	"/courses/:id/certificates/:certificate/restore": "not revoked", "/people/two-factor": "the owner has none",
	"/invoices": "no Stripe", "/invoices/:id/send": "no Stripe", "/invoices/:id/remind": "no Stripe", "/invoices/:id/void": "no Stripe", "/invoices/:id/paid": "no Stripe",
	"/invoices/:id/discard": "no Stripe", "/invoices/:id/refund": "no Stripe", "/orders/:id/refund": "no Stripe",
	"/subscriptions/:id/cancel": "no Stripe", "/subscriptions/:id/keep": "no Stripe", "/subscriptions/:id/pause": "no Stripe", "/subscriptions/:id/resume": "no Stripe",
	"/subscriptions/:id/plan": "no Stripe", "/subscriptions/:id/extend": "no Stripe",
	"/stripe/connect": "no Stripe", "/stripe/disconnect": "no Stripe", "/stripe/endpoint": "no Stripe", "/stripe/events": "no Stripe", "/stripe/reconcile": "no Stripe",
}

// Whatever staff change of an account is in its audit log.
func TestRoutesLeaveATrail(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	b := s.staff(t, maya)
	s.person(t, "owen@acme.example", queries.StaffRoleOwner, s.acme) // so that she can leave
	token := b.token()
	var tables []string
	s.scan(t, `SELECT array_agg(table_name::text ORDER BY table_name) || 'river.river_job'::text FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name NOT IN ('allowance', 'link_fetch', 'audit')`, nil, &tables)
	for _, r := range adminRoutes {
		path, ofAccount := strings.CutPrefix(r.path, "/:account")
		if r.method == get || !ofAccount {
			continue
		}
		w := s.things(t, s.acme, maya)
		s.exec(t, "UPDATE offer SET picture_hash = 'cover-1' WHERE id = $1", w.taught.offer) // there is one to take away
		before, lines := s.everything(t, tables...), s.count(t, "audit")
		status := b.send(r.method, w.path(r.path), r.form(w, token)).status
		why, idle := nothingToDo[path]
		switch changed, told := s.everything(t, tables...) != before, s.count(t, "audit") > lines; {
		case changed && !told:
			t.Errorf("%s: status %d, changed something and left nothing in the audit log", r.path, status)
		case changed && idle:
			t.Errorf("%s acts, and is said to have nothing to do: %s", r.path, why)
		case told && !changed:
			t.Errorf("%s: the audit log tells of what did not happen", r.path)
		case !changed && !idle:
			t.Errorf("%s: status %d, nothing changed, so the audit log was not tried", r.path, status)
		}
	}
}
