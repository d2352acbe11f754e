package handlers

import (
	"bytes"
	"html/template"
	"net/http"
	"strings"
	"testing"

	"atrium/queries"
	"atrium/views"
)

// BenchmarkTemplates executes the templates of heavy pages with what they were really executed with, by html/template alone and
// compiled, in turn in one run.
func BenchmarkTemplates(b *testing.B) {
	type execution struct {
		name string
		data any
	}
	var seen []execution
	s := newSite(b, func(c *Config) {
		c.Trace = nil
		c.Compared = func(name string, data any, err error) {
			if err != nil {
				b.Errorf("%s: %v", name, err)
			}
			if frame, ok := data.(*views.Page); ok {
				kept := *frame
				kept.Body = template.HTML(strings.Clone(string(kept.Body)))
				data = &kept
			}
			seen = append(seen, execution{name, data})
		}
	})
	ana := s.arrived(b, s.acme, "ana@example.com", "Ana Souza")
	k := s.large(b, ana)
	s.exec(b, `INSERT INTO contact (account_id, id, email, name, source, tags, created_at, changed_at, last_seen_at)
		SELECT $1, gen_random_uuid(), 'client' || n || '@example.com', 'Client ' || n, 'import', ARRAY['vip', 'spring'], $2, $2, $2 FROM generate_series(1, 60) n`, s.acme.id, noon)
	client, staff := s.client(b, ana), s.staff(b, s.person(b, "maya@acme.example", queries.StaffRoleOwner, s.acme))
	standard, compiled := bothEngines(b)
	for _, page := range []struct {
		name, path string
		by         *browser
	}{
		{"contacts list", "/acme/contacts", staff}, {"portal home", "/", client}, {"lesson", k.at(157), client}, {"course list of 201", "/courses", client}, {"dashboard", "/acme", staff},
	} {
		seen = nil
		page.by.get(page.path).is(http.StatusOK)
		executions := seen
		for name, engine := range map[string]*views.Engine{"standard": standard, "compiled": compiled} {
			b.Run(page.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				var out bytes.Buffer
				for b.Loop() {
					out.Reset()
					for _, e := range executions {
						if err := engine.Render(&out, e.name, e.data); err != nil {
							b.Fatal(err)
						}
					}
				}
				b.ReportMetric(float64(out.Len()), "bytes")
			})
		}
	}
}
