package main

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"

	"atrium/queries"
)

// demoDetail is what staff have written down about somebody.
type demoDetail struct {
	email                string
	phone, company, note string
	tags                 []string
	once                 string // another address the person was known by, merged since; empty: none
	looked               string // why the owner looked as this client a few days ago; empty: nobody did
}

var demoDetails = []demoDetail{
	{email: "ana@example.com", phone: "+55 11 5550 0142", company: "Souza Arquitetura", tags: []string{"Leadership", "VIP"}, once: "ana.souza@souza-arquitetura.example",
		note: "Prefers calls before ten in the morning.\nWants to bring her two team leads in spring.", looked: "Could not find where to choose a password"},
	{email: "olumide@example.org", phone: "+234 1 555 0117", company: "Adeyemi Logistics", tags: []string{"Leadership"}},
	{email: "chiara.rinaldi@example.net", tags: []string{"Spring cohort", "Newsletter"}},
	{email: "kenji.watanabe@example.org", company: "Watanabe & Co.", tags: []string{"VIP"}, note: "Invoices go to his assistant."},
	{email: "siobhan@example.org", tags: []string{"Spring cohort"}},
	{email: "priya.raghavan@example.org", phone: "+91 80 5550 0199", tags: []string{"Newsletter"}},
	{email: "yuki@example.com", phone: "+81 3 5550 0126", company: "Tanaka Ceramics", tags: []string{"Wholesale"}, note: "Comes to the open studio every November."},
	{email: "isabela.rocha@example.org", tags: []string{"Workshop", "Wholesale"}},
	{email: "kwame@example.com", tags: []string{"Workshop"}},
}

// details writes what staff know of the people of one business.
func (s seeder) details(ctx context.Context, owner uuid.UUID) error {
	for _, d := range demoDetails {
		contact, err := s.q.ContactByEmail(ctx, queries.ContactByEmailParams{AccountID: s.account, Email: d.email})
		if err = queries.Kind(err); errors.Is(err, queries.ErrNotFound) {
			continue // of the other business
		} else if err != nil {
			return err
		}
		ago := func(days int) time.Time { return s.now.AddDate(0, 0, -days) }
		if _, err := s.q.ContactSetDetails(ctx, queries.ContactSetDetailsParams{AccountID: s.account, ID: contact.ID, Phone: &d.phone, Company: &d.company, Note: &d.note, Now: ago(4)}); err != nil {
			return err
		}
		for _, tag := range d.tags {
			if _, err := queries.TagContacts(ctx, s.q, s.account, []uuid.UUID{contact.ID}, tag, ago(4)); err != nil {
				return err
			}
		}
		if err := s.once(ctx, contact.ID, d, owner, ago(3)); err != nil {
			return err
		}
		if err := s.lookedAs(ctx, contact.ID, d, owner, ago(2)); err != nil {
			return err
		}
	}
	return nil
}

// once merges the second contact that somebody was for a while.
func (s seeder) once(ctx context.Context, contact uuid.UUID, d demoDetail, owner uuid.UUID, at time.Time) error {
	if d.once == "" {
		return nil
	}
	gone, _, err := queries.AddContact(ctx, s.q, s.account, d.once, "", queries.ContactSourceManual, at.AddDate(0, 0, -1))
	if err != nil {
		return err
	}
	_, _, err = queries.MergeContacts(ctx, s.q, s.account, contact, gone, &owner, at)
	return err
}

// lookedAs lets the owner look at the portal as a client, as they do with a reason.
func (s seeder) lookedAs(ctx context.Context, contact uuid.UUID, d demoDetail, owner uuid.UUID, at time.Time) error {
	if d.looked == "" {
		return nil
	}
	link, err := s.mails.Link(ctx, s.q, queries.MagicLinkInsertParams{AccountID: s.account, ContactID: contact, Kind: queries.LinkKindVisit, Target: queries.AppHome,
		MadeBy: &owner, Reason: d.looked, Now: at, ExpiresAt: at.Add(queries.VisitLinkLife)})
	if err != nil {
		return err
	}
	_, _, err = queries.Confirm(ctx, s.q, s.mails.Secret.LinkToken(link), queries.SignIn{AccountID: s.account, Token: queries.NewToken(),
		Visit: queries.Visit{At: at.Add(10 * time.Second), IP: demoIP(1), UserAgent: demoAgents[2]}})
	return err
}
