// Package handlers is the room of every request: routes, guards, forms, page structs and answers. A handler turns the
// form into a struct, asks queries once or writes rows and jobs in one transaction, fills the page's struct and renders.
//
// Not in here: SQL, sending mail, reading the environment. Handlers may import jobs, views and queries; only cmd imports
// handlers.
package handlers

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/valyala/fasthttp"
	"github.com/valyala/fasthttp/fasthttpadaptor"

	"atrium/handlers/internal/directory"
	"atrium/handlers/password"
	"atrium/jobs"
	"atrium/jobs/billing"
	"atrium/jobs/filestore"
	"atrium/queries"
	"atrium/views"
)

// Config is what a site needs from outside. Every field without a stated default must be set.
type Config struct {
	DB        *pgxpool.Pool
	Listen    bool // whether DB can LISTEN; false behind a pooler in transaction mode
	Queue     *jobs.Queue
	Files     filestore.Store
	Mails     queries.MailMaker
	Addresses jobs.Addresses
	Passwords *password.Hasher
	Stripe    *billing.Door
	Log       *slog.Logger
	Now       func() time.Time

	StripeSecrets  []string                // one of which signs every event; none by default, and then none is taken
	TrustedProxies []netip.Prefix          // whose X-Forwarded-For is believed; none by default
	Deadline       time.Duration           // of one request's work; default 10 s
	AtOnce         int                     // requests that are worked on at once; default 64
	TurnedAway     func(signedIn bool)     // told of each request there was no place for; nobody by default
	Hosts          map[string]http.Handler // more host names and what serves them, such as the demo's mailbox; none by default
	Answered       Answered                // told of each request that was answered; nobody by default
	Trace          func(template string)   // called with each template that is executed; for tests, none by default
	Standard       bool                    // as [views.Engine.Standard]; false by default
	GaveUp         func(template string)   // told of each time html/template wrote what a compiled template could not; nobody by default

	// Compared is as [views.Engine.Compared]; for tests, none by default.
	Compared func(template string, data any, err error)
}

// Site serves all hosts of an installation: the admin host and every account's portal.
type Site struct {
	Config
	q          *queries.Queries
	accounts   *directory.Directory
	engine     *views.Engine
	portal     fasthttp.RequestHandler
	admin      fasthttp.RequestHandler
	nobody     fasthttp.RequestHandler // answers on unknown hosts
	others     map[string]fasthttp.RequestHandler
	server     *fasthttp.Server
	atWork     *places
	withStripe *places // of what asks Stripe, which are fewer
	withBrand  *places // of the files of a brand
	regulars   regulars
	gaveUp     sync.Map  // the templates of which it was logged
	kept       keptPages // the portals' sign-in pages
	silence    silence
	readiness  readiness
	draining   atomic.Bool
	ending     context.Context // ends when the program is to stop: what lasts long ends with it
	keep       context.CancelFunc
}

// connectionsMost is how many connections are served; one more is answered 503 and closed. Each holds its buffers while it is open, 54 KB, so
// together they hold 440 MB at most. (fasthttp can take the buffers of idle ones back, but then also those of bodies that are still read.)
const connectionsMost = 8 << 10

// New reads the accounts, parses the templates and builds both apps. Nothing is served until Serve.
func New(ctx context.Context, c Config) (*Site, error) {
	if c.Deadline == 0 {
		c.Deadline = 10 * time.Second
	}
	if c.AtOnce == 0 {
		c.AtOnce = 64
	}
	s := &Site{Config: c, q: queries.New(c.DB), others: map[string]fasthttp.RequestHandler{}, kept: make(keptPages, keptMost)}
	s.engine = &views.Engine{Trace: c.Trace, Standard: c.Standard, GaveUp: s.templateGaveUp, Compared: c.Compared}
	s.atWork = &places{most: c.AtOnce, line: c.AtOnce, wait: waitForWork}
	connections := int(c.DB.Config().MaxConns)
	s.withStripe = &places{most: max(connections/2, 1), line: c.AtOnce, wait: waitForStripe}
	s.withBrand = &places{most: max(connections/4, 1), line: c.AtOnce, wait: waitForWork}
	if err := s.engine.Load(); err != nil {
		return nil, err
	}
	var err error
	if s.accounts, err = directory.Open(ctx, c.DB, c.Listen, c.Log); err != nil {
		return nil, fmt.Errorf("reading the accounts: %w", err)
	}
	s.portal, s.admin, s.nobody = s.app(portalRoutes), s.app(adminRoutes), s.app(nil)
	for host, handler := range c.Hosts {
		s.others[host] = fasthttpadaptor.NewFastHTTPHandler(handler)
	}
	s.server = &fasthttp.Server{
		Handler: s.answer, NoDefaultServerHeader: true, MaxRequestBodySize: formMost, StreamRequestBody: true, DisablePreParseMultipartForm: true, // see uploads.go
		ReadBufferSize:  32 << 10, // bounds the headers; a parent domain's cookies come to some KB
		WriteBufferSize: 16 << 10, // most pages in one piece: a second one costs as much again
		Concurrency:     connectionsMost,
		ReadTimeout:     15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 75 * time.Second,
		CloseOnShutdown: true, Logger: quiet{}, ErrorHandler: unreadable,
	}
	s.ending, s.keep = context.WithCancel(context.WithoutCancel(ctx))
	go s.accounts.Keep(s.ending)
	return s, nil
}

