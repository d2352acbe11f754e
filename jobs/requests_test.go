package jobs

import (
	"context"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// ask asks to be mailed a sign-in link, as the portal does for any address.
func (o *office) ask(email, browser string) (request uuid.UUID) {
	o.t.Helper()
	request = queries.NewID()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		if err := q.SignInRequestInsert(ctx, queries.SignInRequestInsertParams{AccountID: o.account, ID: request, Email: email,
			BrowserHash: queries.TokenHash(browser), Target: queries.AppHome, Now: o.now(), ExpiresAt: o.now().Add(queries.SignInLife)}); err != nil {
			return err
		}
		return o.queue.SignIn(ctx, tx, o.account, request)
	})
	return request
}

// forgot asks for a new password, as the admin side does for any address.
func (o *office) forgot(email string) {
	o.t.Helper()
	o.tx(func(ctx context.Context, q *queries.Queries, tx pgx.Tx) error {
		id := queries.NewID()
		if err := q.StaffResetInsert(ctx, queries.StaffResetInsertParams{ID: id, Email: email, Now: o.now()}); err != nil {
			return err
		}
		return o.queue.PasswordReset(ctx, tx, id)
	})
}

func TestSignInMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	contact := o.contact("ana@example.com", "Ana")
	o.work()
	request := o.ask("ANA@example.com", "browser")
	got := o.received("ana@example.com")
	o.idle()
	for range 2 { // however often the job runs
		o.again("sign_in_mail")
		o.idle()
	}
	if n := len(o.box.Messages()); n != 1 || read[int](o, "SELECT count(*) FROM magic_link") != 1 {
		t.Errorf("%d mails, %d links", n, read[int](o, "SELECT count(*) FROM magic_link"))
	}
	if got.Code != mails.Secret.Code(request) || !strings.Contains(strings.ReplaceAll(got.HTML, " ", ""), got.Code) {
		t.Errorf("the code is %q, want %s", got.Code, mails.Secret.Code(request))
	}
	if got.From != "Acme Coaching <portal@atrium.test>" || got.ReplyTo != "Acme Coaching <help@acme.test>" {
		t.Errorf("from %s, reply to %s", got.From, got.ReplyTo)
	}
	token := tokenOf(t, got.Links, "https://acme.portal.test")
	link, err := o.q.MagicLinkByToken(t.Context(), queries.MagicLinkByTokenParams{AccountID: o.account, TokenHash: queries.TokenHash(token)})
	if err != nil || link.ContactID != contact || link.Kind != queries.LinkKindSignIn {
		t.Errorf("the link is %+v, %v", link, err)
	}
	// The code that came is the one that signs in where it was asked for.
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		result, err := queries.TryCode(ctx, q, mails.Secret, "browser", got.Code, o.signIn())
		if err == nil && !result.SignedIn {
			t.Errorf("the code comes to %+v", result)
		}
		return err
	})
}

func TestSignInMailToNobody(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	lumen := o.newAccount("lumen", "Lumen")
	_, _, err := queries.AddContact(t.Context(), o.q, lumen, "lena@example.com", "", queries.ContactSourceManual, o.now())
	check(t, err)
	_, err = o.q.StaffUpsert(t.Context(), queries.StaffUpsertParams{ID: queries.NewID(), Email: "maya@acme.test", Now: o.now()})
	check(t, err)
	for _, email := range []string{"nobody@example.com", "lena@example.com", "maya@acme.test"} {
		o.ask(email, email)
	}
	o.work()
	o.idle()
	if n := read[int](o, "SELECT count(*) FROM mail"); n != 0 || len(o.box.Messages()) != 0 {
		t.Errorf("%d rows, mails %v", n, o.box.Messages())
	}
	if n := read[int](o, "SELECT count(*) FROM sign_in_request WHERE link_id IS NULL AND ended_at IS NULL"); n != 3 {
		t.Errorf("%d requests wait for codes as those of known addresses do", n)
	}
	if n := read[int](o, "SELECT count(*) FROM river.river_job WHERE kind = 'sign_in_mail' AND state = 'completed'"); n != 3 {
		t.Errorf("%d jobs done", n)
	}
}

func TestPasswordResetMail(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		_, token, err := mails.AddStaff(ctx, q, o.account, "maya@acme.test", queries.StaffRoleOwner, o.now())
		if err != nil {
			return err
		}
		_, err = queries.SetPasswordByLink(ctx, q, token, "Maya", "hash", queries.StaffSignIn{Token: queries.NewToken(), Visit: o.signIn().Visit})
		return err
	})
	o.contact("ana@example.com", "Ana")
	o.work()
	o.forgot("maya@acme.test")
	got := o.received("maya@acme.test")
	o.idle()
	o.again("password_reset_mail")
	o.forgot("nobody@example.com")
	o.forgot("ana@example.com") // a client, who has another way
	o.idle()
	if n := len(o.box.Messages()); n != 1 {
		t.Errorf("%d mails", n)
	}
	if n := read[int](o, "SELECT count(*) FROM staff_reset"); n != 0 {
		t.Errorf("%d requests are left", n)
	}
	if got.From != "Atrium <portal@atrium.test>" || got.ReplyTo != "" || got.Code != "" || !strings.Contains(got.Text, "Maya") {
		t.Errorf("from %s, reply to %q, code %q:\n%s", got.From, got.ReplyTo, got.Code, got.Text)
	}
	token := tokenOf(t, got.Links, "https://app.atrium.test")
	o.tx(func(ctx context.Context, q *queries.Queries, _ pgx.Tx) error {
		_, err := queries.SetPasswordByLink(ctx, q, token, "", "new hash", queries.StaffSignIn{Token: queries.NewToken(), Visit: o.signIn().Visit})
		return err
	})
}
