package handlers

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// The cookies there are, on portal and admin hosts alike: each host has its own, so a client's never meets a staff
// person's. On TLS their names begin with __Host-, which lets no other host set them.
const (
	sessionCookie = "atrium_session" // a signed-in client or staff person
	browserCookie = "atrium_browser" // a browser that was shown a form; proves that what it sends came from that form
	flashCookie   = "atrium_flash"   // the one message for the next page
)

func (s *Site) cookieName(name string) string {
	if s.Addresses.Secure() {
		return "__Host-" + name
	}
	return name
}

func (s *Site) setCookie(c *fiber.Ctx, name, value string, life time.Duration) {
	c.Cookie(&fiber.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(life.Seconds()), HTTPOnly: true,
		Secure: s.Addresses.Secure(), SameSite: fiber.CookieSameSiteLaxMode})
}

// ownCookie is the value of a cookie that holds a token; empty: there is none. Without TLS another host of the same domain can plant one
// beside ours, and nothing tells which is which, so neither counts.
func (s *Site) ownCookie(c *fiber.Ctx, name string) (value string, planted bool) {
	name = s.cookieName(name)
	times := 0
	c.Request().Header.VisitAllCookie(func(key, _ []byte) {
		if string(key) == name {
			times++
		}
	})
	if times > 1 {
		return "", true
	}
	return token(c.Cookies(name)), false
}

func (s *Site) dropCookie(c *fiber.Ctx, name string) {
	c.Cookie(&fiber.Cookie{Name: s.cookieName(name), Path: "/", Expires: time.Unix(0, 0), HTTPOnly: true,
		Secure: s.Addresses.Secure(), SameSite: fiber.CookieSameSiteLaxMode})
}

// formToken is what every form of this browser carries; a browser without a cookie is given one. Pages that may be framed have none, nor
// has a browser with a planted cookie, whose own one goes on being good for its other pages.
func (s *Site) formToken(c *fiber.Ctx) string {
	v := at(c)
	if v.framed || v.planted {
		return ""
	}
	if v.browser == "" {
		v.browser = queries.NewToken()
		s.setCookie(c, browserCookie, v.browser, 365*24*time.Hour)
	}
	return formTokenOf(v.browser)
}

func formTokenOf(browser string) string {
	mac := hmac.New(sha256.New, []byte(browser))
	mac.Write([]byte("form"))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// checkOrigin refuses what was not sent by a page of this host, where the browser says where a request comes from. No page of ours hides that
// from its own host, so who does ("null") is another's.
func (s *Site) checkOrigin(c *fiber.Ctx) error {
	switch site := c.Get("Sec-Fetch-Site"); {
	case site != "" && site != "same-origin" && site != "none":
		return errForeign
	case site == "" && c.Get(fiber.HeaderOrigin) != "":
		origin, err := url.Parse(c.Get(fiber.HeaderOrigin))
		if err != nil || hostOnly(origin.Host) != s.host(c.Context()) {
			return errForeign
		}
	}
	return nil
}

// checkToken refuses a form whose token does not fit the browser's cookie.
func checkToken(c *fiber.Ctx) error {
	v := at(c)
	if v.browser == "" || !hmac.Equal([]byte(c.FormValue("_token")), []byte(formTokenOf(v.browser))) {
		return errForeign
	}
	return nil
}

// flash leaves one message for the next page of this browser.
func (s *Site) flash(c *fiber.Ctx, kind, text string) {
	value, err := json.Marshal(views.Flash{Kind: kind, Text: text})
	if err != nil {
		return // strings always marshal
	}
	s.setCookie(c, flashCookie, base64.RawURLEncoding.EncodeToString(value), time.Minute)
}

func (s *Site) hasFlash(c *fiber.Ctx) bool { return c.Cookies(s.cookieName(flashCookie)) != "" }

// takeFlash returns the message left by the page before, once.
func (s *Site) takeFlash(c *fiber.Ctx) (f views.Flash) {
	value := c.Cookies(s.cookieName(flashCookie))
	if value == "" || at(c).framed {
		return f
	}
	s.dropCookie(c, flashCookie)
	text, err := base64.RawURLEncoding.DecodeString(value)
	if err != nil || json.Unmarshal(text, &f) != nil {
		return views.Flash{}
	}
	return f
}
