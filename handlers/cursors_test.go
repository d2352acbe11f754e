package handlers

import (
	"net/http"
	"strconv"
	"testing"
	"time"

	"atrium/queries"
)

// A link to the next page carries a time there and back, and what no row has is none: Postgres knows times from 4714 BC on, and the
// two ends of the numbers wrap in between.
func TestCursorTimes(t *testing.T) {
	t.Parallel()
	for _, at := range []time.Time{{}, time.Unix(0, 0), noon, noon.Add(time.Microsecond), time.Date(9999, 12, 31, 23, 59, 59, 999999000, time.UTC)} {
		if got, found := cursorTime(cursorText(at)); !found || !got.Equal(at) {
			t.Errorf("%s comes back as %s, %v", at, got, found)
		}
	}
	far := []string{"", "x", "1.5", "-62135596800000001", "253402300800000000", "-211813488000000000", "-9223372036854775808", "9223372036854775807", "-9223372036854775809"}
	for _, text := range far {
		if got, found := cursorTime(text); found {
			t.Errorf("%q is read as %s", text, got)
		}
	}
	s := newSite(t)
	maya := s.person(t, "maya@acme.example", queries.StaffRoleOwner, s.acme)
	w, b, id := s.things(t, s.acme, maya), s.staff(t, maya), queries.NewID().String()
	for _, text := range append(far, strconv.FormatInt(cursorFirst, 10), strconv.FormatInt(cursorEnd-1, 10)) {
		for _, path := range []string{"/acme/contacts?after=" + id + "&sort=seen&at=" + text, "/acme/contacts?after=" + id + "&sort=seen&q=ana&at=" + text,
			w.path("/:account/courses/:id/progress") + "?before=" + id + "&at=" + text, w.path("/:account/contacts/:id") + "?before=" + text + "_" + id + "_added"} {
			b.get(path).is(http.StatusOK)
		}
	}
}
