package dbtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
)

// Copy writes rows into a table by COPY; each is asked for its n-th.
func Copy(t testing.TB, db *pgxpool.Pool, table string, columns []string, n int, row func(i int) []any) {
	t.Helper()
	rows := pgx.CopyFromSlice(n, func(i int) ([]any, error) { return row(i), nil })
	if _, err := db.CopyFrom(t.Context(), pgx.Identifier{table}, columns, rows); err != nil {
		t.Fatalf("copy into %s: %v", table, err)
	}
}

// WithoutIndexes lets contacts be written in bulk: the indexes of their table are built at the end, in a tenth of the time.
func WithoutIndexes(t testing.TB, db *pgxpool.Pool, fill func()) {
	t.Helper()
	exec := func(sql string) {
		if _, err := db.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	var names, definitions []string
	if err := db.QueryRow(t.Context(), `SELECT array_agg(indexname::text), array_agg(indexdef) FROM pg_indexes
		WHERE tablename = 'contact' AND indexname NOT IN ('contact_pkey', 'contact_email_key')`).Scan(&names, &definitions); err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		exec("DROP INDEX " + name)
	}
	fill()
	for _, definition := range definitions {
		exec(definition)
	}
}

var (
	crowdFirst = []string{"Maria", "Ana", "Ben", "Chiara", "Dmitri", "Elif", "Fatima", "Hana", "Jonas", "Kenji", "Leila", "Marco", "Noa", "Priya", "Rafael", "Zanele"}
	crowdLast  = []string{"Garcia", "Souza", "Okri", "Rinaldi", "Volkov", "Demir", "Zahra", "Novak", "Weber", "Ito", "Haddad", "Rossi", "Levi", "Nair", "Ortega", "Dube", "Mokoena", "Silva"}
)

var crowdColumns = []string{"account_id", "id", "email", "name", "source", "tags", "created_at", "changed_at", "invited_at", "last_invited_at", "sent_at", "bounced_at",
	"filter_opened_at", "opened_at", "joined_at", "accepted_at", "last_seen_at"}

// Crowd gives an account contacts of many names in every state of the funnel, of 400 days, each part of them large enough to fill
// a page also where there are a thousand. What one is says nothing about what else they are; it is the same in each run. Their ids are
// in the order in which they came, as everywhere. The account's figures are counted.
func Crowd(t testing.TB, db *pgxpool.Pool, account uuid.UUID, n int, now time.Time) {
	t.Helper()
	Copy(t, db, "contact", crowdColumns, n, func(i int) []any {
		i++
		first, last := crowdFirst[chance(i, 9)%len(crowdFirst)], crowdLast[chance(i, 10)%len(crowdLast)]
		came := now.Add(-time.Duration(n-i) * (400 * 24 * time.Hour / time.Duration(n)))
		bounced := chance(i, 4) < 80
		joined, days := chance(i, 3) < 400 && !bounced, chance(i, 8)
		invited := when(now.AddDate(0, 0, -days%300), chance(i, 7) < 750)
		sent := invited
		if bounced {
			sent = nil
		}
		filter := invited
		if chance(i, 5) >= 250 {
			filter = nil
		}
		return []any{account, crowdID(came, i), fmt.Sprintf("%s.%s%d@example.com", strings.ToLower(first), strings.ToLower(last), i), first + " " + last, crowdSource(i), crowdTags(i),
			came, came, invited, invited, sent, when(came, bounced), filter, when(came, joined || chance(i, 6) < 330), when(came, joined), when(came, joined),
			when(now.AddDate(0, 0, -days%40), joined)}
	})
	Copy(t, db, "tag", []string{"account_id", "name", "created_at"}, 4, func(i int) []any {
		return []any{account, []string{"board", "newsletter", "spring", "vip"}[i], now}
	})
	if err := queries.New(db).MetricCompute(t.Context(), queries.MetricComputeParams{AccountID: account, Now: now}); err != nil {
		t.Fatal(err)
	}
}

// when is a time where it holds, and else nil.
func when(at time.Time, holds bool) *time.Time {
	if !holds {
		return nil
	}
	return &at
}

func crowdSource(i int) queries.ContactSource {
	switch by := chance(i, 1); {
	case by < 400:
		return queries.ContactSourceImport
	case by < 600:
		return queries.ContactSourceManual
	case by < 880:
		return queries.ContactSourceCheckout
	}
	return queries.ContactSourceForm
}

func crowdTags(i int) []string {
	tags := []string{}
	switch by := chance(i, 2); {
	case by < 150:
		tags = append(tags, "vip")
	case by < 300:
		tags = append(tags, "newsletter", "spring")
	}
	if i == 3 || i == 5 || i == 8 {
		tags = append(tags, "board")
	}
	return tags
}

// crowdID is a UUIDv7 of that time.
func crowdID(at time.Time, i int) uuid.UUID {
	id := queries.NewID()
	for n, ms := 5, at.UnixMilli(); n >= 0; n, ms = n-1, ms>>8 {
		id[n] = byte(ms)
	}
	id[6], id[7] = 0x70|byte(i>>8)&0xf, byte(i) // those of one millisecond keep their order
	return id
}

// chance is a number below 1,000 that looks like chance and is the same in each run (splitmix64 of both).
func chance(i, kind int) int {
	x := uint64(i)<<8 + uint64(kind) + 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return int((x ^ x>>31) % 1000)
}
