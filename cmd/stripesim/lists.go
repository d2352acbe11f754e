package stripesim

// page are the parameters of every list.
type page struct {
	Limit         *int64 `form:"limit"`
	StartingAfter string `form:"starting_after"`
	EndingBefore  string `form:"ending_before"`
}

// span is a filter by time, in seconds: created[gte]=… and the like.
type span struct {
	GT  *int64 `form:"gt"`
	GTE *int64 `form:"gte"`
	LT  *int64 `form:"lt"`
	LTE *int64 `form:"lte"`
}

func (s *span) has(at int64) bool {
	return s == nil || (s.GT == nil || at > *s.GT) && (s.GTE == nil || at >= *s.GTE) && (s.LT == nil || at < *s.LT) && (s.LTE == nil || at <= *s.LTE)
}

// list is a page of objects, newest first.
type list[T any] struct {
	Object  string `json:"object"`
	Data    []T    `json:"data"`
	HasMore bool   `json:"has_more"`
	URL     string `json:"url"`
}

func newList[T any](url string, data []T) list[T] {
	if data == nil {
		data = []T{}
	}
	return list[T]{Object: "list", Data: data, URL: url}
}

// listed cuts the page out of a table that the cursors mean.
func listed[T object](c *call, p page, from *table[T], fits func(T) bool) (any, error) {
	var rows []T
	for row := range from.newest() {
		if fits(row) {
			rows = append(rows, row)
		}
	}
	return paged(c, p, rows)
}

// paged cuts the page that the cursors mean out of rows.
func paged[T object](c *call, p page, rows []T) (any, error) {
	limit := 10
	if p.Limit != nil {
		if *p.Limit < 1 || *p.Limit > 100 {
			return nil, early(refuse("parameter_invalid_integer", "limit", "Limit must be between 1 and 100."))
		}
		limit = int(*p.Limit)
	}
	from, to := 0, len(rows)
	if p.StartingAfter != "" {
		at := place(rows, p.StartingAfter)
		if at < 0 {
			return nil, early(missing("object", p.StartingAfter, "starting_after"))
		}
		from = at + 1
	}
	if p.EndingBefore != "" {
		at := place(rows, p.EndingBefore)
		if at < 0 {
			return nil, early(missing("object", p.EndingBefore, "ending_before"))
		}
		to = at
		from = max(from, to-limit)
	}
	more := to-from > limit || p.EndingBefore != "" && from > 0
	answer := newList(c.url, rows[from:min(to, from+limit)])
	answer.HasMore = more
	return answer, nil
}

func place[T object](rows []T, id string) int {
	for n, row := range rows {
		if row.key() == id {
			return n
		}
	}
	return -1
}
