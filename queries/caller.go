package queries

import (
	"context"
	"log/slog"
)

type callerKey struct{}

// CalledBy notes in a context which request or job its queries are asked for, as it is to stand in lines of the log.
func CalledBy(ctx context.Context, caller slog.Attr) context.Context {
	return context.WithValue(ctx, callerKey{}, caller)
}

// Caller is what CalledBy has noted; false when nothing was.
func Caller(ctx context.Context) (caller slog.Attr, known bool) {
	caller, known = ctx.Value(callerKey{}).(slog.Attr)
	return caller, known
}
