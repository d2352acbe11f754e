package queries_test

import (
	"context"
	"errors"
	"maps"
	"strings"
	"testing"
	"time"

	"atrium/queries"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgconn"
)

// lived is a contact with a row of every table that points at contacts.
func (a *tenant) lived(email string) uuid.UUID {
	a.t.Helper()
	id := a.contact(email)
	a.invite(id, noon.Add(-time.Hour))
	_, token := a.link(id, noon.Add(time.Hour))
	_, other := a.link(id, noon.Add(time.Hour))
	_, _, err := a.confirm(token, a.signIn(noon))
	check(a.t, err)
	check(a.t, queries.RememberFetch(a.t.Context(), a.q, a.id, a.byToken(other).ID, "GET", a.signIn(noon).Visit))
	a.ask(email, email, noon)
	a.exec("INSERT INTO form (account_id, id, name, title, fields, button, thanks, confirm, invite, created_at, changed_at) VALUES ($1, $2, $3, 'Hello', '[]', 'Send', 'Thanks', true, false, now(), now())",
		a.id, id, id.String()[24:])
	a.exec("INSERT INTO form_submission (account_id, id, form_id, contact_id, email, answers, token_hash, ip, user_agent, created_at, expires_at) VALUES ($1, $2, $2, $2, $3, '{}', $4, '192.0.2.1', '', now(), now())", a.id, id, email, []byte(email))
	a.exec("INSERT INTO email_change (account_id, id, contact_id, old_email, new_email, token_hash, undo_token_hash, created_at, expires_at) VALUES ($1, $2, $2, $3, 'y@example.com', $4, $4, now(), now())", a.id, id, email, []byte(email))
	a.merge(id, a.contact("once-"+email))
	a.studied(a.id, id, id, email) // all of them in the same course
	return id
}

// merge merges one contact into another and returns the merge's id.
func (a *tenant) merge(kept, gone uuid.UUID) uuid.UUID {
	a.t.Helper()
	check(a.t, a.tryMerge(kept, gone))
	return read[uuid.UUID](a, "SELECT id FROM contact_merge WHERE gone_id = $1 ORDER BY id DESC LIMIT 1", gone)
}

func (a *tenant) tryMerge(kept, gone uuid.UUID) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, _, err := queries.MergeContacts(ctx, q, a.id, kept, gone, nil, noon.Add(time.Hour))
		return err
	})
}

func (a *tenant) unmerge(kept, merge uuid.UUID, at time.Time) error {
	return a.tx(func(ctx context.Context, q *queries.Queries) error {
		_, err := queries.UnmergeContacts(ctx, q, a.id, kept, merge, at)
		return err
	})
}

// stand is all rows of the account but its trail and the merges that were undone.
func (a *tenant) stand() map[string]string {
	a.t.Helper()
	all := pairs(a.t, a.pool, a.everything())
	delete(all, "audit")
	all["contact_merge"] = read[string](a, "SELECT coalesce(string_agg(m::text, E'\\n' ORDER BY id), '') FROM contact_merge m WHERE account_id = $1 AND undone_at IS NULL", a.id)
	return all
}

func (a *tenant) same(what string, before map[string]string) {
	a.t.Helper()
	for table, rows := range a.stand() {
		if rows != before[table] {
			a.t.Errorf("%s: %s was\n%s\nand is\n%s", what, table, before[table], rows)
		}
	}
}

