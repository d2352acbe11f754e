package queries_test

import (
	"testing"

	"atrium/queries"
)

// A search of the mail log goes by the index of addresses however often it was asked before, also for a domain that is stored otherwise than
// it is written.
func TestMailLogSearchUsesItsIndex(t *testing.T) {
	t.Parallel()
	a := newTenant(t)
	a.exec(`INSERT INTO mail (account_id, id, contact_id, kind, to_email, message_id, created_at, changed_at)
		SELECT $1, gen_random_uuid(), $3, 'welcome', 'person' || n || CASE n WHEN 77 THEN '@xn--mnchen-3ya.example' ELSE '@example.com' END, n::text, $2, $2 FROM generate_series(1, 20000) n`, a.id, noon, a.contact("ana@example.com"))
	a.exec("ANALYZE mail")
	tx, err := a.pool.Begin(t.Context())
	check(t, err)
	scans := func() (newest, address int) {
		check(t, tx.QueryRow(t.Context(), "SELECT pg_stat_get_xact_numscans('mail_newest'::regclass) + pg_stat_get_xact_numscans('mail'::regclass), pg_stat_get_xact_numscans('mail_address'::regclass)").Scan(&newest, &address))
		return newest, address
	}
	others, before := scans()
	for range 12 {
		for search, address := range map[string]string{"person77@MÜNCHEN": "person77@xn--mnchen-3ya.example", "person4567@": "person4567@example.com"} {
			rows, more, err := queries.ListMails(t.Context(), tx, queries.MailsAsked{AccountID: a.id, Search: search, Before: queries.LastID, Size: 50})
			if check(t, err); len(rows) != 1 || more || rows[0].ToEmail != address {
				t.Errorf("%s: %d mails", search, len(rows))
			}
		}
	}
	if all, after := scans(); all != others || after < before+24 {
		t.Errorf("%d looks into the index of addresses for 24 searches, and %d elsewhere", after-before, all-others)
	}
	check(t, tx.Rollback(t.Context()))
}
