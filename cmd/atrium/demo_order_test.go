package main

import (
	"fmt"
	"testing"

	"github.com/jackc/pgx/v5"
)

// What the demo is seeded with lies as if it had been written when it is dated: lists that go by ids are in the order of time, and Stripe's
// reports were known when they came.
func TestDemoIsInOrder(t *testing.T) {
	t.Parallel()
	s := startDemo(t)
	var mails, disordered, events, late int
	err := s.database.pool.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE earlier > created_at),
		(SELECT count(*) FROM stripe_event), (SELECT count(*) FROM stripe_event WHERE done_at IS NULL OR done_at > created_at + interval '1 minute')
		FROM (SELECT created_at, lag(created_at) OVER (PARTITION BY account_id ORDER BY id) AS earlier FROM mail) m`).Scan(&mails, &disordered, &events, &late)
	if err != nil {
		t.Fatal(err)
	}
	if mails < 60 || disordered > 0 {
		t.Errorf("%d of %d mails have the id of a later one", disordered, mails)
	}
	if events < 20 || late > 0 {
		t.Errorf("%d of %d of Stripe's reports were known late", late, events)
	}
}

// Nothing of the demo's people is from before they were there, and nothing of its staff: neither what was given to them, bought, mailed or
// done. Whoever invited somebody by the trail did so by the invitation and its link.
func TestDemoCouldHaveBeen(t *testing.T) {
	t.Parallel()
	s := startDemo(t)
	db := s.database.pool
	rows, err := db.Query(t.Context(), `SELECT c.table_name::text, c.column_name::text FROM information_schema.columns c
		WHERE c.table_schema = 'public' AND c.data_type = 'timestamp with time zone' AND c.table_name <> 'form_submission'
			AND EXISTS (SELECT FROM information_schema.columns k WHERE k.table_schema = 'public' AND k.table_name = c.table_name AND k.column_name = 'contact_id')`)
	if err != nil {
		t.Fatal(err)
	}
	columns, err := pgx.CollectRows(rows, pgx.RowToStructByPos[struct{ Table, Column string }])
	if err != nil || len(columns) < 30 {
		t.Fatalf("only %d times of contacts were found: %v", len(columns), err)
	}
	asked := map[string]string{
		"the trail of a contact": `SELECT c.email || ': ' || a.action || ' ' || c.created_at - a.at FROM audit a JOIN contact c ON c.account_id = a.account_id AND c.id = a.subject_id WHERE a.at < c.created_at`,
		"the trail of staff": `SELECT s.email || ': ' || a.action FROM audit a JOIN staff_membership m ON m.account_id = a.account_id AND m.staff_id = a.staff_id JOIN staff s ON s.id = m.staff_id
			WHERE a.at < m.created_at`,
		"the account": `SELECT c.email || ' ' || a.created_at - c.created_at FROM contact c JOIN account a ON a.id = c.account_id WHERE c.created_at < a.created_at`,
		"who invited": `SELECT c.email::text FROM invitation i JOIN contact c ON c.account_id = i.account_id AND c.id = i.contact_id
			JOIN magic_link l ON l.account_id = i.account_id AND l.invitation_id = i.id AND l.id = (SELECT min(f.id::text)::uuid FROM magic_link f WHERE f.account_id = i.account_id AND f.invitation_id = i.id)
			WHERE l.made_by IS DISTINCT FROM i.invited_by OR NOT EXISTS (SELECT FROM audit a WHERE a.account_id = i.account_id AND a.action = 'contact.invite' AND a.subject_id = c.id
				AND a.staff_id = i.invited_by AND a.at = i.created_at)`,
		"invitations of the trail": `SELECT a.subject FROM audit a WHERE a.action = 'contact.invite' AND NOT EXISTS (SELECT FROM invitation i WHERE i.account_id = a.account_id AND i.contact_id = a.subject_id
			AND i.invited_by = a.staff_id)`,
	}
	for _, c := range columns {
		asked[c.Table+"."+c.Column] = fmt.Sprintf("SELECT c.email || ' ' || c.created_at - t.%[2]q FROM %[1]q t JOIN contact c ON c.account_id = t.account_id AND c.id = t.contact_id WHERE t.%[2]q < c.created_at", c.Table, c.Column)
	}
	for what, sql := range asked {
		rows, err := db.Query(t.Context(), sql)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		if wrong, err := pgx.CollectRows(rows, pgx.RowTo[string]); err != nil || len(wrong) > 0 {
			t.Errorf("%s, which cannot be: %q, %v", what, wrong, err)
		}
	}
}
