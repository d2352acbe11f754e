package handlers

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// A template that gives up is told of in the log once, and in the figures each time.
func TestTemplateThatGivesUp(t *testing.T) {
	t.Parallel()
	var counted []string
	s := makeSite(t, func(c *Config) {
		c.Compared = nil
		c.GaveUp = func(template string) { counted = append(counted, template) }
	})
	for range 3 {
		if err := s.engine.Render(io.Discard, "ui/_copy", map[string]string{"Value": "1", "Name": "code"}); err != nil { // nothing compiled looks into a map
			t.Fatal(err)
		}
	}
	if strings.Join(counted, " ") != "ui/_copy ui/_copy ui/_copy" {
		t.Errorf("counted are %q", counted)
	}
	if log := s.logged.String(); strings.Count(log, "level=WARN") != 1 || !strings.Contains(log, "template=ui/_copy") {
		t.Errorf("logged is %s", log)
	}
}

// The first pages of a program may be asked for at once.
func TestFirstPagesAtOnce(t *testing.T) {
	t.Parallel()
	s := newSite(t)
	browsers := []*browser{s.portal(t, s.acme), s.admin(t), s.portal(t, s.lumen), s.portal(t, s.acme), s.admin(t)}
	faults := make([]error, len(browsers))
	var asking sync.WaitGroup
	for i, b := range browsers {
		asking.Go(func() {
			p, err := b.try(http.MethodGet, "/sign-in", nil)
			if err == nil && p.status != http.StatusOK {
				err = fmt.Errorf("%d", p.status)
			}
			faults[i] = err
		})
	}
	asking.Wait()
	if err := errors.Join(faults...); err != nil {
		t.Error(err)
	}
}
