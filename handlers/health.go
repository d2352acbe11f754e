package handlers

import (
	"context"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
)

// healthShow says that the program answers; it asks nobody else.
func (s *Site) healthShow(c *fiber.Ctx) error { return c.Type("txt").SendString("ok\n") }

// readyShow says whether people should be sent here: the program answers, is not about to stop, and its database answers too.
func (s *Site) readyShow(c *fiber.Ctx) error {
	if s.draining.Load() {
		return c.Status(fiber.StatusServiceUnavailable).Type("txt").SendString("this program is about to stop\n")
	}
	if err := s.readiness.ask(c.UserContext(), s.Now(), s.DB.Ping); err != nil {
		return c.Status(fiber.StatusServiceUnavailable).Type("txt").SendString("the database does not answer\n")
	}
	return c.Type("txt").SendString("ok\n")
}

// readiness asks the database once a second, however often anybody asks.
type readiness struct {
	sync.Mutex
	at  time.Time
	err error
}

func (r *readiness) ask(ctx context.Context, now time.Time, ping func(context.Context) error) error {
	r.Lock()
	defer r.Unlock()
	if since := now.Sub(r.at); since >= 0 && since < time.Second {
		return r.err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	r.err, r.at = ping(ctx), now
	return r.err
}
