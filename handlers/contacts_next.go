package handlers

import "atrium/queries"

// contactsNext is the one thing that is to do next with the contacts of a part of the funnel.
type contactsNext struct {
	Kind  queries.TaskKind // what the button does with all that fit; empty: only words
	Label string           // on the button, or the words
	Icon  string
}

var contactNexts = map[queries.ContactState]contactsNext{
	queries.ContactsNotInvited:      {queries.TaskKindInvite, "Invite them", "send"},
	queries.ContactsInvited:         {queries.TaskKindInvite, "Send again", "send"},
	queries.ContactsSent:            {queries.TaskKindInvite, "Send again", "send"},
	queries.ContactsFilterOpened:    {queries.TaskKindInvite, "Send again", "send"},
	queries.ContactsWaiting:         {queries.TaskKindInvite, "Send again", "send"},
	queries.ContactsOpened:          {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsJoined:          {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsActive:          {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsInvitedOpened:   {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsInvitedJoined:   {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsInvitedActive:   {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsUninvitedJoined: {queries.TaskKindMagicLink, "Send a magic link", "wand-sparkles"},
	queries.ContactsBounced:         toCorrect,
	queries.ContactsInvitedBounced:  toCorrect,
}

var toCorrect = contactsNext{Label: "Open a contact to correct its address, and send again from there."}

// newContactsNext is what the role includes of it.
func newContactsNext(v *visit, state queries.ContactState) *contactsNext {
	next, known := contactNexts[state]
	if !known || next.Kind != "" && !mayTask(v, next.Kind) || next.Kind == "" && !v.role.Includes(queries.StaffRoleAdmin) {
		return nil
	}
	return &next
}
