package queries_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// belongings are what an account has one of each of.
type belongings struct {
	contact, invitation, link, request, session, mail uuid.UUID
	form                                              uuid.UUID
	made, file                                        uuid.UUID // whatever its staff make has the first of them as its id, an import the other
}

// marked is in every text an account of settled has, so that it is recognised elsewhere.
const marked = "belongs-to-lumen"

func (a *tenant) settled() (b belongings) {
	a.t.Helper()
	b.contact = a.contact(marked + "@example.com")
	hash := marked
	_, err := a.q.ContactSetAccepted(a.t.Context(), queries.ContactSetAcceptedParams{AccountID: a.id, ID: b.contact, Name: marked, PasswordHash: &hash, Now: noon})
	check(a.t, err)
	a.invite(b.contact, noon)
	r := a.ask(marked+"@example.com", marked, noon)
	b.request, b.link = r.id, a.byToken(r.token).ID
	visit := a.signIn(noon).Visit
	visit.UserAgent = marked
	check(a.t, a.q.SessionInsert(a.t.Context(), queries.SessionInsertParams{AccountID: a.id, ID: queries.NewID(), ContactID: b.contact, // no join: all stays open
		TokenHash: queries.TokenHash(marked), Method: queries.SignInMethodLink, UserAgent: marked, IP: visit.IP, Now: noon, ExpiresAt: noon.Add(queries.SessionMax)}))
	b.invitation = a.invitations(b.contact)[0].ID
	b.session = read[uuid.UUID](a, "SELECT id FROM session WHERE account_id = $1", a.id)
	b.mail = read[uuid.UUID](a, "SELECT id FROM mail WHERE account_id = $1 AND kind = 'invitation' ORDER BY id LIMIT 1", a.id)
	check(a.t, queries.RememberFetch(a.t.Context(), a.q, a.id, b.link, "GET", visit))
	a.spend(noon, queries.Spending{Limit: queries.LimitMailIP, Subject: marked})
	b.form, b.made, b.file = queries.NewID(), queries.NewID(), queries.NewID()
	a.business(b)
	check(a.t, a.q.MetricCompute(a.t.Context(), queries.MetricComputeParams{AccountID: a.id, Now: noon}))
	check(a.t, a.q.MetricComputeDays(a.t.Context(), queries.MetricComputeDaysParams{AccountID: a.id, TimeZone: "UTC", Since: noon.AddDate(0, 0, -1)}))
	return b
}

// business gives the account one of each thing its staff make.
func (a *tenant) business(b belongings) {
	a.t.Helper()
	put := func(statement string, arguments ...any) {
		a.t.Helper()
		_, err := a.pool.Exec(a.t.Context(), statement, append([]any{a.id}, arguments...)...)
		check(a.t, err)
	}
	id, file := b.made, b.file
	put("INSERT INTO picture VALUES ($1, $2, 'image/png', $3, now())", marked, []byte(marked))
	put("UPDATE contact SET avatar_hash = $2 WHERE account_id = $1", marked)
	put("INSERT INTO account_app VALUES ($1, 'courses', 1, true, 'Lessons')")
	put("INSERT INTO mail_text VALUES ($1, 'invitation', 'Come in', 'Here', now())")
	put("INSERT INTO mail_copy VALUES ($1, $2, 'x', 'x', 'x')", b.mail)
	put("INSERT INTO tag VALUES ($1, 'vip', now())")
	put("INSERT INTO form (account_id, id, name, title, fields, button, thanks, confirm, invite, created_at, changed_at) VALUES ($1, $2, 'hello', $3, '[]', 'Send', 'Thanks', true, false, now(), now())", b.form, marked)
	put("INSERT INTO form_submission (account_id, id, form_id, email, answers, token_hash, ip, user_agent, created_at, expires_at) VALUES ($1, $2, $2, $3, '[]', $4, '192.0.2.1', '', now(), now())", b.form, marked+"@example.com", queries.TokenHash(marked))
	put("INSERT INTO audit (account_id, id, at, actor, action, subject_kind, subject) VALUES ($1, $2, now(), 'Maya', 'a.b', 'account', '"+marked+"')", id)
	put("INSERT INTO task (account_id, id, kind, up_to, after, created_at) VALUES ($1, $2, 'invite', $2, $2, now())", id)
	put("INSERT INTO task_result (account_id, task_id, number, subject, outcome) VALUES ($1, $2, 1, 'x@example.com', 'done')", id)
	put("INSERT INTO task_file VALUES ($1, $2, 1, 'x')", id)
	put("INSERT INTO contact_merge (account_id, id, kept_id, gone_id, gone_email, gone_name, record, merged_at, undo_until) VALUES ($1, $2, $2, $2, 'y@example.com', '', '{}', now(), now())", b.contact)
	put("INSERT INTO email_change (account_id, id, contact_id, old_email, new_email, token_hash, undo_token_hash, created_at, expires_at) VALUES ($1, $2, $2, $3, $3, $4, $4, $5, $5)",
		b.contact, marked+"@example.com", queries.TokenHash(marked), noon.Add(time.Hour))
	put("INSERT INTO contact_import (account_id, id, file_name, size_bytes, encoding, delimiter, has_header, columns, created_at) VALUES ($1, $2, 'a.csv', 1, 'utf-8', ',', true, '{email}', now())", file)
	put("INSERT INTO contact_import_part VALUES ($1, $2, 1, 'x')", file)
	put("INSERT INTO contact_import_row (account_id, import_id, row_number, outcome) VALUES ($1, $2, 1, 'new')", file)
	a.studied(id, id, b.contact, marked)
}

