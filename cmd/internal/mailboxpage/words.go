package mailboxpage

import (
	"net/mail"
	"regexp"
	"slices"
	"strings"
	"time"
)

// clock is when a mail came: the time for one of today, else the day as well.
func clock(at, now time.Time) string {
	at, now = at.Local(), now.Local()
	if at.Format(time.DateOnly) == now.Format(time.DateOnly) {
		return at.Format("15:04")
	}
	return at.Format("2 Jan, 15:04")
}

// exact is the moment to the second, in the zone of this machine.
func exact(at time.Time) string { return at.Local().Format("Monday, 2 January 2006, 15:04:05 MST") }

// name is who a header's address stands for: the name, else the address.
func name(from string) string {
	if cut := strings.LastIndex(from, " <"); cut > 0 {
		return from[:cut]
	}
	return from
}

// snippet is the beginning of a text as one line.
func snippet(text string) string {
	const limit = 160
	words := []rune(strings.Join(strings.Fields(text), " "))
	if len(words) > limit {
		return string(words[:limit]) + "…"
	}
	return string(words)
}

// piece is a stretch of text, or an address that can be followed.
type piece struct{ Text, Link string }

var webAddress = regexp.MustCompile(`https?://[^\s<>"]*[^\s<>".,;:!?)\]']`)

// linkable cuts a text at its web addresses.
func linkable(text string) []piece {
	var pieces []piece
	for {
		place := webAddress.FindStringIndex(text)
		if place == nil {
			return append(pieces, piece{Text: text})
		}
		address := text[place[0]:place[1]]
		pieces = append(pieces, piece{Text: text[:place[0]]}, piece{Text: address, Link: address})
		text = text[place[1]:]
	}
}

// header is one line above a mail.
type header struct{ Name, Value string }

// headers are those of a mail by name.
func headers(of mail.Header) []header {
	var all []header
	for name, values := range of {
		for _, value := range values {
			all = append(all, header{name, value})
		}
	}
	slices.SortStableFunc(all, func(a, b header) int { return strings.Compare(a.Name, b.Name) })
	return all
}

var headTag = regexp.MustCompile(`(?i)<head[^>]*>`)

// inNewTabs makes the links of a mail open in a new tab.
func inNewTabs(page string) string {
	const base = `<base target="_blank">`
	if place := headTag.FindStringIndex(page); place != nil {
		return page[:place[1]] + base + page[place[1]:]
	}
	return base + page
}
