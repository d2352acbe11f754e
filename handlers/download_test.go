package handlers

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"
)

// A file whose making fails in the middle does not arrive as a whole one; before and behind it everything is as always.
func TestHalfAFileIsNoFile(t *testing.T) {
	t.Parallel()
	s := makeSite(t)
	file := func(end func() error) func(*Site, *fiber.Ctx) error {
		return func(s *Site, c *fiber.Ctx) error {
			return s.sendCSV(c, "people.csv", func(_ context.Context, w io.Writer) error {
				_, err := io.WriteString(w, strings.Repeat("somebody@example.com\r\n", 10_000))
				return errors.Join(err, end())
			})
		}
	}
	s.Site.admin = s.app([]route{{get, "/whole", public, file(func() error { return nil })},
		{get, "/half", public, file(func() error { return errors.New("the database is gone") })}, {get, "/panic", public, file(func() error { panic("a bug") })}})
	s.serve(t)
	b := s.admin(t)
	b.get("/whole").is(http.StatusOK)
	for _, path := range []string{"/half", "/panic"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.root+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := b.client.Do(request)
		if err == nil {
			_, err = io.Copy(io.Discard, answer.Body)
			_ = answer.Body.Close()
		}
		if err == nil {
			t.Errorf("%s: half a file came as a whole one", path)
		}
	}
	b.get("/whole").is(http.StatusOK)
}
