package handlers

import (
	"bytes"
	"image"
	"image/png"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"atrium/queries"
)

// drawing is a PNG of that size, in a grey that goes with its width.
func drawing(t testing.TB, width, height int) string {
	t.Helper()
	var file bytes.Buffer
	grey := image.NewGray(image.Rect(0, 0, width, height))
	for i := range grey.Pix {
		grey.Pix[i] = uint8(width)
	}
	if err := png.Encode(&file, grey); err != nil {
		t.Fatal(err)
	}
	return file.String()
}

// A picture is shown wherever the person is, to people of the account only, and is gone when it is replaced or removed.
func TestAvatars(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleSupport, s.acme)
	ana, ben := s.arrived(t, s.acme, "ana@example.com", "Ana Souza"), s.arrived(t, s.acme, "ben@example.com", "Ben Okri")
	cid := s.arrived(t, s.lumen, "cid@example.com", "Cid Costa")
	b, bens, staff := s.client(t, ana), s.client(t, ben), s.staff(t, maya)
	const form, shown = "form[action='/profile/avatar']", ".person img.mark-person"
	b.get("/profile").has(".person span.mark-person").lacks(shown, "form[action='/profile/avatar/remove']")
	b.upload(b.get("/profile"), form, "picture", "file", drawing(t, 400, 300)).leadsTo("/profile#name")
	path := attr(b.get("/").one(shown), "src")
	got := b.get(path).is(http.StatusOK)
	if decoded, err := png.Decode(strings.NewReader(got.body)); err != nil || decoded.Bounds() != image.Rect(0, 0, 256, 256) {
		t.Errorf("the picture is %v, %v", decoded.Bounds(), err)
	}
	for name, want := range map[string]string{"Content-Type": "image/png", "X-Content-Type-Options": "nosniff", "Cache-Control": "private, max-age=86400",
		"Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox"} {
		if is := got.header.Get(name); is != want {
			t.Errorf("%s is %q, want %q", name, is, want)
		}
	}
	bens.get(path).is(http.StatusOK)
	staff.get("/acme/contacts/" + ana.id.String()).has("h1 img[src='/acme" + path + "']")
	staff.get("/acme" + path).is(http.StatusOK)
	s.portal(t, s.acme).get(path).leadsTo("/sign-in?next=" + url.QueryEscape(path))
	s.client(t, cid).get(path).is(http.StatusNotFound)

	b.upload(b.get("/profile"), form, "picture", "file", drawing(t, 30, 40)).leadsTo("/profile#name")
	b.get(path).is(http.StatusNotFound)
	bens.upload(bens.get("/profile"), form, "picture", "file", drawing(t, 30, 40)).leadsTo("/profile#name") // the same picture, of two people
	s.rows(t, 2, "picture")
	b.fill(b.get("/profile"), "form[action='/profile/avatar/remove']").leadsTo("/profile#name")
	s.rows(t, 1, "picture")
	s.rows(t, 1, "contact WHERE avatar_hash <> ''")
	b.get("/profile").lacks(shown)
	bens.get(attr(bens.get("/").one(shown), "src")).is(http.StatusOK)
}

// What is no picture is refused beside the field, and the one there is stays.
func TestAvatarRefuses(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	ana := s.arrived(t, s.acme, "ana@example.com", "Ana Souza")
	s.avatar(t, ana)
	b := s.client(t, ana)
	before := s.everything(t)
	for name, content := range map[string]string{
		"SVG": `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, "words": "not a picture", "nothing": "", "half a picture": drawing(t, 99, 99)[:60],
		"a bomb": drawing(t, 5000, 5000), "HTML": "<!doctype html><script>alert(1)</script>",
	} {
		if p := b.upload(b.get("/profile"), "form[action='/profile/avatar']", "picture", "file", content); p.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: status %d", name, p.status)
		} else {
			p.has("#field-picture-error", "#profile-photo img", "main")
		}
	}
	b.upload(b.get("/profile"), "form[action='/profile/avatar']", "other", "file", aPicture).is(http.StatusUnprocessableEntity).has("#field-picture-error")
	b.upload(b.get("/profile"), "form[action='/profile/avatar']", "picture", "file", strings.Repeat("x", 4<<20+1)).is(http.StatusUnprocessableEntity)
	b.upload(b.get("/profile"), "form[action='/profile/avatar']", "picture", "file", strings.Repeat("x", 6<<20)).is(http.StatusRequestEntityTooLarge)
	if s.everything(t) != before {
		t.Error("something changed")
	}
}