// everything is a query for all an account has, by table; of the transaction it is asked in.
func (a *tenant) everything() string {
	a.t.Helper()
	var parts []string
	for _, table := range read[[]string](a, "SELECT array_agg(table_name::text ORDER BY table_name) FROM information_schema.columns WHERE column_name = 'account_id' AND table_schema = 'public'") {
		parts = append(parts, fmt.Sprintf("SELECT '%[1]s', coalesce(string_agg(r::text, E'\\n' ORDER BY r::text), '') FROM %[1]s r WHERE account_id = '%[2]s'", table, a.id))
	}
	return strings.Join(parts, " UNION ALL ")
}

// valueOf is what a parameter is given when it decides nothing here.
var valueOf = map[reflect.Type]any{
	reflect.TypeFor[time.Time]():             noon.Add(time.Minute),
	reflect.TypeFor[netip.Addr]():            netip.MustParseAddr("192.0.2.7"),
	reflect.TypeFor[int32]():                 int32(50),
	reflect.TypeFor[[]queries.FormField]():   []queries.FormField{},
	reflect.TypeFor[[]queries.FormAnswer]():  []queries.FormAnswer{},
	reflect.TypeFor[queries.App]():           queries.AppHome,
	reflect.TypeFor[queries.ContactSource](): queries.ContactSourceManual,
	reflect.TypeFor[queries.CheckoutState](): queries.CheckoutStateExpired,
	reflect.TypeFor[queries.GrantEnd]():      queries.GrantEndRevoked,
	reflect.TypeFor[queries.GrantSource]():   queries.GrantSourceManual,
	reflect.TypeFor[[]queries.QuizOption]():  []queries.QuizOption{},
	reflect.TypeFor[queries.DripClock]():     queries.DripClockGrant,
	reflect.TypeFor[queries.VideoKind]():     queries.VideoKindNone,
	reflect.TypeFor[queries.QuestionKind]():  queries.QuestionKindText,
	reflect.TypeFor[queries.EndReason]():     queries.EndReasonRevoked,
	reflect.TypeFor[queries.LinkKind]():      queries.LinkKindStaff,
	reflect.TypeFor[queries.MailKind]():      queries.MailKindMagicLink,
	reflect.TypeFor[queries.MailState]():     queries.MailStateSent,
	reflect.TypeFor[queries.SignInMethod]():  queries.SignInMethodLink,
	reflect.TypeFor[queries.StaffRole]():     queries.StaffRoleOwner,
}

