package views

import "time"

// Moment is a time to be shown, for ui/_time.
type Moment struct {
	At  time.Time
	Now time.Time // as [Page.Now]; its zone is the one shown
}

// Empty is what a place says when there is nothing in it, for ui/_empty.
type Empty struct {
	Icon   string
	Title  string
	Text   string // what the place is for, and what makes something appear
	Action string // the label of the one action; empty: none
	Href   string
}

// Copy is a value with a button that copies it, for ui/_copy.
type Copy struct {
	Value string
	Name  string // what is copied, for screen readers: "portal address"
}

// Confirm is a dialog before something that cannot be taken back, for ui/_confirm. A button with command="show-modal" and
// commandfor set to its ID opens it; the plain form in it does the thing.
type Confirm struct {
	ID     string
	Title  string // names the thing: "Delete Ana Souza?"
	Text   string // names the consequence
	Verb   string // on the button: "Delete contact"
	Action string // URL the form posts to
	Token  string // as [Page.Token]
	Target string // selector of the part of the page that the answer replaces; empty: it is a page of its own
}

// Problem is one line of an error summary: the field by its control's id, and what is wrong.
type Problem struct {
	ID   string // empty: the line is not about one field
	Text string
}

// ErrorSummary is the list of what is wrong above a long form, for ui/_errorsummary. Short forms do without.
type ErrorSummary struct {
	Problems []Problem
}

// Any tells whether there is something to show.
func (s ErrorSummary) Any() bool { return len(s.Problems) > 0 }
