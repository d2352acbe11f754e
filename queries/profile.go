package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Profile is what a client's own page shows beside what their session says.
type Profile struct {
	Contact ProfileByContactRow
	Devices []SessionListOpenRow
	Waiting EmailChangeWaitingRow // the zero value when no change of address waits
}

// lookedFor is how long a client is told that the business looked.
const lookedFor = 30 * 24 * time.Hour

// LoadProfile reads a client's page in one round trip.
func LoadProfile(ctx context.Context, db DB, account, contact uuid.UUID, now time.Time) (p Profile, err error) {
	var b batch
	one(&b, &p.Contact, func(q *Queries) (ProfileByContactRow, error) {
		return q.ProfileByContact(ctx, ProfileByContactParams{AccountID: account, ID: contact})
	})
	many(&b, &p.Devices, func(q *Queries) ([]SessionListOpenRow, error) {
		return q.SessionListOpen(ctx, SessionListOpenParams{AccountID: account, ContactID: contact, Now: now, IdleSince: now.Add(-SessionIdle),
			LookedSince: now.Add(-lookedFor)})
	})
	optional(&b, &p.Waiting, func(q *Queries) (EmailChangeWaitingRow, error) {
		return q.EmailChangeWaiting(ctx, EmailChangeWaitingParams{AccountID: account, ContactID: contact, Now: now})
	})
	return p, b.send(ctx, db)
}

// OwnData is everything a portal knows of one client and may show them.
type OwnData struct {
	Contact     ProfileExportContactRow
	Invitations []ProfileExportInvitationsRow
	Sessions    []ProfileExportSessionsRow
	Mails       []ProfileExportMailsRow
	Submissions []ProfileExportSubmissionsRow
	Changes     []EmailChangeListOfContactRow
	Learning    []LearningExportRow
	Notes       []NoteExportRow
}

// LoadOwnData reads it in one round trip.
func LoadOwnData(ctx context.Context, db DB, account, contact uuid.UUID) (d OwnData, err error) {
	var b batch
	one(&b, &d.Contact, func(q *Queries) (ProfileExportContactRow, error) {
		return q.ProfileExportContact(ctx, ProfileExportContactParams{AccountID: account, ID: contact})
	})
	many(&b, &d.Invitations, func(q *Queries) ([]ProfileExportInvitationsRow, error) {
		return q.ProfileExportInvitations(ctx, ProfileExportInvitationsParams{AccountID: account, ContactID: contact})
	})
	many(&b, &d.Sessions, func(q *Queries) ([]ProfileExportSessionsRow, error) {
		return q.ProfileExportSessions(ctx, ProfileExportSessionsParams{AccountID: account, ContactID: contact})
	})
	many(&b, &d.Mails, func(q *Queries) ([]ProfileExportMailsRow, error) {
		return q.ProfileExportMails(ctx, ProfileExportMailsParams{AccountID: account, ContactID: &contact})
	})
	many(&b, &d.Submissions, func(q *Queries) ([]ProfileExportSubmissionsRow, error) {
		return q.ProfileExportSubmissions(ctx, ProfileExportSubmissionsParams{AccountID: account, ContactID: &contact})
	})
	many(&b, &d.Changes, func(q *Queries) ([]EmailChangeListOfContactRow, error) {
		return q.EmailChangeListOfContact(ctx, EmailChangeListOfContactParams{AccountID: account, ContactID: contact})
	})
	many(&b, &d.Learning, func(q *Queries) ([]LearningExportRow, error) {
		return q.LearningExport(ctx, LearningExportParams{AccountID: account, ContactID: contact})
	})
	many(&b, &d.Notes, func(q *Queries) ([]NoteExportRow, error) {
		return q.NoteExport(ctx, NoteExportParams{AccountID: account, ContactID: contact})
	})
	return d, b.send(ctx, db)
}