// foreign are arguments of account a that name, wherever an id can stand, another account's row, and its address and tokens.
func foreign(arguments reflect.Type, a, id uuid.UUID) reflect.Value {
	filled := reflect.New(arguments).Elem()
	for i := range arguments.NumField() {
		field, to := arguments.Field(i), filled.Field(i)
		known, found := valueOf[field.Type]
		switch {
		case field.Name == "AccountID":
			to.Set(reflect.ValueOf(a))
		case field.Name == "Before" || field.Name == "But": // so that all rows are in reach
			to.Set(reflect.ValueOf(queries.LastID))
		case field.Name == "Since" && field.Type == reflect.TypeFor[uuid.UUID](): // the nil one, so that all rows are in reach
		case field.Name == "IdleSince" || field.Name == "Since":
			to.Set(reflect.ValueOf(noon.AddDate(-1, 0, 0)))
		case field.Name == "Email":
			to.SetString(marked + "@example.com")
		case field.Name == "Pattern" && field.Type.Kind() == reflect.String: // without one, all rows are in reach as well
			to.SetString("%")
		case field.Name == "Content":
			to.SetBytes([]byte("x"))
		case field.Name == "Hash":
			to.SetString(marked)
		case field.Name == "TokenHash" || field.Name == "BrowserHash" || field.Name == "UndoTokenHash":
			to.SetBytes(queries.TokenHash(marked))
		case field.Type == reflect.TypeFor[uuid.UUID]():
			to.Set(reflect.ValueOf(id))
		case field.Type == reflect.TypeFor[*uuid.UUID]():
			to.Set(reflect.ValueOf(&id))
		case field.Type == reflect.TypeFor[[]uuid.UUID]():
			to.Set(reflect.ValueOf([]uuid.UUID{id}))
		case found:
			to.Set(reflect.ValueOf(known))
		}
	}
	return filled
}

// Each query that is bound to an account is asked with everything another account has: it changes nothing there and tells
// nothing of it. A new query is in this test by being there.
func TestQueriesOfAnAccountKeepToIt(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	b, everything := lumen.settled(), lumen.everything()
	ids := []uuid.UUID{b.contact, b.invitation, b.link, b.request, b.session, b.mail, b.form, b.made, b.file}
	before := pairs(t, a.pool, everything)
	for table, rows := range before {
		if rows == "" && table != "staff_membership" && table != "domain" {
			t.Errorf("the other account has no %s to lose", table)
		}
	}
	asked := 0
	for method := range reflect.TypeFor[*queries.Queries]().Methods() {
		if method.Type.NumIn() != 3 || method.Type.In(2).Kind() != reflect.Struct {
			continue
		}
		if _, bound := method.Type.In(2).FieldByName("AccountID"); !bound {
			continue
		}
		asked++
		for _, id := range ids {
			tx, err := a.pool.Begin(t.Context())
			check(t, err)
			results := method.Func.Call([]reflect.Value{reflect.ValueOf(queries.New(tx)), reflect.ValueOf(t.Context()), foreign(method.Type.In(2), a.id, id)})
			told, err := json.Marshal(results[0].Interface())
			check(t, err)
			if strings.Contains(string(told), marked) || slices.ContainsFunc(ids, func(other uuid.UUID) bool { return other != id && strings.Contains(string(told), other.String()) }) {
				t.Errorf("%s tells %s", method.Name, told)
			}
			var broken *pgconn.PgError
			if err, _ := results[len(results)-1].Interface().(error); !errors.As(err, &broken) { // which ends the transaction and undoes everything
				if after := pairs(t, tx, everything); !maps.Equal(before, after) {
					t.Errorf("%s changes the other account's\n%v\ninto\n%v", method.Name, before, after)
				}
			}
			check(t, tx.Rollback(t.Context())) // what it inserted here must not be found by the next
		}
	}
	if asked < 40 {
		t.Errorf("only %d queries were asked", asked)
	}
}

// pairs answers a query of two columns.
func pairs(t *testing.T, db queries.DBTX, sql string) map[string]string {
	t.Helper()
	rows, err := db.Query(t.Context(), sql)
	check(t, err)
	found := map[string]string{}
	var key, value string
	_, err = pgx.ForEachRow(rows, []any{&key, &value}, func() error {
		found[key] = value
		return nil
	})
	check(t, err)
	return found
}

