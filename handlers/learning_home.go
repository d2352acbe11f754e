package handlers

import (
	"math"
	"slices"
	"strconv"

	"github.com/google/uuid"

	"atrium/queries"
)

// waitingMost is how many courses home shows: the one opened last, and new ones.
const waitingMost = 3

// waitingLessons are the lessons that wait for the client on the home page.
func waitingLessons(rows []queries.LearningCoursesRow) (items []waitingItem) {
	rows = slices.DeleteFunc(rows, func(row queries.LearningCoursesRow) bool {
		return row.NextLessonID == uuid.Nil || !row.FinishedAt.IsZero()
	})
	slices.SortStableFunc(rows, func(a, b queries.LearningCoursesRow) int { return b.OpenedAt.Compare(a.OpenedAt) })
	for i, row := range rows {
		if i == 0 || row.OpenedAt.IsZero() && len(items) < waitingMost { // of those they are at, the one they were at last
			items = append(items, waitingLesson(row))
		}
	}
	return items
}

func waitingLesson(row queries.LearningCoursesRow) waitingItem {
	action := nextAction(row.ID, row.NextLessonID, row.Done, row.OpenedAt)
	item := waitingItem{"book-open", row.NextTitle, row.Title, action.Verb, action.Href}
	if row.Done > 0 {
		item.Text += " · " + strconv.Itoa(int(math.Round(100*float64(row.Done)/float64(row.Lessons)))) + "% done"
	}
	if left := timeLeft(row.MinutesLeft); left != "" {
		item.Text += " · " + left
		if row.Done > 0 {
			item.Text += " left"
		}
	}
	return item
}
