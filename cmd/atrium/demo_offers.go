package main

import (
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"atrium/jobs"
	"atrium/queries"
)

// The pictures of the demo's offers.
var (
	//go:embed demo/offer-circle.svg
	offerCircle []byte
	//go:embed demo/offer-week.svg
	offerWeek []byte
	//go:embed demo/offer-window.svg
	offerWindow []byte
)

// demoCoupon is a coupon that buyers of Acme's can type; the text of an offer tells it.
const demoCoupon = "LETTER20"

// demoOffer is something a business of the demo offers: a course, by a price or for nothing.
type demoOffer struct {
	name, title, text, course string
	price                     *queries.Price
	days, most                int32 // of access, of people; 0: without end
	picture                   []byte
}

var demoOffers = map[string][]demoOffer{
	"acme": {
		{name: "leaders-circle", title: "Leaders’ circle", course: "Lead without burning out", picture: offerCircle,
			price: &queries.Price{AmountMinor: 3900, Currency: "eur", Charged: queries.PriceIntervalMonth, TrialDays: 14},
			text: "Eight people who lead teams, an hour every second Tuesday, and somebody who asks on Friday how it went.\n\n" +
				"- **The whole course** “Lead without burning out”, at your own pace\n- **A call with the group** every second Tuesday at 17:00, which you can hear again until the next one\n" +
				"- **One question a week** by mail, that takes ten minutes and is worth an hour\n\nThe first two weeks cost nothing. After that you can leave at the end of any month, with two clicks and without a reason."},
		{name: "leaders-circle-year", title: "Leaders’ circle, a year", course: "Lead without burning out", picture: offerCircle,
			price: &queries.Price{AmountMinor: 39000, Currency: "eur", Charged: queries.PriceIntervalYear},
			text:  "The same circle and the same calls, paid once a year: two months less than by the month."},
		{name: "a-week-that-works", title: "A week that works", course: "A week that works", picture: offerWeek, most: 40,
			price: &queries.Price{AmountMinor: 14900, Currency: "eur", Charged: queries.PriceIntervalOnce},
			text: "Ten short lessons to a calendar that still holds on Friday. You begin with the week you have, and not with the one you wish for.\n\n" +
				"- A plan in twenty minutes, on one sheet\n- Room for what nobody saw coming\n- Three ways to say no that offend nobody\n\n" +
				"We read and answer what you write to us in the lessons, so this round is for forty people. Do you read our letter? Then **" + demoCoupon + "** takes a fifth off."},
		{name: "seven-days", title: "Seven days of A week that works", course: "A week that works", days: 7, picture: offerWeek,
			text: "Read the whole course for seven days, for nothing and without a card. The first three lessons take half an hour; they are enough to see why your plans break on Tuesday."},
	},
	"lumen": {
		{name: "light-for-small-rooms", title: "Light for small rooms", course: "Light for small rooms", picture: offerWindow,
			price: &queries.Price{AmountMinor: 5900, Currency: "gbp", Charged: queries.PriceIntervalOnce},
			text:  "One window, one lamp, and the people you live with. Six lessons from our studio on how to see the light that is already there."},
	},
}

// offers puts up what a business offers, and the coupon.
func (s seller) offers(ctx context.Context, slug string) error {
	for _, o := range demoOffers[strings.ToLower(slug)] {
		if err := s.offer(ctx, o); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	if !strings.EqualFold(slug, demoBusinesses[0].slug) {
		return nil
	}
	if err := s.ask(ctx, http.MethodPost, "/v1/coupons", url.Values{"id": {demoCoupon}, "percent_off": {"20"}, "duration": {"once"}}, nil); err != nil {
		return err
	}
	return s.ask(ctx, http.MethodPost, "/v1/promotion_codes", url.Values{"coupon": {demoCoupon}, "code": {demoCoupon}}, nil)
}

// offer puts something up.
func (s seller) offer(ctx context.Context, o demoOffer) error {
	id, at := queries.NewID(), s.now.Add(-demoPast)
	d := queries.OfferDraft{Name: o.name, Title: o.title, Text: o.text, Price: o.price}
	if o.days > 0 {
		d.Days = &o.days
	}
	if o.most > 0 {
		d.Most = &o.most
	}
	var price *uuid.UUID
	err := queries.InTx(ctx, s.pr.database.pool, func(q *queries.Queries, tx pgx.Tx) (err error) {
		var course uuid.UUID
		if err := tx.QueryRow(ctx, "SELECT id FROM course WHERE account_id = $1 AND title = $2", s.account, o.course).Scan(&course); err != nil {
			return err
		}
		d.Courses = []uuid.UUID{course}
		if err := d.Insert(ctx, q, s.account, id, at); err != nil {
			return err
		}
		if o.picture != nil {
			sum := sha256.Sum256(o.picture)
			hash := "offer-" + hex.EncodeToString(sum[:16])
			if err := q.PictureInsert(ctx, queries.PictureInsertParams{AccountID: s.account, Hash: hash, MediaType: "image/svg+xml", Content: o.picture, Now: s.now}); err != nil {
				return err
			}
			if _, err := q.OfferSetPicture(ctx, queries.OfferSetPictureParams{AccountID: s.account, ID: id, PictureHash: hash, Now: at}); err != nil {
				return err
			}
		}
		price, err = queries.SetPrice(ctx, q, s.account, id, o.price, at)
		return err
	})
	if err != nil || price == nil {
		return err
	}
	_, err = jobs.MakePrice(ctx, s.q, s.door, s.account, *price)
	return err
}