// The verbs would have to be wrong for such rows to be asked for; the database refuses them even then.
func TestARowCannotPointAtAnotherAccounts(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	lumen := a.another("lumen")
	mine, theirs, ctx := a.settled(), lumen.settled(), t.Context()
	link := func(change func(l *queries.MagicLinkInsertParams)) error {
		l := queries.MagicLinkInsertParams{AccountID: a.id, ContactID: mine.contact, Kind: queries.LinkKindInvitation, InvitationID: &mine.invitation,
			Target: queries.AppHome, Now: noon, ExpiresAt: noon.Add(time.Hour)}
		change(&l)
		_, err := mails.Link(ctx, a.q, l)
		return err
	}
	mail := func(change func(m *queries.MailInsertParams)) error {
		m := queries.MailInsertParams{AccountID: a.id, Kind: queries.MailKindSignIn, ContactID: &mine.contact, LinkID: &mine.link, SignInRequestID: &mine.request,
			ToEmail: "ana@example.com", Now: noon}
		change(&m)
		_, err := mails.Mail(ctx, a.q, m)
		return err
	}
	invite := func(contact uuid.UUID) error {
		_, err := a.q.InvitationOpen(ctx, queries.InvitationOpenParams{AccountID: a.id, ID: queries.NewID(), ContactID: contact, Now: noon, ExpiresAt: noon})
		return err
	}
	open := func(contact uuid.UUID) error {
		s := a.signIn(noon)
		return a.q.SessionInsert(ctx, queries.SessionInsertParams{AccountID: a.id, ID: queries.NewID(), ContactID: contact, TokenHash: queries.TokenHash(s.Token),
			Method: queries.SignInMethodLink, IP: s.Visit.IP, Now: noon, ExpiresAt: noon.Add(queries.SessionMax)})
	}
	for name, c := range map[string]struct{ own, foreign error }{
		"invitation of a contact": {invite(mine.contact), invite(theirs.contact)},
		"session of a contact":    {open(mine.contact), open(theirs.contact)},
		"link of a contact": {link(func(*queries.MagicLinkInsertParams) {}),
			link(func(l *queries.MagicLinkInsertParams) { l.ContactID = theirs.contact })},
		"link of an invitation": {nil, link(func(l *queries.MagicLinkInsertParams) { l.InvitationID = &theirs.invitation })},
		"fetch of a link": {queries.RememberFetch(ctx, a.q, a.id, mine.link, "GET", a.signIn(noon).Visit),
			queries.RememberFetch(ctx, a.q, a.id, theirs.link, "GET", a.signIn(noon).Visit)},
		"request's link": {a.q.SignInRequestSetLink(ctx, queries.SignInRequestSetLinkParams{AccountID: a.id, ID: mine.request, LinkID: &mine.link}),
			a.q.SignInRequestSetLink(ctx, queries.SignInRequestSetLinkParams{AccountID: a.id, ID: mine.request, LinkID: &theirs.link})},
		"mail to a contact": {mail(func(*queries.MailInsertParams) {}), mail(func(m *queries.MailInsertParams) { m.ContactID = &theirs.contact })},
		"mail with a link":  {nil, mail(func(m *queries.MailInsertParams) { m.LinkID = &theirs.link })},
		"mail of a request": {nil, mail(func(m *queries.MailInsertParams) { m.SignInRequestID = &theirs.request })},
	} {
		var broken *pgconn.PgError
		if c.own != nil || !errors.As(c.foreign, &broken) || broken.Code != "23503" { // foreign_key_violation
			t.Errorf("%s: of its own %v, of another account %v", name, c.own, c.foreign)
		}
	}
}

// So that the next table is like that too.
func TestEveryKeyOfAnAccountBeginsWithIt(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	keys := pairs(t, a.pool, `
		SELECT k.conname, (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1]) || ' ' ||
			coalesce((SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1]), '')
		FROM pg_constraint k JOIN pg_attribute own ON own.attrelid = k.conrelid AND own.attname = 'account_id'
		LEFT JOIN pg_attribute other ON other.attrelid = k.confrelid AND other.attname = 'account_id'
		WHERE k.connamespace = 'public'::regnamespace AND (k.contype IN ('p', 'u') OR k.contype = 'f' AND other.attname IS NOT NULL)`)
	for name, first := range keys {
		if first != "account_id " && first != "account_id account_id" {
			t.Errorf("%s begins with %s", name, first)
		}
	}
	if len(keys) < 25 {
		t.Errorf("only %d keys looked at", len(keys))
	}
}
