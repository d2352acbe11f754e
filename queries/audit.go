package queries

import (
	"bytes"
	"context"
	"encoding/json"
	"net/netip"
	"time"

	"github.com/google/uuid"
)

// AuditEntry is one line of an account's trail: who did what, on whom, when, from where.
type AuditEntry struct {
	AccountID uuid.UUID
	At        time.Time
	StaffID   *uuid.UUID // nil when the program or a client did it
	Actor     string     // who, by name and address
	Action    string     // noun and verb, such as contact.invite; stored for good
	On        AuditSubject
	Note      string     // a reason somebody gave; empty for most
	IP        netip.Addr // zero when nobody asked from anywhere
	Before    any        // what a setting was, marshalled as JSON; nil for none
	After     any        // what it became
}

// AuditSubject is what something was done to.
type AuditSubject struct {
	Kind string     // such as contact, staff, account, form
	ID   *uuid.UUID // nil when it has none
	Name string     // as it was then
}

// ActorWords is who did something, as the trail keeps it: by name as far as there is one.
func ActorWords(name, email string) string {
	if name == "" {
		return email
	}
	return name + " <" + email + ">"
}

// Audit writes a line of the trail, in the transaction that did what it says.
func Audit(ctx context.Context, q *Queries, e AuditEntry) error {
	p := AuditInsertParams{AccountID: e.AccountID, ID: auditID(e.At), At: e.At, StaffID: e.StaffID, Actor: e.Actor, Action: e.Action,
		SubjectKind: e.On.Kind, SubjectID: e.On.ID, Subject: e.On.Name, Note: e.Note}
	if e.IP.IsValid() {
		p.IP = &e.IP
	}
	var err error
	if p.Was, err = jsonOf(e.Before); err != nil {
		return err
	}
	if p.Became, err = jsonOf(e.After); err != nil {
		return err
	}
	if e.Before != nil && e.After != nil && e.Note == "" && bytes.Equal(p.Was, p.Became) {
		return nil // who saves a form as it was has changed nothing
	}
	return q.AuditInsert(ctx, p)
}

func jsonOf(value any) ([]byte, error) {
	if value == nil {
		return nil, nil
	}
	return json.Marshal(value)
}