// Everything that points at one contact points at the other, also from a table that this program does not know; and undoing
// it gives back the exact rows.
func TestMergeAndBack(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.exec("CREATE TABLE lesson_seen (account_id uuid, lesson uuid, contact_id uuid, PRIMARY KEY (account_id, lesson, contact_id), FOREIGN KEY (account_id, contact_id) REFERENCES contact (account_id, id) ON DELETE CASCADE)")
	ana, ben := a.lived("ana@example.com"), a.lived("ben@example.com")
	for _, id := range []uuid.UUID{ana, ben} {
		a.exec("INSERT INTO lesson_seen VALUES ($1, $2, $2)", a.id, id)
	}
	a.exec("UPDATE contact SET name = 'Ana', note = 'Calls in the morning', tags = '{Spring,VIP}', last_seen_at = $2, no_course_mail_at = $2, created_at = $2 WHERE id = $1", ana, noon.Add(-time.Hour))
	a.exec("UPDATE contact SET name = 'Ben', phone = '123', note = 'Has two children', tags = '{newsletter,VIP}', password_hash = 'x', bounced_at = $2, bounce_reason = 'no', no_mail_at = $2, no_invoice_mail_at = $2, deletion_asked_at = $2, time_zone = 'Europe/Paris' WHERE id = $1", ben, noon)
	pointers := pairs(t, a.pool, "SELECT relation || '.' || pointer, relation || ' WHERE ' || pointer FROM contact_pointers()")
	if _, found := pointers["lesson_seen.contact_id"]; !found || len(pointers) < 8 {
		t.Fatalf("what points at contacts: %v", pointers)
	}
	counts := map[string]int{}
	for pointer, from := range pointers {
		counts[pointer] = read[int](a, "SELECT count(*) FROM "+from+" = ANY ($1)", []uuid.UUID{ana, ben})
		if read[int](a, "SELECT count(*) FROM "+from+" = $1", ben) == 0 {
			t.Errorf("no row of %s points at the contact that goes, so nothing is shown for it", pointer)
		}
	}
	rows := read[int](a, "SELECT count(*) FROM link_fetch")
	before := a.stand()

	merge := a.merge(ana, ben)
	for pointer, from := range pointers {
		want := counts[pointer]
		if pointer == "contact_merge.kept_id" {
			want++ // this one
		}
		if n := read[int](a, "SELECT count(*) FROM "+from+" = $1", ana); n != want {
			t.Errorf("%d of %d rows of %s point at the contact that stays", n, want, pointer)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM contact WHERE id = $1 AND name = 'Ana' AND phone = '123' AND note = E'Calls in the morning\\n\\nHas two children' "+
		"AND tags = '{newsletter,Spring,VIP}' AND bounced_at IS NULL AND no_mail_at IS NOT NULL AND no_course_mail_at = $2 AND no_invoice_mail_at = $3 AND deletion_asked_at = $3 AND time_zone = 'Europe/Paris' AND created_at = $2", ana, noon.Add(-time.Hour), noon); n != 1 {
		t.Error("the contact that stays is " + read[string](a, "SELECT c::text FROM contact c WHERE id = $1", ana))
	}
	if n := read[int](a, "SELECT count(*) FROM contact WHERE id = $1", ben) + rows - read[int](a, "SELECT count(*) FROM link_fetch"); n != 0 {
		t.Error("the other contact is there, or something went with it")
	}

	check(t, a.unmerge(ana, merge, noon.Add(2*time.Hour)))
	a.same("merged and parted", before)
	var refused queries.Invalid
	if err := a.unmerge(ana, merge, noon.Add(2*time.Hour)); !errors.As(err, &refused) {
		t.Errorf("undone twice: %v", err)
	}
}

// Two open invitations become one, and none when either has joined; parted, both are open again.
func TestMergeOfInvited(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ keptJoined, goneJoined, keptInvited, goneInvited bool }{
		"both invited":                  {false, false, true, true},
		"one invited":                   {false, false, false, true},
		"the other joined meanwhile":    {false, true, true, false},
		"the one that stays has joined": {true, false, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newTenant(t)
			ana, ben := a.contact("ana@example.com"), a.contact("ben@example.com")
			for id, invited := range map[uuid.UUID]bool{ana: c.keptInvited, ben: c.goneInvited} {
				if invited {
					a.invite(id, noon)
				}
			}
			for id, joined := range map[uuid.UUID]bool{ana: c.keptJoined, ben: c.goneJoined} {
				if joined {
					a.exec("UPDATE contact SET joined_at = $2 WHERE id = $1", id, noon)
				}
			}
			before, want := a.stand(), 1
			if c.keptJoined || c.goneJoined {
				want = 0
			}
			merge := a.merge(ana, ben)
			if n := read[int](a, "SELECT count(*) FROM invitation WHERE contact_id = $1 AND ended_at IS NULL", ana); n != want {
				t.Errorf("%d open invitations, want %d", n, want)
			}
			check(t, a.unmerge(ana, merge, noon.Add(2*time.Hour)))
			a.same(name, before)
		})
	}
}

