package handlers

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"atrium/queries"
	"atrium/views"
)

// learningSearchPage is what a search in the client's courses finds.
type learningSearchPage struct {
	views.Page
	Find  views.Field
	Asked bool
	More  bool // there is more than is shown
	Found []learningFound
}

// learningFound is one lesson.
type learningFound struct {
	Href    string // empty: it is locked
	Title   string
	Course  string
	Note    string // of a locked one, when it opens
	Excerpt []learningWords
}

// learningWords are words of an excerpt; those that were looked for are marked.
type learningWords struct {
	Text   string
	Marked bool
}

// foundMost is how many lessons a search shows.
const foundMost = 30

func (s *Site) learningSearch(c *fiber.Ctx) error {
	v, words := at(c), searchText(c.Query("q"))
	if runes := []rune(words); len(runes) > 200 {
		words = string(runes[:200])
	}
	p := &learningSearchPage{Asked: words != ""}
	if p.Asked {
		rows, err := s.q.LearningSearch(c.UserContext(), queries.LearningSearchParams{AccountID: v.account.ID, ContactID: v.client.ContactID, Now: v.now,
			Words: words, PageSize: foundMost + 1})
		if err != nil {
			return err
		}
		if p.More = len(rows) > foundMost; p.More {
			rows = rows[:foundMost]
		}
		for _, row := range rows {
			p.Found = append(p.Found, v.learningFound(row))
		}
	}
	p.Page, p.Find = s.page(c, "Search"), findLessons(words)
	return render(c, views.FramePortal, "learning/search", "learning/_found", p)
}

func (v *visit) learningFound(row queries.LearningSearchRow) learningFound {
	f := learningFound{Title: row.Title, Course: row.CourseTitle, Excerpt: excerptWords(row.Excerpt)}
	if row.IsOpen {
		f.Href = lessonPath(row.CourseID, row.ID)
		return f
	}
	f.Note = v.lockedWords(queries.LessonWayRow{OpensOn: row.OpensOn, Today: v.today()})
	return f
}

// excerptWords parts an excerpt where lessons_found has marked it.
func excerptWords(excerpt string) (words []learningWords) {
	add := func(text string, marked bool) {
		if text != "" {
			words = append(words, learningWords{text, marked})
		}
	}
	excerpt = strings.Join(strings.Fields(excerpt), " ")
	if first, _ := utf8.DecodeRuneInString(strings.TrimLeft(excerpt, "\uE000")); unicode.IsLower(first) {
		add("… ", false) // it begins within a sentence
	}
	for i, part := range strings.Split(excerpt, "\uE000") {
		found, rest, _ := strings.Cut(part, "\uE001")
		if i == 0 {
			found, rest = "", part
		}
		add(found, true)
		add(rest, false)
	}
	if last, _ := utf8.DecodeLastRuneInString(strings.TrimRight(excerpt, "\uE001")); unicode.IsLetter(last) || unicode.IsNumber(last) || last == ',' {
		add(" …", false) // it ends within one
	}
	return words
}
