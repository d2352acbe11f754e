package localpg

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
)

// messages takes what a child writes: it remembers the last lines, to explain a
// failure with, and passes each on to log if there is one.
type messages struct {
	log  *slog.Logger
	rest []byte
	last []string
}

// Write implements io.Writer; os/exec calls it from one goroutine.
func (m *messages) Write(content []byte) (int, error) {
	m.rest = append(m.rest, content...)
	for {
		line, rest, complete := bytes.Cut(m.rest, []byte("\n"))
		if !complete {
			return len(content), nil
		}
		m.rest = rest
		m.take(string(line))
	}
}

func (m *messages) take(line string) {
	const kept = 20
	if m.last = append(m.last, line); len(m.last) > kept {
		m.last = slices.Delete(m.last, 0, 1)
	}
	if m.log != nil {
		m.log.Log(context.Background(), level(line), "postgres: "+line)
	}
}

// level is low for all that reaches a client as its error or comes with every
// start and stop.
func level(line string) slog.Level {
	for _, severity := range []string{"WARNING:", "PANIC:"} {
		if strings.HasPrefix(line, severity) {
			return slog.LevelWarn
		}
	}
	return slog.LevelDebug
}

// explain adds the last lines to a child's failure; nil stays nil. Only for a
// child that has ended.
func (m *messages) explain(err error) error {
	if err == nil || len(m.last) == 0 {
		return err
	}
	return fmt.Errorf("%w: %s", err, strings.Join(m.last, "\n"))
}