// What came or was changed since stays with the contact that was kept.
func TestUnmergeKeepsWhatCameSince(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben := a.contact("ana@example.com"), a.contact("ben@example.com")
	a.exec("UPDATE contact SET tags = '{VIP}' WHERE id = $1", ana)
	a.exec("UPDATE contact SET tags = '{spring}', phone = '1', company = 'Ben & Co' WHERE id = $1", ben)
	merge := a.merge(ana, ben)
	since, _ := a.link(ana, noon.Add(time.Hour))
	a.exec("UPDATE contact SET phone = '2', tags = tags || '{summer}' WHERE id = $1", ana)
	check(t, a.unmerge(ana, merge, noon.Add(2*time.Hour)))
	if got := read[string](a, "SELECT concat_ws('|', phone, company, array_to_string(tags, ',')) FROM contact WHERE id = $1", ana); got != "2||VIP,summer" {
		t.Errorf("the one that was kept has %s", got)
	}
	if got := read[string](a, "SELECT concat_ws('|', phone, company, array_to_string(tags, ',')) FROM contact WHERE id = $1", ben); got != "1|Ben & Co|spring" {
		t.Errorf("the other has %s", got)
	}
	if of := read[uuid.UUID](a, "SELECT contact_id FROM magic_link WHERE id = $1", since); of != ana {
		t.Error("the link that came since went away")
	}
}

// A chain of merges is undone from its end, to the exact rows at each step.
func TestUnmergeInOrder(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben, cleo, dan := a.lived("ana@example.com"), a.lived("ben@example.com"), a.lived("cleo@example.com"), a.lived("dan@example.com")
	var stands []map[string]string
	step := func(kept, gone uuid.UUID) uuid.UUID {
		stands = append(stands, a.stand())
		return a.merge(kept, gone)
	}
	first := step(ben, ana)
	second := step(cleo, dan)
	third := step(cleo, ben)
	for _, c := range []struct {
		kept, merge uuid.UUID
		stand       int
		tooSoon     uuid.UUID
	}{{cleo, third, 2, first}, {cleo, second, 1, uuid.Nil}, {ben, first, 0, uuid.Nil}} {
		var refused queries.Invalid
		if err := a.unmerge(c.kept, c.tooSoon, noon.Add(2*time.Hour)); !errors.As(err, &refused) {
			t.Errorf("out of order: %v", err)
		}
		check(t, a.unmerge(c.kept, c.merge, noon.Add(2*time.Hour)))
		a.same("a step back", stands[c.stand])
	}
}

// What cannot be done is refused in words, and changes nothing.
func TestMergeRefused(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben := a.lived("ana@example.com"), a.lived("ben@example.com")
	foreign := a.another("lumen").contact("cleo@example.com")
	for name, c := range map[string]struct {
		kept, gone uuid.UUID
		want       error
	}{
		"with itself": {ana, ana, queries.Invalid{Field: "other", Message: "This is the same contact. Choose another one."}},
		"with nobody": {ana, uuid.New(), queries.ErrNotFound}, "into nobody": {uuid.New(), ana, queries.ErrNotFound}, "with another account's": {ana, foreign, queries.ErrNotFound},
	} {
		before := a.stand()
		if err := a.tryMerge(c.kept, c.gone); !errors.Is(err, c.want) {
			t.Errorf("%s: %v", name, err)
		}
		a.same(name, before)
	}
	merge := a.merge(ana, ben)
	before := a.stand()
	var refused queries.Invalid
	if err := a.unmerge(ana, merge, noon.Add(time.Hour+queries.MergeUndo)); !errors.As(err, &refused) {
		t.Errorf("too late: %v", err)
	}
	a.exec("INSERT INTO contact (account_id, id, email, source, created_at, changed_at) VALUES ($1, $2, 'BEN@example.com', 'import', now(), now())", a.id, uuid.New())
	if err := a.unmerge(ana, merge, noon.Add(2*time.Hour)); !errors.As(err, &refused) || !strings.Contains(refused.Message, "ben@example.com") {
		t.Errorf("the address is taken: %v", err)
	}
	a.exec("DELETE FROM contact WHERE email = 'ben@example.com'")
	a.same("refused", before)
}

