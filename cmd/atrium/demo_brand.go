package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"encoding/json"

	"atrium/queries"
)

//go:embed demo/acme-morning.svg
var acmeMorning []byte

// brand gives the business its logo, and the first one everything else that can be chosen as well.
func (s seeder) brand(ctx context.Context, b demoBusiness) error {
	logo, err := s.picture(ctx, b.logo)
	if err != nil {
		return err
	}
	if err := s.q.BrandSetLogo(ctx, queries.BrandSetLogoParams{AccountID: s.account, LogoHash: logo, IconHash: logo, Now: s.now}); err != nil {
		return err
	}
	if b.slug != demoBusinesses[0].slug {
		return nil
	}
	footer, err := json.Marshal([]queries.Link{{Label: "Privacy", URL: "https://acme.example/privacy"}, {Label: "Imprint", URL: "https://acme.example/imprint"}})
	if err != nil {
		return err
	}
	menu, err := json.Marshal([]queries.Link{{Label: "Book a call", URL: "https://acme.example/calendar"}})
	if err != nil {
		return err
	}
	if err := s.q.BrandSave(ctx, queries.BrandSaveParams{AccountID: s.account, Name: b.name, SupportEmail: b.support, Accent: b.accent, Accent2: b.accent2,
		Corners: b.corners, Scheme: queries.ColorSchemeAuto, FooterLinks: footer, MenuLinks: menu, SignInTitle: "Good to see you",
		SignInText: "Your sessions, your notes and everything we agreed on are in here.", Now: s.now}); err != nil {
		return err
	}
	picture, err := s.picture(ctx, acmeMorning)
	if err != nil {
		return err
	}
	return s.q.BrandSetPicture(ctx, queries.BrandSetPictureParams{AccountID: s.account, PictureHash: picture, Now: s.now})
}

// picture keeps a drawing of the demo's own and returns its name.
func (s seeder) picture(ctx context.Context, svg []byte) (hash string, err error) {
	sum := sha256.Sum256(svg)
	hash = hex.EncodeToString(sum[:16])
	return hash, s.q.PictureInsert(ctx, queries.PictureInsertParams{AccountID: s.account, Hash: hash, MediaType: "image/svg+xml", Content: svg, Now: s.now})
}
