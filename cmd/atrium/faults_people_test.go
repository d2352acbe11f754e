package main

import (
	"fmt"
	"net/http"
	"strings"
)

// invite has the owner invite somebody new. Of three, one only ever has their link looked at, as a mail filter does.
func (c *company) invite() error {
	email := fmt.Sprintf("guest-%d@example.com", c.next.Add(1))
	if err := c.owner.opens(c.s.admin("/acme/invitations/new")); err != nil {
		return err
	}
	if err := c.owner.sends("/acme/invitations", "people", "Guest <"+email+">"); err != nil {
		return err
	}
	if err := c.owner.is("/acme"); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.invited = append(c.invited, email)
	return nil
}

// lurks says whether somebody's link is only ever looked at.
func lurks(email string) bool {
	return strings.HasSuffix(email, "3@example.com") || strings.HasSuffix(email, "6@example.com")
}

// join takes somebody whose mail has come, looks at their link as a filter does, and goes in.
func (c *company) join() error {
	link, email := c.letter()
	if link == "" {
		return errNothingToDo
	}
	p := c.someone()
	defer p.client.CloseIdleConnections()
	for range 2 {
		if err := p.opens(link); err != nil {
			return err
		}
	}
	if lurks(email) {
		return nil
	}
	if err := p.sends("/l/"); err != nil {
		return err
	}
	if err := p.is("/welcome"); err != nil {
		return err
	}
	if err := p.sends("/welcome", "name", "Guest", "link_only", "1"); err != nil {
		return err
	}
	if err := p.is("/"); err != nil {
		return err
	}
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.joined[email] = true
	return nil
}

// letter is the link of the next invitation that has come, and whose it is; empty without one.
func (c *company) letter() (link, email string) {
	all := c.s.box.Messages() // the newest first
	for c.letters < len(all) {
		c.letters++
		m := all[len(all)-c.letters]
		c.mutex.Lock()
		_, known := c.joined[m.To]
		if !known && strings.HasPrefix(m.To, "guest-") {
			c.joined[m.To] = false
		}
		c.mutex.Unlock()
		if !known && strings.HasPrefix(m.To, "guest-") {
			return linkIn(c.s.t, m), m.To
		}
	}
	return "", ""
}

// buy goes to pay for the course as somebody new, pays, and comes back.
func (c *company) buy() error {
	p := c.someone()
	defer p.client.CloseIdleConnections()
	email := fmt.Sprintf("buyer-%d@example.com", c.next.Add(1))
	if err := p.opens(c.s.portal("/o/clear-goals")); err != nil {
		return err
	}
	if err := p.sends("/o/clear-goals/buy"); err != nil {
		return err
	}
	if !strings.HasPrefix(p.at.String(), c.s.sim.URL) {
		return failure{"no page for paying"}
	}
	return p.payAs(email)
}

// payAs presses the button. From the moment when Stripe leads them back they have paid, whatever comes then.
func (p *someone) payAs(email string) error {
	page := p.at.String()
	p.client.CheckRedirect = func(r *http.Request, via []*http.Request) error {
		if strings.HasPrefix(via[0].URL.String(), page) && r.URL.Path == "/checkout/return" {
			p.crowd.mutex.Lock()
			defer p.crowd.mutex.Unlock()
			p.crowd.paid = append(p.crowd.paid, email)
		}
		return nil
	}
	request, err := p.paying("pay", email)
	if err != nil {
		return err
	}
	if err := p.do(request); err != nil {
		return err
	}
	return p.is("/welcome")
}

// read is a client who looks at what is theirs. They buy their way in first.
func (c *company) read(p *someone) error {
	for _, path := range []string{"/", "/courses", "/courses/" + c.s.course.String(), "/profile"} {
		if err := p.opens(c.s.portal(path)); err != nil {
			return err
		}
		if p.at.Path != path {
			return c.become(p)
		}
	}
	return nil
}

// become makes somebody a client with a session.
func (c *company) become(p *someone) error {
	p.client.CheckRedirect = nil
	if p.at.Path != "/welcome" {
		if err := p.opens(c.s.portal("/o/clear-goals")); err != nil {
			return err
		}
		if err := p.sends("/o/clear-goals/buy"); err != nil {
			return err
		}
		if !strings.HasPrefix(p.at.String(), c.s.sim.URL) {
			return failure{"no page for paying"}
		}
		if err := p.payAs(fmt.Sprintf("reader-%d@example.com", c.next.Add(1))); err != nil {
			return err
		}
	}
	return p.sends("/welcome", "name", "Reader", "link_only", "1")
}

// manage is the owner who looks at what is going on.
func (c *company) manage() error {
	for _, path := range []string{"/acme", "/acme/contacts", "/acme/mail-log", "/acme/audit-log"} {
		if err := c.manager.opens(c.s.admin(path)); err != nil {
			return err
		}
		if err := c.manager.is(path); err != nil {
			return err
		}
	}
	return nil
}
