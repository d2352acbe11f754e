package views

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
)

// Every page is executed by its compiled form: none of ours has what views/internal/quick does not know.
func TestNoTemplateIsRefused(t *testing.T) {
	e := loaded(t)
	for _, l := range locales {
		all, err := e.sets[l]()
		if err != nil {
			t.Fatal(err)
		}
		if all.quick == nil {
			t.Fatal("nothing was compiled")
		}
		for _, one := range all.Templates() {
			if err := all.quick.Refused(one.Name()); err != nil && one.Tree != nil {
				t.Error(err)
			}
		}
	}
}

// With Standard nothing is compiled, and the pages are the same.
func TestStandardIsTheSame(t *testing.T) {
	e := &Engine{Standard: true}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	if all, err := e.sets[locales[0]](); err != nil || all.quick != nil {
		t.Errorf("something is compiled, or %v", err)
	}
	var standard, compiled bytes.Buffer
	page := crowdedPage(3)
	page.List.Rows[0].Name, page.List.Rows[1].Href, page.List.Rows[2].Href = `<b>"'&+`, "javascript:alert(1)", "/a b?c=ü&d"
	quick := &Engine{}
	if err := quick.Load(); err != nil {
		t.Fatal(err)
	}
	for engine, out := range map[*Engine]*bytes.Buffer{e: &standard, quick: &compiled} {
		if err := engine.Render(out, "contacts/index", page, FrameAdmin); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(standard.Bytes(), compiled.Bytes()) {
		t.Errorf("html/template makes\n%s\nand compiled it is\n%s", &standard, &compiled)
	}
}

// What is compiled is compared where it is asked for, and html/template has the last word.
func TestComparedTellsOfEachTemplate(t *testing.T) {
	type call struct {
		name string
		err  error
	}
	var calls []call
	e := &Engine{Compared: func(name string, _ any, err error) { calls = append(calls, call{name, err}) }}
	if err := e.Load(); err != nil {
		t.Fatal(err)
	}
	all, err := e.sets[locales[0]]()
	if err != nil {
		t.Fatal(err)
	}
	var plain, compared bytes.Buffer
	page := crowdedPage(2)
	if err := loaded(t).Render(&plain, "contacts/index", page, FrameAdmin); err != nil {
		t.Fatal(err)
	}
	if err := e.Render(&compared, "contacts/index", page, FrameAdmin); err != nil || compared.String() != plain.String() {
		t.Errorf("comparing changes the page, or %v", err)
	}
	if err := e.Render(&compared, "ui/_empty", Empty{Icon: "none"}); err == nil {
		t.Error("no error where html/template has one")
	}
	for i, name := range []string{"contacts/index", FrameAdmin, "ui/_empty"} {
		if len(calls) != 3 || calls[i].name != name || calls[i].err != nil {
			t.Fatalf("it tells of %v", calls)
		}
	}
	wrong := bytes.NewBufferString("something else")
	if err := e.compare(wrong, all.Lookup("ui/_copy"), Copy{}, nil); err != nil || calls[3].err == nil || wrong.String() == "something else" {
		t.Errorf("a difference is not told, or stays: %v, %q", err, wrong)
	}
	if err := e.compare(&compared, all.Lookup("ui/_copy"), Copy{}, fmt.Errorf("it gave up")); err != nil || calls[4].err == nil {
		t.Errorf("giving up is not told: %v", err)
	}
}

// crowded is a page of contacts with the shape of the real one, which views cannot import.
type crowded struct {
	Page
	Filter struct {
		Search Field
		Parts  []Select
		Sort   Select
		Narrow bool
	}
	List struct {
		Rows   []crowdedRow
		More   struct{ Href string }
		None   Empty
		Fit    crowdedFit
		Next   *struct{ Kind, Label, Icon string }
		Choose struct {
			Path, Token string
			All         crowdedFit
			Kinds       Select
			Filter      []Option
		}
	}
	CanAdd bool
}

type crowdedFit struct {
	N    int64
	Over bool
	AsOf *Moment
}

type crowdedRow struct {
	ID                uuid.UUID
	Name, Email, Href string
	State             struct{ Word, Badge, Icon string }
	Tags              []string
	Created, Seen     Moment
}

func crowdedPage(rows int) crowded {
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	page := crowded{Page: Page{Title: "Contacts", Now: now, Base: "/acme", Token: "a-token", Account: Account{Name: "Acme Coaching"},
		Person: Person{Name: "Maya Lind", Email: "maya@acme.example"}}, CanAdd: true}
	for i := range 12 {
		page.Nav = append(page.Nav, NavItem{Label: fmt.Sprint("Place ", i), Href: fmt.Sprint("/acme/place/", i), Icon: "users", Group: fmt.Sprint("Group ", i/4)})
	}
	page.Filter.Search = Field{Name: "q", Label: "Search", Type: "search"}
	for range 4 {
		part := Select{Name: "state", Label: "State"}
		for i := range 8 {
			part.Options = append(part.Options, Option{Value: fmt.Sprint(i), Label: fmt.Sprint("State ", i)})
		}
		page.Filter.Parts = append(page.Filter.Parts, part)
	}
	for i := range rows {
		row := crowdedRow{ID: uuid.NewSHA1(uuid.Nil, []byte{byte(i)}), Name: fmt.Sprint("Ana Souza & Sons ", i), Email: fmt.Sprintf("ana%d@example.com", i), Href: fmt.Sprint("/acme/contacts/", i),
			Tags: []string{"vip", "spring"}, Created: Moment{now.AddDate(0, 0, -i), now}, Seen: Moment{now.Add(-time.Hour), now}}
		row.State.Word, row.State.Badge, row.State.Icon = "Joined", "success", "user-check"
		page.List.Rows = append(page.List.Rows, row)
	}
	page.List.Fit.N = int64(rows)
	return page
}

// BenchmarkPage is a page of contacts in its frame, by html/template alone and compiled.
func BenchmarkPage(b *testing.B) {
	for _, rows := range []int{25, 50} {
		page := crowdedPage(rows)
		for _, standard := range []bool{true, false} {
			e := &Engine{Standard: standard}
			if err := e.Load(); err != nil {
				b.Fatal(err)
			}
			b.Run(fmt.Sprintf("rows=%d/standard=%v", rows, standard), func(b *testing.B) {
				b.ReportAllocs()
				var out bytes.Buffer
				for b.Loop() {
					out.Reset()
					if err := e.Render(&out, "contacts/index", page, FrameAdmin); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(out.Len()), "bytes")
			})
		}
	}
}
