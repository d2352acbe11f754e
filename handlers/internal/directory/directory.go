// Package directory keeps all accounts and their domains in memory, so that finding the account of a host costs a request
// nothing, and reads them again within a second of a change. Only handlers use it.
package directory

import (
	"context"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"atrium/queries"
	"atrium/views"
)

// Account is what requests know of an account without asking.
type Account struct {
	queries.AccountListRow
	Domain   string              // its own verified host; empty without one
	Location *time.Location      // of TimeZone; UTC when that is unknown
	Menu     []queries.Link      // in the portal's menu
	Apps     []queries.AppChoice // every app once, in order

	shown atomic.Pointer[views.Account] // nil until a page of it was asked for
}

// Directory finds accounts. Its zero value is not usable; make one with Open.
type Directory struct {
	pool     *pgxpool.Pool
	listen   bool
	log      *slog.Logger
	patience time.Duration
	seen     atomic.Pointer[contents]
}

// patience is how long nothing may be heard before the connection is asked whether it is still there, and how long it may take to answer.
// One that is lost without a word, as when the other machine is gone, would be waited at for most of an hour.
const patience = 10 * time.Second

type contents struct {
	byID     map[uuid.UUID]*Account
	bySlug   map[string]*Account
	byDomain map[string]*Account
	version  queries.DirectoryVersionRow
}

// Open reads all accounts. With listen, changes come by LISTEN, which needs a connection of its own to Postgres;
// without, as behind a pooler in transaction mode, the directory asks every second whether something changed.
func Open(ctx context.Context, pool *pgxpool.Pool, listen bool, log *slog.Logger) (*Directory, error) {
	d := &Directory{pool: pool, listen: listen, log: log, patience: patience}
	return d, d.read(ctx)
}

// BySlug finds the account of a portal host's first label; nil when there is none.
func (d *Directory) BySlug(slug string) *Account { return d.seen.Load().bySlug[strings.ToLower(slug)] }

// ByDomain finds the account of a verified domain; nil when there is none.
func (d *Directory) ByDomain(host string) *Account {
	return d.seen.Load().byDomain[strings.ToLower(host)]
}

// ByID finds an account; nil when there is none.
func (d *Directory) ByID(id uuid.UUID) *Account { return d.seen.Load().byID[id] }

// Keep follows changes until the context ends. It survives lost connections by connecting again.
func (d *Directory) Keep(ctx context.Context) {
	for ctx.Err() == nil {
		var err error
		if d.listen {
			err = d.followNotices(ctx)
		} else {
			err = d.soon(ctx, d.readIfChanged)
		}
		if err != nil && ctx.Err() == nil {
			d.log.Warn("the directory of accounts is not up to date", "error", err)
		}
		select {
		case <-ctx.Done():
		case <-time.After(time.Second): // between two looks, or before connecting again
		}
	}
}

func (d *Directory) followNotices(ctx context.Context) error {
	own, err := d.listener(ctx)
	if err != nil {
		return err
	}
	defer own.Close(context.WithoutCancel(ctx))
	for {
		if err := d.soon(ctx, d.read); err != nil { // the first time for what changed before LISTEN
			return err
		}
		if err := d.heard(ctx, own); err != nil {
			return err
		}
	}
}

// listener is a connection of its own that listens: it must not go back to the pool, where its notices would pile up.
func (d *Directory) listener(ctx context.Context) (own *pgx.Conn, err error) {
	err = d.soon(ctx, func(ctx context.Context) error {
		conn, err := d.pool.Acquire(ctx)
		if err != nil {
			return err
		}
		own = conn.Hijack()
		if _, err := own.Exec(ctx, "LISTEN account_changed"); err != nil {
			own.Close(context.WithoutCancel(ctx))
			return err
		}
		return nil
	})
	return own, err
}

// heard returns when something has changed, or when the connection is not there any more.
func (d *Directory) heard(ctx context.Context, own *pgx.Conn) error {
	for {
		err := d.soon(ctx, func(ctx context.Context) error {
			_, err := own.WaitForNotification(ctx)
			return err
		})
		if err == nil || ctx.Err() != nil || !pgconn.Timeout(err) {
			return err
		}
		if err := d.soon(ctx, own.Ping); err != nil {
			return err
		}
	}
}

// soon is for what is not to be waited for in vain.
func (d *Directory) soon(ctx context.Context, do func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, d.patience)
	defer cancel()
	return do(ctx)
}

func (d *Directory) readIfChanged(ctx context.Context) error {
	version, err := queries.New(d.pool).DirectoryVersion(ctx)
	if err != nil || version == d.seen.Load().version {
		return err
	}
	return d.read(ctx)
}

func (d *Directory) read(ctx context.Context) error {
	q := queries.New(d.pool)
	version, err := q.DirectoryVersion(ctx) // before the rows: a change in between is read once more, not missed
	if err != nil {
		return err
	}
	accounts, err := q.AccountList(ctx)
	if err != nil {
		return err
	}
	apps, err := q.AppListOfAll(ctx)
	if err != nil {
		return err
	}
	domains, err := q.DomainList(ctx)
	if err != nil {
		return err
	}
	next := &contents{make(map[uuid.UUID]*Account, len(accounts)), make(map[string]*Account, len(accounts)), map[string]*Account{}, version}
	for _, row := range accounts {
		account := newAccount(row)
		next.byID[row.ID], next.bySlug[strings.ToLower(row.Slug)] = account, account
	}
	for _, app := range apps {
		if account := next.byID[app.AccountID]; account != nil {
			account.Apps = append(account.Apps, queries.AppChoice{App: app.App, On: app.SwitchedOn, Label: app.Label})
		}
	}
	for _, account := range next.byID {
		account.Apps = queries.AppsInOrder(account.Apps)
	}
	for _, domain := range domains {
		if account := next.byID[domain.AccountID]; account != nil {
			account.Domain = strings.ToLower(domain.Host)
			next.byDomain[account.Domain] = account
		}
	}
	d.seen.Store(next)
	return nil
}

func newAccount(row queries.AccountListRow) *Account {
	location, err := time.LoadLocation(row.TimeZone)
	if err != nil {
		location = time.UTC
	}
	return &Account{AccountListRow: row, Location: location, Menu: queries.Links(row.MenuLinks)}
}
