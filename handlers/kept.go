package handlers

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/directory"
)

// keptPages holds a page that is the same for all strangers of an account, but for the token in its forms: it is made for the first of
// them, and everybody gets their own token in it. Accounts share the places, so that what is kept has a bound, however many there are: some
// 4 KB for each place.
type keptPages []atomic.Pointer[keptPage]

// keptMost is how many accounts' pages are kept.
const keptMost = 512

type keptPage struct {
	account *directory.Account // it was made for; one that was changed since is another
	parts   [][]byte           // what stands before, between and after the tokens
}

// show answers with the page of the request's account that is kept, or has it made, and keeps it. Nothing but the account and the token may
// be in it: no message, nothing of who asks or what they asked for.
func (k keptPages) show(c *fiber.Ctx, token string, made func() error) error {
	account := at(c).account
	place := &k[int(binary.BigEndian.Uint16(account.ID[14:]))%len(k)]
	if kept := place.Load(); kept != nil && kept.account == account {
		variesByPart(c)
		c.Set(fiber.HeaderContentType, fiber.MIMETextHTMLCharsetUTF8)
		for i, part := range kept.parts {
			if i > 0 {
				c.Response().AppendBodyString(token)
			}
			c.Response().AppendBody(part)
		}
		return nil
	}
	if err := made(); err != nil {
		return err
	}
	place.Store(&keptPage{account, bytes.Split(bytes.Clone(c.Response().Body()), []byte(token))})
	return nil
}
