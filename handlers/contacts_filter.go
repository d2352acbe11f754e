package handlers

import (
	"slices"
	"strconv"
	"strings"

	"atrium/queries"
	"atrium/views"
)

// contactsFilter is the form above the list: what is looked for, and in which order it is shown.
type contactsFilter struct {
	Search views.Field
	Parts  []views.Select // each narrows the list; they combine
	Sort   views.Select
	Narrow bool // whether any part of it is set
}

// The parts of the funnel as they can be chosen, in its order.
var contactStates = []views.Option{{Value: "", Label: "Any state"}, {Value: string(queries.ContactsNotInvited), Label: "Not invited"},
	{Value: string(queries.ContactsInvited), Label: "Invited"}, {Value: string(queries.ContactsSent), Label: "Mail sent"},
	{Value: string(queries.ContactsBounced), Label: "Bounced"}, {Value: string(queries.ContactsFilterOpened), Label: "Opened by a mail filter only"},
	{Value: string(queries.ContactsOpened), Label: "Opened"}, {Value: string(queries.ContactsWaiting), Label: "Waiting over 7 days"},
	{Value: string(queries.ContactsJoined), Label: "Joined"}, {Value: string(queries.ContactsUninvitedJoined), Label: "Joined without an invitation"},
	{Value: string(queries.ContactsActive), Label: "Active in 30 days"}, {Value: string(queries.ContactsInvitedBounced), Label: "Invited and bounced"},
	{Value: string(queries.ContactsInvitedOpened), Label: "Invited and opened"}, {Value: string(queries.ContactsInvitedJoined), Label: "Invited and joined"},
	{Value: string(queries.ContactsInvitedActive), Label: "Invited and active in 30 days"}}

var contactSeen = []views.Option{{Value: "", Label: "Seen any time"}, {Value: "7", Label: "Seen within 7 days"}, {Value: "30", Label: "Seen within 30 days"},
	{Value: "earlier", Label: "Seen earlier"}, {Value: "never", Label: "Never seen"}}

var contactBounced = []views.Option{{Value: "", Label: "Bounced or not"}, {Value: "yes", Label: "Bounced"}, {Value: "no", Label: "Not bounced"}}

var contactSorts = []views.Option{{Value: "", Label: "Newest first"}, {Value: string(queries.SortName), Label: "By name"}, {Value: string(queries.SortSeen), Label: "Last seen first"}}

// contactSources are all sources, in words.
func contactSources() []views.Option {
	options := []views.Option{{Value: "", Label: "Any source"}}
	for _, source := range queries.AllContactSourceValues() {
		options = append(options, views.Option{Value: string(source), Label: sourceWords(source)})
	}
	return options
}

// contactFilter reads a filter from a query or form; what is no choice of it does not matter.
func contactFilter(value func(name string) string) queries.ContactFilter {
	return queries.ContactFilter{Search: searchText(value("q")), State: queries.ContactState(choiceOf(value("state"), contactStates)),
		Source: queries.ContactSource(choiceOf(value("source"), contactSources())), Tag: searchText(value("tag")), Seen: choiceOf(value("seen"), contactSeen),
		Bounced: choiceOf(value("bounced"), contactBounced)}
}

func newContactsFilter(a queries.ContactsAsked, tags []string) contactsFilter {
	f := contactsFilter{Narrow: a.Filter != queries.ContactFilter{},
		Search: views.Field{Name: "q", Label: "Search name, address or tag", LabelHidden: true, Type: "search", Value: a.Filter.Search, Placeholder: "Search name, address or tag"},
		Sort:   views.Select{Name: "sort", Label: "Order", LabelHidden: true, Value: string(a.Sort), Options: contactSorts}}
	f.Parts = []views.Select{{Name: "state", Label: "State", LabelHidden: true, Value: string(a.Filter.State), Options: contactStates},
		{Name: "source", Label: "Source", LabelHidden: true, Value: string(a.Filter.Source), Options: contactSources()}}
	if len(tags) > 0 || a.Filter.Tag != "" {
		f.Parts = append(f.Parts, tagSelect(tags, a.Filter.Tag))
	}
	f.Parts = append(f.Parts, views.Select{Name: "seen", Label: "Last seen", LabelHidden: true, Value: a.Filter.Seen, Options: contactSeen},
		views.Select{Name: "bounced", Label: "Bounced", LabelHidden: true, Value: a.Filter.Bounced, Options: contactBounced})
	return f
}

// tagSelect offers the account's tags, and the chosen one also when the account has it no more.
func tagSelect(tags []string, chosen string) views.Select {
	s := views.Select{Name: "tag", Label: "Tag", LabelHidden: true, Value: chosen, Options: []views.Option{{Value: "", Label: "Any tag"}}}
	if len(tags) > queries.TagsListed {
		tags, s.Hint = tags[:queries.TagsListed], "The first "+strconv.Itoa(queries.TagsListed)+" tags. The search finds every tag."
	}
	if chosen != "" && !slices.Contains(tags, chosen) {
		tags = append([]string{chosen}, tags...)
	}
	for _, tag := range tags {
		s.Options = append(s.Options, views.Option{Value: tag, Label: tag})
	}
	return s
}

// filterWords is a filter in words; empty for one that everybody fits.
func filterWords(f queries.ContactFilter) string {
	var parts []string
	if f.Search != "" {
		parts = append(parts, "“"+f.Search+"”")
	}
	for _, part := range []struct {
		value   string
		options []views.Option
	}{{string(f.State), contactStates}, {string(f.Source), contactSources()}, {f.Seen, contactSeen}} {
		for _, o := range part.options {
			if part.value != "" && o.Value == part.value {
				parts = append(parts, o.Label)
			}
		}
	}
	if f.Tag != "" {
		parts = append(parts, "tag “"+f.Tag+"”")
	}
	return strings.Join(parts, ", ")
}

func choiceOf(value string, options []views.Option) string {
	for _, o := range options {
		if o.Value == value {
			return value
		}
	}
	return ""
}

// oneOf is the value when it is one of those that count, and empty otherwise.
func oneOf(value string, counts ...string) string {
	if slices.Contains(counts, value) {
		return value
	}
	return ""
}
