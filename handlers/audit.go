package handlers

import (
	"context"

	"github.com/google/uuid"

	"atrium/queries"
)

// did writes into the account's trail that the signed-in staff person did something; in the transaction that did it.
func (v *visit) did(ctx context.Context, q *queries.Queries, action string, on queries.AuditSubject) error {
	return v.changed(ctx, q, action, on, nil, nil)
}

// didToContact is as did, to a contact whose address the handler does not know.
func (v *visit) didToContact(ctx context.Context, q *queries.Queries, action string, contact uuid.UUID) error {
	row, err := q.ContactByID(ctx, queries.ContactByIDParams{AccountID: v.account.ID, ID: contact})
	if err != nil {
		return err
	}
	return v.did(ctx, q, action, queries.AuditSubject{Kind: "contact", ID: &contact, Name: row.Email})
}

// changed is as did, for settings, with what they were and what they are now.
func (v *visit) changed(ctx context.Context, q *queries.Queries, action string, on queries.AuditSubject, before, after any) error {
	e := v.auditEntry(action, on)
	e.Before, e.After = before, after
	return queries.Audit(ctx, q, e)
}

// didEverywhere writes what the signed-in person did to their own sign-in into the trail of each account they are in.
func (v *visit) didEverywhere(ctx context.Context, q *queries.Queries, action string) error {
	for _, account := range v.staff.AccountIds {
		e := v.auditEntryIn(account, action, queries.AuditSubject{Kind: "staff", ID: &v.staff.StaffID, Name: orElse(v.staff.Name, v.staff.Email)})
		if err := queries.Audit(ctx, q, e); err != nil {
			return err
		}
	}
	return nil
}

// clientChanged is as changed, for what a client did with what is theirs.
func (v *visit) clientChanged(ctx context.Context, q *queries.Queries, action string, contact uuid.UUID, name, email string, before, after any) error {
	e := queries.AuditEntry{AccountID: v.account.ID, At: v.now, Actor: queries.ActorWords(name, email), Action: action,
		On: queries.AuditSubject{Kind: "contact", ID: &contact, Name: email}, IP: v.ip, Before: before, After: after}
	return queries.Audit(ctx, q, e)
}

// auditEntry is a line of the trail by the signed-in staff person.
func (v *visit) auditEntry(action string, on queries.AuditSubject) queries.AuditEntry {
	return v.auditEntryIn(v.account.ID, action, on)
}

func (v *visit) auditEntryIn(account uuid.UUID, action string, on queries.AuditSubject) queries.AuditEntry {
	return queries.AuditEntry{AccountID: account, At: v.now, StaffID: &v.staff.StaffID, Actor: queries.ActorWords(v.staff.Name, v.staff.Email), Action: action, On: on, IP: v.ip}
}