// Serve answers on the listener until Shutdown, and then returns nil.
func (s *Site) Serve(ln net.Listener) error { return s.server.Serve(s.silence.on(ln)) }

// Drain asks whoever stands in front to send people elsewhere: /readyz says no, and each connection ends with the answer that is
// given on it. Everything else goes on.
func (s *Site) Drain() { s.draining.Store(true) }

// Shutdown lets requests finish until the context ends; the listener and the connections without a request it closes at once.
func (s *Site) Shutdown(ctx context.Context) error {
	s.keep()
	s.silence.end()
	err := s.server.ShutdownWithContext(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.New("some requests did not finish in time")
	}
	return err
}

// app makes the Fiber app of one kind of host.
func (s *Site) app(routes []route) fasthttp.RequestHandler {
	app := fiber.New(fiber.Config{
		Immutable:             true, // Fiber reuses the memory of its strings otherwise, and rows would change under us
		Views:                 s.engine,
		ErrorHandler:          s.onError,
		DisableStartupMessage: true,
		CaseSensitive:         true,
		RequestMethods:        append(slices.Clone(fiber.DefaultMethods), otherMethod), // Fiber answers what is not in here by itself
	})
	app.Use(s.enter)
	for _, r := range append(sharedRoutes, routes...) {
		for _, method := range r.methods() {
			app.Add(method, r.path, s.guarded(r))
		}
	}
	app.Use(s.guarded(route{get, "", public, func(_ *Site, c *fiber.Ctx) error {
		if c.Method() == otherMethod {
			return fiber.ErrNotImplemented
		}
		return queries.ErrNotFound
	}}))
	return app.Handler()
}

// otherMethod stands for each method that HTTP does not know, so that no figure has a label of a visitor's making.
const otherMethod = "OTHER"

// dispatch finds out which host was asked. Client cookies and staff cookies never share one.
func (s *Site) dispatch(ctx *fasthttp.RequestCtx) {
	if s.draining.Load() {
		ctx.SetConnectionClose()
	}
	if !slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
		ctx.Request.Header.SetMethod(otherMethod)
	}
	host := s.host(ctx)
	if host == s.Addresses.AppHost {
		s.admin(ctx)
		return
	}
	if account := s.accountOf(host); account != nil {
		ctx.SetUserValue(accountKey, account)
		s.portal(ctx)
		return
	}
	if other := s.others[host]; other != nil {
		other(ctx)
		return
	}
	s.nobody(ctx)
}

func (s *Site) accountOf(host string) *directory.Account {
	if account := s.accounts.ByDomain(host); account != nil {
		return account
	}
	slug, found := strings.CutSuffix(host, "."+s.Addresses.PortalDomain)
	if !found {
		return nil
	}
	return s.accounts.BySlug(slug)
}

// hostOnly is a Host header in lower case without port and closing dot.
func hostOnly(host string) string {
	if i := strings.LastIndexByte(host, ':'); i > strings.LastIndexByte(host, ']') {
		host = host[:i]
	}
	return strings.TrimSuffix(strings.ToLower(host), ".")
}

// unreadable answers what could not even be read as a request.
func unreadable(ctx *fasthttp.RequestCtx, err error) {
	var slow net.Error
	switch {
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		ctx.Error("This is more than can be sent at once (1 MB).\n", fasthttp.StatusRequestEntityTooLarge)
	case errors.As(err, &slow) && slow.Timeout():
		ctx.Error("The request did not arrive whole in time. Please try again.\n", fasthttp.StatusRequestTimeout)
	default:
		ctx.Error("This request cannot be read.\n", fasthttp.StatusBadRequest)
	}
	harden(&ctx.Response.Header) // an error leaves no header that was there
}

// quiet drops the server's remarks about broken connections: they quote what was sent, which may hold a token or a cookie.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