// The address of whoever is gone leads to the contact that stays, until the merge is undone.
func TestMergedAddress(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben, cleo := a.contact("ana@example.com"), a.contact("ben@example.com"), a.contact("cleo@example.com")
	merge := a.merge(ana, ben)
	second := a.merge(cleo, ana)
	find := func(email string) uuid.UUID {
		id, known, err := queries.AddContact(t.Context(), a.q, a.id, email, "", queries.ContactSourceForm, noon)
		if err != nil || !known {
			t.Errorf("%s: known %v, %v", email, known, err)
		}
		return id
	}
	if find("BEN@example.com") != cleo || find("ana@example.com") != cleo {
		t.Error("the addresses lead elsewhere")
	}
	r := a.ask("ben@example.com", "a browser", noon)
	if to := read[string](a, "SELECT to_email::text || ' ' || (contact_id = $2) FROM mail WHERE sign_in_request_id = $1", r.id, cleo); to != "cleo@example.com true" {
		t.Errorf("the sign-in link goes to %s", to)
	}
	into, err := a.q.ContactMergedInto(t.Context(), queries.ContactMergedIntoParams{AccountID: a.id, GoneID: ben})
	if err != nil || into != cleo {
		t.Errorf("merged into %s, %v", into, err)
	}
	check(t, a.unmerge(cleo, second, noon.Add(2*time.Hour)))
	check(t, a.unmerge(ana, merge, noon.Add(2*time.Hour)))
	if find("ben@example.com") != ben {
		t.Error("the address does not lead back")
	}
}

// What a merge remembers goes once it cannot be undone.
func TestMergeForget(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana := a.contact("ana@example.com")
	a.merge(ana, a.contact("ben@example.com"))
	for after, want := range map[time.Duration]int64{queries.MergeUndo: 0, queries.MergeUndo + time.Hour + time.Second: 1} {
		n, err := a.q.ContactMergeForget(t.Context(), queries.ContactMergeForgetParams{Now: noon.Add(after), Portion: 9})
		if err != nil || n > want {
			t.Errorf("after %s: %d, %v", after, n, err)
		}
	}
	if n := read[int](a, "SELECT count(*) FROM contact_merge WHERE record = '{}' AND gone_email = 'ben@example.com'"); n != 1 {
		t.Error("it is still remembered, or the address is forgotten")
	}
}

// A later table in which a contact may have something only once must say what a merge makes of two: until then this fails.
func TestMergeKnowsEveryUniqueThing(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	found := pairs(t, a.pool, `
		SELECT c.relname::text, p.pointer FROM contact_pointers() p JOIN pg_index i ON i.indrelid = p.relation::regclass AND i.indisunique
		JOIN pg_class c ON c.oid = i.indexrelid
		JOIN pg_attribute own ON own.attrelid = i.indrelid AND own.attname = p.pointer AND own.attnum = ANY (i.indkey)`)
	if want := map[string]string{"invitation_open": "contact_id"}; !maps.Equal(found, want) {
		t.Errorf("unique by contact: %v; queries.MergeContacts resolves %v", found, want)
	}
}

// Merges of the same contacts in both directions at once, beside sign-ins, wait for each other instead of stopping each other.
func TestMergeAtOnce(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben := a.lived("ana@example.com"), a.lived("ben@example.com")
	var tokens []string
	for range 10 {
		_, token := a.link(ben, noon.Add(time.Hour))
		tokens = append(tokens, token)
	}
	merged := 0
	for i, err := range together(12, func(i int) error {
		switch i {
		case 0:
			return a.tryMerge(ana, ben)
		case 1:
			return a.tryMerge(ben, ana)
		}
		_, _, err := a.confirm(tokens[i-2], a.signIn(noon))
		return err
	}) {
		var broken *pgconn.PgError
		switch {
		case err == nil && i < 2:
			merged++
		case errors.As(err, &broken), err != nil && i < 2 && !errors.Is(err, queries.ErrNotFound):
			t.Errorf("%d: %v", i, err)
		}
	}
	if merged != 1 {
		t.Errorf("%d of two merges in both directions were done", merged)
	}
}

