package handlers

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime/debug"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"
	"github.com/valyala/fasthttp"

	"atrium/handlers/internal/directory"
	"atrium/queries"
)

const (
	accountKey = "account"
	visitKey   = "visit"
)

// visit is what the guards found out about one request.
type visit struct {
	id      string // of the request, in the log and in X-Request-Id
	now     time.Time
	ip      netip.Addr
	agent   string
	browser string // value of the browser's cookie; empty until a page with a form gives it one
	session string // value of the session's cookie; empty without one
	planted bool   // somebody else set a second cookie of the browser

	account *directory.Account // the portal's, or the one in the path on the admin host; nil elsewhere
	client  *queries.SessionByTokenRow
	staff   *queries.StaffSessionByTokenRow
	role    queries.StaffRole // of staff in account
	counted time.Time         // when the account's figures were counted, as far as the guard of staff knows; the epoch: not yet

	framed         bool // the page may stand inside another site's, so it neither takes nor gives cookies
	needsTwoFactor bool // whether account wants its staff to have a second factor

	upload *upload // the form with a file that is being sent; nil on routes that take none
}

func at(c *fiber.Ctx) *visit { return c.Locals(visitKey).(*visit) }

// accountID is the account of the visit, or the nil UUID on pages of the admin host that are of none.
func (v *visit) accountID() uuid.UUID {
	if v.account == nil {
		return uuid.Nil
	}
	return v.account.ID
}

func (v *visit) from() queries.Visit { return queries.Visit{At: v.now, IP: v.ip, UserAgent: v.agent} }

// base stands before every address of the account on the admin host.
func (v *visit) base() string { return "/" + strings.ToLower(v.account.Slug) }

// enter is around every request: it gives it an id, a clock, a deadline and the headers every answer has, and writes its
// one line in the log, with the route's pattern and never the path, which may hold a token.
func (s *Site) enter(c *fiber.Ctx) error {
	began := s.Now()
	v := &visit{id: uuid.NewString(), now: began, ip: s.remote(c), agent: strings.ReplaceAll(strings.ToValidUTF8(c.Get(fiber.HeaderUserAgent), ""), "\x00", "")}
	v.account, _ = c.Locals(accountKey).(*directory.Account)
	if v.account != nil {
		v.now = v.now.In(v.account.Location)
	}
	v.browser, v.planted = s.ownCookie(c, browserCookie)
	v.session, _ = s.ownCookie(c, sessionCookie)
	c.Locals(visitKey, v)
	// It does not hang below c.Context(), whose values are the next request's while a call of this one still ends.
	ctx, cancel := context.WithTimeout(queries.CalledBy(context.Background(), slog.String("id", v.id)), s.Deadline)
	defer cancel()
	c.SetUserContext(ctx)
	c.Set("X-Request-Id", v.id)
	harden(&c.Response().Header)
	if holdsToken(c.Path()) { // it goes nowhere, whatever the answer is; that a form is of this host is still said
		c.Set(fiber.HeaderReferrerPolicy, "strict-origin")
	}
	if s.Addresses.Secure() {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=31536000")
	}
	err := queries.ErrNotFound // where a path that is no text leads: handlers look up what stands in it as it is
	if uri := c.Request().URI(); utf8.Valid(uri.PathOriginal()) && utf8.Valid(uri.Path()) {
		err = unlessPanic(c.Next)
	}
	if err != nil {
		err = s.onError(c, err)
	}
	pack(c)
	s.answered(c, v, s.Now().Sub(began))
	return err
}

// Answered is told of a request: the side it was on (portal, admin, or none), its route as routes.go has it, and the answer.
type Answered func(side, method, route string, status int, took time.Duration)

// answered tells of a request once its answer is known.
func (s *Site) answered(c *fiber.Ctx, v *visit, took time.Duration) {
	host, status := s.host(c.Context()), c.Response().StatusCode()
	if s.Log.Enabled(context.Background(), slog.LevelDebug) { // what the line says costs more than to ask
		s.Log.Debug("request", "id", v.id, "host", host, "method", c.Method(), "route", c.Route().Path, "status", status, "took", took.Round(time.Microsecond))
	}
	if s.Answered == nil {
		return
	}
	side := "none"
	if host == s.Addresses.AppHost {
		side = "admin"
	} else if v.account != nil {
		side = "portal"
	}
	s.Answered(side, c.Method(), c.Route().Path, status, took)
}

// holdsToken says whether a path ends with a token that lets its holder do something.
func holdsToken(path string) bool {
	for _, prefix := range []string{"/l/", "/email/", "/stop/", "/pay/"} {
		if strings.HasPrefix(path, prefix) {
			return true
		}
	}
	return (strings.HasPrefix(path, "/f/") || strings.HasPrefix(path, "/o/")) && strings.Contains(path, "/confirm/")
}

// unlessPanic makes a panic an error like others: the server would end with it otherwise.
func unlessPanic(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	return do()
}

// host is the host that was asked for, in lower case without port: that of the request, or, when it comes from a trusted
// proxy, the one the proxy was asked for.
func (s *Site) host(ctx *fasthttp.RequestCtx) string {
	if forwarded := ctx.Request.Header.Peek(fiber.HeaderXForwardedHost); len(forwarded) > 0 && s.trusted(peer(ctx)) {
		return hostOnly(string(forwarded))
	}
	return hostOnly(string(ctx.Host()))
}

// peer is the other end of the connection.
func peer(ctx *fasthttp.RequestCtx) netip.Addr {
	addr, _ := netip.AddrFromSlice(ctx.RemoteIP())
	return addr.Unmap()
}

// remote is the visitor's address: the connection's, or, when that is a trusted proxy, the last one in X-Forwarded-For
// that is not. What stands left of it anybody can have written.
func (s *Site) remote(c *fiber.Ctx) netip.Addr {
	from := peer(c.Context())
	lines := c.Context().Request.Header.PeekAll(fiber.HeaderXForwardedFor) // some proxies add a line of their own
	hops := strings.Split(string(bytes.Join(lines, []byte(","))), ",")
	for i := len(hops) - 1; i >= 0 && s.trusted(from); i-- {
		hop, err := parseHop(strings.TrimSpace(hops[i]))
		if err != nil {
			break
		}
		from = hop.Unmap()
	}
	if !from.IsValid() {
		return netip.IPv4Unspecified() // connections without an address, as in tests
	}
	return from
}

// parseHop reads an address with or without a port, as proxies write it.
func parseHop(text string) (netip.Addr, error) {
	if withPort, err := netip.ParseAddrPort(text); err == nil {
		return withPort.Addr(), nil
	}
	return netip.ParseAddr(strings.Trim(text, "[]"))
}

func (s *Site) trusted(addr netip.Addr) bool {
	for _, prefix := range s.TrustedProxies {
		if prefix.Contains(addr) {
			return true
		}
	}
	return false
}

// token takes a cookie's value as a token only when it can be one.
func token(value string) string {
	if len(value) != 43 { // 256 bits in base64
		return ""
	}
	return value
}
