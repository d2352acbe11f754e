package main

import (
	"context"
	"log/slog"
	"os"

	"atrium/cmd/internal/config"
	"atrium/queries"
)

// newLog writes to standard error as the configuration says.
func newLog(c config.Config) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(c.LogLevel)); err != nil {
		level = slog.LevelInfo // config has checked it
	}
	options := &slog.HandlerOptions{Level: level}
	if c.LogFormat == "json" {
		options.ReplaceAttr = inWords
		return slog.New(withCaller{slog.NewJSONHandler(os.Stderr, options)})
	}
	return slog.New(withCaller{slog.NewTextHandler(os.Stderr, options)})
}

// inWords writes times that something took as text does, such as 12ms; JSON would have nanoseconds.
func inWords(_ []string, a slog.Attr) slog.Attr {
	if a.Value.Kind() == slog.KindDuration {
		a.Value = slog.StringValue(a.Value.Duration().String())
	}
	return a
}

// withCaller adds to each line which request or job it is of, where its context knows.
type withCaller struct{ slog.Handler }

// Handle is called by slog.
func (h withCaller) Handle(ctx context.Context, line slog.Record) error {
	if caller, known := queries.Caller(ctx); known {
		line.AddAttrs(caller)
	}
	return h.Handler.Handle(ctx, line)
}

// WithAttrs is called by slog.
func (h withCaller) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withCaller{h.Handler.WithAttrs(attrs)}
}

// WithGroup is called by slog.
func (h withCaller) WithGroup(name string) slog.Handler { return withCaller{h.Handler.WithGroup(name)} }
