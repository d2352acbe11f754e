package handlers

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/password"
	"atrium/queries"
	"atrium/views"
)

var (
	errForeign = errors.New("the form did not come from a page of this host")
	errRole    = errors.New("the role does not include this")
)

// goTo is not a failure: it ends the request by sending the browser elsewhere.
type goTo struct{ path string }

func (g goTo) Error() string { return "go to " + g.path }

// signedOut says that a form came from a page of somebody who is no longer signed in, and where they sign in.
type signedOut struct{ path string }

func (o signedOut) Error() string { return "signed out, go to " + o.path }

// tooMany says that a limit is used up, and when to try again.
type tooMany struct{ wait time.Duration }

func (t tooMany) Error() string { return fmt.Sprintf("too many tries, wait %s", t.wait) }

// waitWords is the time to wait as a person would say it, never too short.
func (t tooMany) waitWords() string {
	if t.wait < time.Minute {
		return "a minute"
	}
	return fmt.Sprintf("%d minutes", int(math.Ceil(t.wait.Minutes()))+1)
}

// errorPage is what somebody sees instead of the page they asked for.
type errorPage struct {
	views.Page
	Status    int
	Heading   string
	Text      string
	Action    string // the way on; empty: none
	Href      string
	RequestID string // shown for faults, so that it can be told to whoever runs the place; empty otherwise
}

// onError alone turns what a handler returned into an answer: it maps the kind of error to a status, answers a page or, for
// htmx, a notice beside the page that stays, and logs faults with the request's id. No visitor sees the error's own text.
func (s *Site) onError(c *fiber.Ctx, err error) error {
	var to goTo
	if errors.As(err, &to) {
		return redirect(c, to.path)
	}
	p := s.explain(c, err)
	c.Status(p.Status)
	if isFragment(c) {
		c.Set("HX-Retarget", "#notice")
		c.Set("HX-Reswap", "innerHTML")
		text := p.Heading + ". " + p.Text
		if p.RequestID != "" {
			text += " If it happens again, name this number: " + p.RequestID
		}
		flash := views.Flash{Kind: views.FlashError, Text: text}
		if p.Status == fiber.StatusUnauthorized {
			flash.Action, flash.Href = p.Action, p.Href
		}
		return write(c, "ui/_flash", flash)
	}
	if failed := write(c, "errors/show", p, views.FrameCard); failed != nil {
		s.Log.Error("the error page failed", "id", at(c).id, "error", failed)
		return c.Type("txt").SendString(p.Heading + ". " + p.Text)
	}
	return nil
}

func (s *Site) explain(c *fiber.Ctx, err error) *errorPage {
	p := &errorPage{Page: s.page(c, ""), Action: "Go to the start page", Href: "/"}
	p.NoIndex = true
	var broken *fiber.Error
	var many tooMany
	var large tooLarge
	var out signedOut
	switch {
	case errors.As(err, &out):
		p.Status, p.Heading = fiber.StatusUnauthorized, "You are no longer signed in"
		p.Text = "Nothing was saved, but what you typed is still here. Sign in, come back to this page and send it again."
		p.Action, p.Href = "Sign in", out.path
	case errors.As(err, &many):
		c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(many.wait.Seconds()))))
		p.Status, p.Heading = fiber.StatusTooManyRequests, "Too many tries"
		p.Text = "For safety, please wait " + many.waitWords() + " and try again."
	case errors.Is(err, password.ErrBusy):
		c.Set(fiber.HeaderRetryAfter, "5")
		p.Status, p.Heading = fiber.StatusServiceUnavailable, "Very busy right now"
		p.Text, p.Action = "Many people are signing in at this moment. Please try again in a few seconds.", ""
	case errors.Is(err, errFull):
		c.Set(fiber.HeaderRetryAfter, "5")
		p.Status, p.Heading = fiber.StatusServiceUnavailable, "Very busy right now"
		p.Text, p.Action = "More people are here at this moment than can be served. Nothing was changed. Please try again in a few seconds.", ""
	case errors.As(err, &large):
		p.Status, p.Heading = fiber.StatusRequestEntityTooLarge, "This is too much at once"
		p.Text, p.Action = "Up to "+large.words()+" can be sent here; nothing of it was kept.", ""
	case errors.As(err, &broken) && broken.Code == fiber.StatusBadRequest:
		p.Status, p.Heading = fiber.StatusBadRequest, "This did not arrive whole"
		p.Text, p.Action = "Please send it again.", ""
	case errors.Is(err, fiber.ErrNotImplemented):
		p.Status, p.Heading = fiber.StatusNotImplemented, "This cannot be asked here"
		p.Text = "The request was sent in a way that no page knows."
	case errors.Is(err, errForeign):
		p.Status, p.Heading = fiber.StatusForbidden, "This form is out of date"
		p.Text = "It was not sent from a page that is open in this browser. Go back, reload the page and send it again."
	case errors.Is(err, errNoChanges):
		p.Status, p.Heading = fiber.StatusForbidden, "Changes are off"
		p.Text, p.Action = "You look at the portal as a client, so nothing was changed. An owner can allow changes in the settings.", "Go back to the portal"
	case errors.Is(err, errClientsOwn):
		p.Status, p.Heading = fiber.StatusForbidden, "Only the client can do this"
		p.Text, p.Action = "How they sign in, what they learn and the copy of their data stay theirs. Nothing was changed.", "Go back to the portal"
	case errors.Is(err, errRole):
		p.Status, p.Heading = fiber.StatusForbidden, "Your role does not include this"
		p.Text = "Ask an owner of the account to do it, or to give you another role."
	case errors.Is(err, queries.ErrNotFound), errors.As(err, &broken) && broken.Code < 500:
		p.Status, p.Heading = fiber.StatusNotFound, "This page does not exist"
		p.Text = "The address may have a typing error, or what was here is gone."
	default:
		s.Log.Error("request failed", "id", at(c).id, "host", s.host(c.Context()), "method", c.Method(), "route", c.Route().Path, "error", err)
		p.Status, p.Heading, p.RequestID = fiber.StatusInternalServerError, "Something went wrong on our side", at(c).id
		p.Text = "It has been noted. Nothing of what you did before is lost. Please try again in a moment."
	}
	p.Title = p.Heading
	if at(c).account == nil && s.host(c.Context()) != s.Addresses.AppHost {
		p.Action = "" // a host of nobody has no start page
	}
	return p
}

// redirect sends the browser on: 303 for a plain request, a header for htmx, which would follow a 303 by itself and put the
// page it gets into a part of this one.
func redirect(c *fiber.Ctx, path string) error {
	if isFragment(c) {
		c.Set("HX-Redirect", path)
		return c.SendStatus(fiber.StatusOK)
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}
