package jobs

import (
	"context"
	"errors"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/queries"
)

// How many contacts a portion takes.
const (
	inviteAtOnce  = 50
	enrolAtOnce   = 100
	changeAtOnce  = 500
	magicLinkLife = queries.MagicLinkMax // whoever is mailed in bulk reads it in the evening
)

// eachContact is a step that does one thing to each contact of a portion. An error that is a message for people is the
// contact's result; every other one is a fault and undoes the portion.
func (w *taskRunWorker) eachContact(size int32, do func(context.Context, *queries.Queries, pgx.Tx, *taskAtWork, queries.TaskContact) (queries.TaskOutcome, string, error)) taskStep {
	return func(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork) (p portion, err error) {
		contacts, err := queries.NextContacts(ctx, q, t.TaskForWorkRow, t.Choice.Filter, size)
		if err != nil {
			return p, err
		}
		for _, contact := range contacts {
			r := queries.TaskResult{ContactID: contact.ID, Subject: contact.Email}
			if r.Outcome, r.Note, err = do(ctx, q, tx, t, contact); err != nil {
				return p, err
			}
			p.results, p.after = append(p.results, r), contact.ID
		}
		p.last = len(contacts) < int(size)
		return p, nil
	}
}

// leftOut is what staff are told of a contact that gets no mail or cannot be deleted, and whether that is what the error says.
func leftOut(err error) (note string, is bool) {
	var refused queries.Invalid
	switch {
	case errors.Is(err, queries.ErrJoined):
		return "Joined already.", true
	case errors.Is(err, queries.ErrNoMail):
		return queries.NoMailWords, true
	case errors.As(err, &refused):
		return refused.Message, true
	}
	return "", false
}

// inviteContact invites, or invites again. Whoever asked for no more mails of the portal is left alone: a bulk mail is not one
// somebody waits for.
func (w *taskRunWorker) inviteContact(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, contact queries.TaskContact) (queries.TaskOutcome, string, error) {
	mail, err := w.c.Mails.Invite(ctx, q, queries.InvitationOf{AccountID: t.AccountID, ContactID: contact.ID, By: t.StaffID, Bulk: true, Now: w.c.Now()})
	if note, is := leftOut(err); is {
		return queries.TaskOutcomeSkipped, note, nil
	} else if err != nil {
		return "", "", err
	}
	return queries.TaskOutcomeDone, "", w.queue.BulkMail(ctx, tx, t.AccountID, mail)
}

// mailLink mails a sign-in link.
func (w *taskRunWorker) mailLink(ctx context.Context, q *queries.Queries, tx pgx.Tx, t *taskAtWork, contact queries.TaskContact) (queries.TaskOutcome, string, error) {
	locked, err := q.ContactLock(ctx, queries.ContactLockParams{AccountID: t.AccountID, ID: contact.ID})
	if err != nil {
		return "", "", err
	}
	if note, is := leftOut(locked.MayMailInBulk()); is {
		return queries.TaskOutcomeSkipped, note, nil
	}
	now := w.c.Now()
	mail, err := w.c.Mails.MailMagicLink(ctx, q, queries.MagicLinkInsertParams{AccountID: t.AccountID, ContactID: contact.ID, Kind: queries.LinkKindStaff,
		Target: queries.AppHome, MadeBy: t.StaffID, Now: now, ExpiresAt: now.Add(magicLinkLife)}, locked.Email)
	if err != nil {
		return "", "", err
	}
	return queries.TaskOutcomeDone, "", w.queue.BulkMail(ctx, tx, t.AccountID, mail)
}

// allContacts is a step that does one thing to all contacts of a portion at once and answers those it was done to; the note
// is for the others.
func (w *taskRunWorker) allContacts(ctx context.Context, q *queries.Queries, t *taskAtWork, note string, do func(ids []uuid.UUID) ([]uuid.UUID, error)) (p portion, err error) {
	contacts, err := queries.NextContacts(ctx, q, t.TaskForWorkRow, t.Choice.Filter, changeAtOnce)
	if err != nil {
		return p, err
	}
	ids := make([]uuid.UUID, len(contacts))
	for i, contact := range contacts {
		ids[i], p.after = contact.ID, contact.ID
	}
	done, err := do(ids)
	if err != nil {
		return p, err
	}
	hit := make(map[uuid.UUID]bool, len(done))
	for _, id := range done {
		hit[id] = true
	}
	for _, contact := range contacts {
		r := queries.TaskResult{ContactID: contact.ID, Subject: contact.Email, Outcome: queries.TaskOutcomeDone}
		if !hit[contact.ID] {
			r.Outcome, r.Note = queries.TaskOutcomeSkipped, note
		}
		p.results = append(p.results, r)
	}
	p.last = len(contacts) < changeAtOnce
	return p, nil
}

func (w *taskRunWorker) tagContacts(ctx context.Context, q *queries.Queries, _ pgx.Tx, t *taskAtWork) (portion, error) {
	now := w.c.Now()
	if t.Kind == queries.TaskKindUntag {
		return w.allContacts(ctx, q, t, "Did not have the tag.", func(ids []uuid.UUID) ([]uuid.UUID, error) {
			return queries.UntagContacts(ctx, q, t.AccountID, ids, t.Choice.Tag, now)
		})
	}
	return w.allContacts(ctx, q, t, "Had the tag already, or has 50 tags.", func(ids []uuid.UUID) ([]uuid.UUID, error) {
		return queries.TagContacts(ctx, q, t.AccountID, ids, t.Choice.Tag, now)
	})
}

// deleteContact removes a contact with all that is theirs. The trail says of each that they are gone, by whoever started the task: the
// task's own results are kept for a month only.
func (w *taskRunWorker) deleteContact(ctx context.Context, q *queries.Queries, _ pgx.Tx, t *taskAtWork, contact queries.TaskContact) (queries.TaskOutcome, string, error) {
	email, err := queries.DeleteContact(ctx, q, t.AccountID, contact.ID)
	if errors.Is(err, queries.ErrNotFound) {
		return queries.TaskOutcomeSkipped, "Was gone already.", nil
	}
	if note, is := leftOut(err); is {
		return queries.TaskOutcomeSkipped, note, nil
	} else if err != nil {
		return "", "", err
	}
	return queries.TaskOutcomeDone, "", queries.Audit(ctx, q, queries.AuditEntry{AccountID: t.AccountID, At: w.c.Now(), StaffID: t.StaffID, Actor: t.by(),
		Action: "contact.delete", On: queries.AuditSubject{Kind: "contact", ID: &contact.ID, Name: email}, Note: "One of many contacts at once."})
}
