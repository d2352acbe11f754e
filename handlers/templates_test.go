package handlers

import (
	"bytes"
	"fmt"
	"testing"

	"github.com/google/uuid"

	"atrium/views"
)

// bothEngines write by html/template alone, and compiled; what is compiled must not give up.
func bothEngines(tb testing.TB) (standard, compiled *views.Engine) {
	tb.Helper()
	standard = &views.Engine{Standard: true}
	compiled = &views.Engine{GaveUp: func(name string, why error) { tb.Errorf("%s: %v", name, why) }}
	for _, e := range []*views.Engine{standard, compiled} {
		if err := e.Load(); err != nil {
			tb.Fatal(err)
		}
	}
	return standard, compiled
}

// FuzzPage looks for a text that makes a page other than html/template makes it, be it a name, an address or a state.
func FuzzPage(f *testing.F) {
	for _, text := range []string{"", "a", `<b>"'&+`, "javascript:alert(1)", "/a b?c=ü&d", "https://example.com/x?y=z", "\x00\xff", "</textarea><script>"} {
		f.Add(text, "success", 3)
	}
	f.Add("Ana", `x" onclick="y`, 0)
	standard, compiled := bothEngines(f)
	f.Fuzz(func(t *testing.T, text, badge string, rows int) {
		compiled.GaveUp = func(name string, why error) { t.Errorf("%s: %v", name, why) }
		page := contactsPageOf(rows & 7)
		for i := range page.List.Rows {
			r := &page.List.Rows[i]
			r.Name, r.Href, r.Tags, r.State.Badge = text, text, []string{text, badge}, badge
		}
		page.Title, page.Filter.Search.Value, page.Account.Name, page.Nav[0].Href = text, text, text, text
		for _, page.Locale = range []string{views.LocaleDefault, "de-DE"} {
			var got, want bytes.Buffer
			wrong := standard.Render(&want, "contacts/index", page, views.FrameAdmin)
			err := compiled.Render(&got, "contacts/index", page, views.FrameAdmin)
			if (err != nil) != (wrong != nil) || !bytes.Equal(got.Bytes(), want.Bytes()) {
				t.Errorf("html/template makes, with error %v,\n%s\nand compiled it is, with error %v,\n%s", wrong, &want, err, &got)
			}
		}
	})
}

// contactsPageOf is a page of contacts as it is on a busy day.
func contactsPageOf(rows int) contactsPage {
	page := contactsPage{Page: views.Page{Title: "Contacts", Now: noon, Base: "/acme", Token: "a-token", Account: views.Account{Name: "Acme Coaching"},
		Person: views.Person{Name: "Maya Lind", Email: "maya@acme.example"}}, CanAdd: true}
	for i := range 12 {
		page.Nav = append(page.Nav, views.NavItem{Label: fmt.Sprint("Place ", i), Href: fmt.Sprint("/acme/place/", i), Icon: "users", Group: fmt.Sprint("Group ", i/4)})
	}
	page.Filter.Search = views.Field{Name: "q", Label: "Search", Type: "search"}
	for range 4 {
		part := views.Select{Name: "state", Label: "State"}
		for i := range 8 {
			part.Options = append(part.Options, views.Option{Value: fmt.Sprint(i), Label: fmt.Sprint("State ", i)})
		}
		page.Filter.Parts = append(page.Filter.Parts, part)
	}
	for i := range rows {
		page.List.Rows = append(page.List.Rows, contactRow{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i)}), Name: fmt.Sprint("Ana Souza & Sons ", i), Email: fmt.Sprintf("ana%d@example.com", i),
			Href: fmt.Sprint("/acme/contacts/", i), State: contactState{"Joined", "success", "user-check"}, Tags: []string{"vip", "spring"},
			Created: views.Moment{At: noon.AddDate(0, 0, -i), Now: noon}, Seen: views.Moment{At: noon, Now: noon}})
	}
	page.List.Fit.N = int64(rows)
	return page
}

// BenchmarkPage is a page of contacts in its frame, by html/template alone and compiled.
func BenchmarkPage(b *testing.B) {
	standard, compiled := bothEngines(b)
	for _, rows := range []int{25, 50} {
		page := contactsPageOf(rows)
		for name, e := range map[string]*views.Engine{"standard": standard, "compiled": compiled} {
			b.Run(fmt.Sprintf("rows=%d/%s", rows, name), func(b *testing.B) {
				b.ReportAllocs()
				var out bytes.Buffer
				for b.Loop() {
					out.Reset()
					if err := e.Render(&out, "contacts/index", page, views.FrameAdmin); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(out.Len()), "bytes")
			})
		}
	}
}
