package handlers

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"atrium/queries"
)

// secondFactor turns it on for a person, a step before the site's time, and returns their recovery codes.
func (s *testSite) secondFactor(t testing.TB, p staff) (recovery []string) {
	t.Helper()
	inTx(t, s.DB, func(q *queries.Queries) error {
		if err := s.Mails.BeginTwoFactor(t.Context(), q, p.id); err != nil {
			return err
		}
		row, err := q.StaffTwoFactor(t.Context(), p.id)
		if err != nil {
			return err
		}
		before := s.clock.now().Add(-time.Minute)
		recovery, err = s.Mails.ConfirmTwoFactor(t.Context(), q, row, s.codeOf(t, row, before), before)
		return err
	})
	return recovery
}

// code is what a person's app shows at the site's time.
func (s *testSite) code(t testing.TB, p staff) string {
	t.Helper()
	row, err := s.q.StaffTwoFactor(t.Context(), p.id)
	if err != nil {
		t.Fatal(err)
	}
	return s.codeOf(t, row, s.clock.now())
}

func (s *testSite) codeOf(t testing.TB, row queries.StaffTwoFactorRow, at time.Time) string {
	t.Helper()
	key, err := s.Mails.TwoFactorKey(row)
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(key.Secret(), at)
	if err != nil {
		t.Fatal(err)
	}
	return code
}

// halfway is a browser in which the password was right and the code is still to come.
func (s *testSite) halfway(t testing.TB, p staff) *browser {
	t.Helper()
	b := s.admin(t)
	b.fill(b.get("/sign-in"), "#staff-signin", "email", p.email, "password", rightPassword).leadsTo("/sign-in/code")
	return b
}

// both is a browser of somebody who gave both factors; the clock moves on, so that the next code is another.
func (s *testSite) both(t testing.TB, p staff) *browser {
	t.Helper()
	b := s.halfway(t, p)
	b.fill(b.get("/sign-in/code"), "#staff-code", "code", s.code(t, p)).leadsTo("/")
	s.clock.move(30 * time.Second)
	return b
}

// Before the code, a session opens nothing but the page that asks for it, and changes nothing.
func TestHalfASignInOpensNothing(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.secondFactor(t, maya)
	w := s.things(t, s.acme, maya)
	w.staffSession = s.staffSession(t, maya)
	b := s.halfway(t, maya)
	token, before, tried := b.token(), s.everything(t), 0
	for _, r := range adminRoutes {
		switch {
		case r.guard == public || r.guard == halfway:
			continue
		case r.method != get:
			b.ask(r, w.path(r.path), token, w.formOf(r.path)).leadsTo("/sign-in/code")
		case r.path == "/":
			b.get("/").leadsTo("/sign-in/code")
		default:
			b.get(w.path(r.path)).leadsTo("/sign-in/code?next=" + url.QueryEscape(w.path(r.path)))
			if p := b.htmx().get(w.path(r.path)).is(http.StatusOK); p.body != "OK" || !strings.HasPrefix(p.header.Get("HX-Redirect"), "/sign-in/code") {
				t.Errorf("%s for a part: %s", r.path, p.body)
			}
		}
		tried++
	}
	if s.everything(t) != before || tried < 30 {
		t.Errorf("%d routes tried, and something changed or too few", tried)
	}
	b.get("/sign-in/code").is(http.StatusOK).has("#staff-code").lacks("nav", "#menu-person", "a[href='/acme']")
}

func TestStaffSignInWithTwoFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme, s.lumen)
	recovery := s.secondFactor(t, maya)
	b := s.admin(t)
	to := "/acme/contacts?q=a%26b"
	p := b.follow(b.get(to))
	p = b.follow(b.fill(p, "#staff-signin", "email", maya.email, "password", rightPassword).leadsTo("/sign-in/code?next=" + url.QueryEscape(to)))
	half := b.stolen(s.admin(t))
	if c := b.cookie(sessionCookie); c == "" {
		t.Fatal("there is no session that waits")
	}
	for _, wrong := range []string{"", "000000", strings.Repeat("a", 40), "aaaa-aaaa-aaaa-aaaa"} {
		b.fill(p, "#staff-code", "code", wrong).is(http.StatusUnprocessableEntity).has("#staff-code #field-code-error")
	}
	b.htmx().fill(p, "#staff-code", "code", "000000").is(http.StatusUnprocessableEntity).has("#staff-code").lacks("main")
	once := s.code(t, maya)
	b.fill(p, "#staff-code", "code", once[:3]+" "+once[3:]).leadsTo(to)
	b.get("/acme/contacts").is(http.StatusOK)
	half.get("/acme").leadsTo("/sign-in?next=%2Facme") // what waited is over
	b.get("/sign-in/code").leadsTo("/")
	s.rows(t, 1, "staff_session WHERE waits_for_code AND ended_because = 'superseded'")
	again := s.halfway(t, maya)
	again.fill(again.get("/sign-in/code"), "#staff-code", "code", once).is(http.StatusUnprocessableEntity)
	again.fill(again.get("/sign-in/code"), "#staff-code", "code", recovery[0]).leadsTo("/")
	s.rows(t, 2, "audit WHERE action = 'staff.recovery_code_used' AND staff_id = $1 AND subject_id = $1", maya.id) // in both accounts
	late := s.halfway(t, maya)
	late.fill(late.get("/sign-in/code"), "#staff-code", "code", recovery[0]).is(http.StatusUnprocessableEntity)
	s.clock.move(queries.CodeWait)
	late.get("/sign-in/code").leadsTo("/sign-in?next=%2Fsign-in%2Fcode")
	elsewhere := s.both(t, maya)
	elsewhere.get("/sessions").is(http.StatusOK)
}

// The list of devices has those that are signed in, and no others.
func TestHalfASignInIsNoDevice(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.secondFactor(t, maya)
	b := s.both(t, maya)
	s.halfway(t, maya)
	if n := len(b.get("/sessions").all("tbody tr")); n != 1 {
		t.Errorf("%d devices", n)
	}
}

// Codes are counted per person, wherever they are tried from; a right one gives all tries back.
func TestTwoFactorLimit(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya, ben := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme), s.person(t, "ben@acme.example", queries.StaffRoleOwner, s.acme)
	s.secondFactor(t, maya)
	s.secondFactor(t, ben)
	try := func(p staff, code string) *page {
		b := s.halfway(t, p)
		return b.fill(b.get("/sign-in/code"), "#staff-code", "code", code)
	}
	for range queries.LimitTwoFactor.Times {
		try(maya, "000000").is(http.StatusUnprocessableEntity)
	}
	if p := try(maya, s.code(t, maya)).is(http.StatusTooManyRequests); p.header.Get("Retry-After") == "" {
		t.Error("it does not say when to try again")
	}
	try(ben, s.code(t, ben)).leadsTo("/")
	s.clock.move(queries.LimitTwoFactor.Per / time.Duration(queries.LimitTwoFactor.Times))
	try(maya, s.code(t, maya)).leadsTo("/")
	for range queries.LimitTwoFactor.Times {
		try(maya, "000000").is(http.StatusUnprocessableEntity)
	}
}

// Whoever reads somebody's mail can choose a new password, and is asked for the second factor all the same.
func TestPasswordResetKeepsTheSecondFactor(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	s.secondFactor(t, maya)
	b := s.admin(t)
	path := s.reset(t, b, maya.email)
	p := b.follow(b.fill(b.get(path), "#staff-link", "password", "a new long password").leadsTo("/sign-in/code"))
	b.get("/acme").leadsTo("/sign-in/code?next=%2Facme")
	b.fill(p, "#staff-code", "code", s.code(t, maya)).leadsTo("/")
	b.get("/acme").is(http.StatusOK)
}
