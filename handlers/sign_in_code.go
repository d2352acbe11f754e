package handlers

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
	"atrium/views"
)

// codeOver is said of a code that is not open in this browser any more, or never was.
const codeOver = "This code is over: it was used, or its 15 minutes have passed. Ask for a new one."

// codePage waits for the six digits of the mail, or for the link in it to be followed.
type codePage struct {
	views.Page
	Email   string // the address as it was typed, known or not
	Code    views.Field
	Problem string // about the code as a whole; empty: none
	Next    string // where the client wanted to go, for a new code
	Over    bool   // no code is open in this browser: only a new one helps
}

// signInAskLink writes the request and its job, for known and unknown addresses alike: the job finds out whether there is
// anybody to mail. So the answer is the same, and so is the time it takes.
func (s *Site) signInAskLink(c *fiber.Ctx) error {
	p := s.newSignInPage(c, strings.TrimSpace(c.FormValue("email")), c.FormValue("next"))
	email, err := queries.ParseEmail(p.Email.Value)
	if err != nil {
		return p.refuse(c, &p.Email, err)
	}
	return s.mailSignIn(c, email, p.Next)
}

// mailSignIn writes the request of this browser to be mailed a link and a code, leading to a page as nextPath returns it, and
// waits for the code.
func (s *Site) mailSignIn(c *fiber.Ctx, email, next string) error {
	v, ctx := at(c), c.UserContext()
	if err := s.spendMail(c, email); err != nil {
		return err
	}
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) error {
		id := queries.NewID()
		if err := q.SignInRequestInsert(ctx, queries.SignInRequestInsertParams{AccountID: v.account.ID, ID: id, Email: email,
			BrowserHash: queries.TokenHash(v.browser), Target: targetOf(next), Path: next, Now: v.now, ExpiresAt: v.now.Add(queries.SignInLife)}); err != nil {
			return err
		}
		return s.Queue.SignIn(ctx, tx, v.account.ID, id)
	})
	if err != nil {
		return err
	}
	if c.FormValue("again") != "" {
		s.flash(c, views.FlashSuccess, "A new mail is on its way. Use the newest one.")
	}
	return redirect(c, "/sign-in/code")
}

func (s *Site) newCodePage(c *fiber.Ctx, email, next string) *codePage {
	return &codePage{Page: s.page(c, "Check your mail"), Email: email, Next: next,
		Code: views.Field{Name: "code", Label: "Six-digit code", Autocomplete: "one-time-code", InputMode: "numeric", Required: true, Autofocus: true, MaxLength: 12}} // longer than the code: people paste it with blanks
}

func (p *codePage) render(c *fiber.Ctx) error {
	return render(c, views.FrameCard, "signin/code", "signin/_code", p)
}

func (s *Site) signInCodeShow(c *fiber.Ctx) error {
	v := at(c)
	request, err := s.q.SignInRequestOfBrowser(c.UserContext(), queries.SignInRequestOfBrowserParams{AccountID: v.account.ID,
		BrowserHash: queries.TokenHash(v.browser), Now: v.now})
	if errors.Is(queries.Kind(err), queries.ErrNotFound) {
		s.flash(c, views.FlashInfo, "The code is over: it was used, or its 15 minutes have passed. Ask for a new one.")
		return goTo{"/sign-in"}
	} else if err != nil {
		return err
	}
	return s.newCodePage(c, request.Email, landing(request.Path, request.Target)).render(c)
}

func (s *Site) signInByCode(c *fiber.Ctx) error {
	v, ctx := at(c), c.UserContext()
	if err := s.spend(c, queries.Spending{Limit: queries.LimitCodeIP, Subject: v.network()}); err != nil {
		return err
	}
	code := strings.Map(digitsOnly, c.FormValue("code"))
	if len(code) != 6 {
		return s.codeIncomplete(c)
	}
	in := s.signInOf(c, queries.SignInMethodCode)
	var result queries.CodeResult
	err := queries.InTx(ctx, s.DB, func(q *queries.Queries, tx pgx.Tx) (err error) {
		if result, err = queries.TryCode(ctx, q, s.Mails.Secret, v.browser, code, in); err != nil || !result.News {
			return err
		}
		return s.Queue.Metrics(ctx, tx, v.account.ID)
	})
	p := s.newCodePage(c, result.Email, landing(result.Path, result.Target))
	switch {
	case errors.Is(err, queries.ErrNotFound):
		p.Over, p.Problem = true, codeOver
	case err != nil:
		return err
	case result.SignedIn:
		s.setCookie(c, sessionCookie, in.Token, queries.SessionMax)
		return redirect(c, v.arrival(p.Next))
	case result.Left == 0:
		p.Over, p.Problem = true, "That was the fifth wrong code, so it no longer works. The link in the mail still does, or ask for a new code."
	default:
		p.Code.Error = "This is not the code in the newest mail. Compare the digits and try again."
	}
	invalid(c)
	return p.render(c)
}

// codeIncomplete is for who pressed the button too early or pasted something else, which is none of their five tries.
func (s *Site) codeIncomplete(c *fiber.Ctx) error {
	v := at(c)
	request, err := s.q.SignInRequestOfBrowser(c.UserContext(), queries.SignInRequestOfBrowserParams{AccountID: v.account.ID,
		BrowserHash: queries.TokenHash(v.browser), Now: v.now})
	p := s.newCodePage(c, request.Email, landing(request.Path, request.Target))
	switch {
	case errors.Is(queries.Kind(err), queries.ErrNotFound):
		p.Over, p.Problem = true, codeOver
	case err != nil:
		return err
	default:
		p.Code.Value, p.Code.Error = c.FormValue("code"), "The code has six digits. Enter all of them."
	}
	invalid(c)
	return p.render(c)
}

// digitsOnly leaves the digits of a code, also those of Arabic, Persian and Japanese keyboards.
func digitsOnly(r rune) rune {
	for _, zero := range []rune{'0', '\u0660', '\u06f0', '\uff10'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero
		}
	}
	return -1
}

// pathOf is where an app of the portal begins.
func pathOf(app queries.App) string {
	if app == queries.AppHome || app == "" {
		return "/"
	}
	return "/" + string(app)
}

// landing is where a link or code leads: to a page, or to where an app begins.
func landing(path string, target queries.App) string {
	if path = nextPath(path); path == "/" {
		return pathOf(target)
	}
	return path
}

// targetOf is the app that a path, as nextPath returns it, leads into.
func targetOf(path string) queries.App {
	end := strings.IndexAny(path[1:]+"/", "/?#")
	if app := queries.App(path[1 : 1+end]); app.Valid() {
		return app
	}
	return queries.AppHome
}