// A merge decides on every column of a contact: whoever adds one says here what two become, or why it stays the kept one's.
func TestMergeKnowsEveryColumn(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	ana, ben := a.contact("ana@example.com"), a.contact("ben@example.com")
	a.exec(`UPDATE contact SET name = 'Ben', source = 'form', password_hash = 'x', invited_at = $2, last_invited_at = $2, joined_at = $2, accepted_at = $2, bounced_at = $2, bounce_reason = 'no',
		phone = '1', company = 'c', note = 'n', tags = '{VIP}', sent_at = $2, filter_opened_at = $2, opened_at = $2, last_seen_at = $2, no_mail_at = $2, time_zone = 'Europe/Paris', locale = 'de-DE',
		avatar_hash = 'avatar-x', deletion_asked_at = $2, no_course_mail_at = $2, no_invoice_mail_at = $2, created_at = $2, changed_at = $2 WHERE id = $1`, ben, noon.Add(-time.Hour))
	same := "SELECT string_agg(key, ' ' ORDER BY key) FROM contact a, contact b, jsonb_each(to_jsonb(a)) WHERE a.id = $1 AND b.id = $2 AND value = to_jsonb(b) -> key"
	if columns := read[string](a, same, ana, ben); columns != "account_id" {
		t.Fatalf("%s: the same in both, so nothing is shown for it", columns)
	}
	was := read[string](a, "SELECT contact_row(account_id, id)::text FROM contact WHERE id = $1", ben)
	a.merge(ana, ben)
	left := "SELECT string_agg(key, ' ' ORDER BY key) FROM contact, jsonb_each($2::text::jsonb) WHERE contact.id = $1 AND value <> contact_row(account_id, contact.id) -> key"
	if own := read[string](a, left, ana, was); own != "bounce_reason bounced_at changed_at email id" {
		t.Errorf("of the other one it did not take: %s", own)
	}
}

// A picture that came by a merge stays as long as parting the two gives it back, whatever the one that was kept does; one that
// does not is gone at once.
func TestMergedAvatarComesBack(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	change := func(contact uuid.UUID, content string) {
		t.Helper()
		check(t, a.tx(func(ctx context.Context, q *queries.Queries) error {
			var to *queries.Avatar
			if content != "" {
				to = &queries.Avatar{MediaType: "image/png", Content: []byte(content)}
			}
			return queries.ChangeAvatar(ctx, q, a.id, contact, to, noon.Add(2*time.Hour))
		}))
	}
	for _, name := range []string{"removed", "changed"} {
		ana, ben, cleo := a.contact("ana-"+name+"@example.com"), a.contact("ben-"+name+"@example.com"), a.contact("cleo-"+name+"@example.com")
		change(ben, name)
		bens := read[string](a, "SELECT avatar_hash FROM contact WHERE id = $1", ben)
		first := a.merge(ana, ben)
		second := a.merge(cleo, ana) // the picture went on
		if name == "changed" {
			change(cleo, "another")
		}
		change(cleo, "")
		if n := read[int](a, "SELECT count(*) FROM picture"); n != 1 {
			t.Errorf("%s: %d pictures, want the one of the merge", name, n)
		}
		check(t, a.unmerge(cleo, second, noon.Add(3*time.Hour)))
		check(t, a.unmerge(ana, first, noon.Add(3*time.Hour)))
		if n := read[int](a, "SELECT count(*) FROM contact JOIN picture ON hash = avatar_hash WHERE contact.id = $1 AND hash = $2", ben, bens); n != 1 {
			t.Errorf("%s: parted, the other one is without the picture", name)
		}
		change(ben, "")
		if n := read[int](a, "SELECT count(*) FROM picture"); n != 0 {
			t.Errorf("%s: parted and removed, %d pictures are left", name, n)
		}
	}
}
