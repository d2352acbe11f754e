package main

import "testing"

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
