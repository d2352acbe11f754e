package queries

import (
	"context"
	"errors"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

var slugForm = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?$`)

// reservedSlugs are names that mean something on the admin host, or that somebody could take for the installation itself.
var reservedSlugs = []string{"account", "accounts", "admin", "api", "app", "assets", "atrium", "brand", "cdn", "dashboard", "f", "favicon.ico",
	"healthz", "help", "l", "localhost", "login", "mail", "metrics", "password-reset", "portal", "readyz", "robots.txt", "root", "security", "sessions",
	"sign-in", "sign-out", "smtp", "staff", "static", "status", "support", "system", "two-factor", "webhooks", "www"}

// ParseSlug checks the first label of a portal's host and returns it in lower case.
func ParseSlug(typed string) (string, error) {
	slug := strings.ToLower(strings.TrimSpace(typed))
	switch {
	case !slugForm.MatchString(slug):
		return "", Invalid{"slug", "A slug has 1 to 40 letters a to z, digits and inner hyphens, such as acme or lumen-studio."}
	case slices.Contains(reservedSlugs, slug):
		return "", Invalid{"slug", "The slug " + slug + " is reserved. Choose another."}
	}
	return slug, nil
}

// ParseAccountName checks the name of a business.
func ParseAccountName(typed string) (string, error) {
	name, err := ParseName(typed)
	switch {
	case err != nil:
		return "", err
	case name == "":
		return "", Invalid{"name", "Enter the name of the business."}
	case utf8.RuneCountInString(name) > 60:
		return "", Invalid{"name", "The name of a business has at most 60 characters."}
	}
	return name, nil
}

// SlugTaken is what to say about a slug that another account has.
func SlugTaken(slug string) Invalid {
	return Invalid{"slug", "The slug " + slug + " is taken. Choose another."}
}

// NewAccount makes an account with the neutral brand; Invalid when the slug is taken.
func NewAccount(ctx context.Context, q *Queries, slug, name, supportEmail string, now time.Time) (uuid.UUID, error) {
	switch _, err := q.AccountBySlug(ctx, slug); {
	case err == nil:
		return uuid.Nil, SlugTaken(slug)
	case !errors.Is(Kind(err), ErrNotFound):
		return uuid.Nil, err
	}
	id := NewID()
	return id, q.AccountInsert(ctx, AccountInsertParams{ID: id, Slug: slug, Name: name, SupportEmail: supportEmail,
		Accent: "#3457d5", Accent2: "#0f766e", Corners: CornerStyleSoft, TimeZone: "UTC", Now: now})
}
