// Package localpg runs a private PostgreSQL for one data folder: what the
// program uses when it is given no DATABASE_URL, and what the tests clone their
// databases from.
//
// The server is a child of this program and ends with it. It listens on a unix
// socket in a folder only its owner can enter, never on TCP, so it needs no
// password and meets no other PostgreSQL of the machine. It never looks at a
// cluster it did not make.
//
// In here: finding the binaries, making the cluster, starting, stopping,
// recovering. Not in here: tables, queries, connections. It needs nothing but
// the standard library; queries/dbtest and cmd may import it.
package localpg

import (
	"cmp"
	"context"
	"log/slog"
	"net/url"
	"os"
	"sync"
	"syscall"
)

// Role is whom the program logs in as, and Database the one the role owns. The
// role is no superuser.
const (
	Role     = "atrium"
	Database = "atrium"
)

// superuser owns the cluster; port is only the last part of the socket's name.
const (
	superuser = "postgres"
	port      = "5432"
)

// Options say which folder to serve and how.
type Options struct {
	// Dir is the data folder, made when absent. It holds the cluster, the
	// socket and a lock; one program at a time can hold it.
	Dir string
	// Log receives what the server has to say. Default: slog.Default().
	Log *slog.Logger
	// Fast trades durability for speed: for tests, never for data.
	Fast bool
	// Settings are further PostgreSQL settings by name; they win over ours.
	Settings map[string]string
}

// Server is a running private PostgreSQL.
type Server struct {
	place     *place
	socketDir string
	process   *process
	cleaned   sync.Once
}

// Start serves opts.Dir and returns when the server accepts connections. It
// recovers by itself from a program or a server that was killed, at whatever
// moment. ctx bounds the start, not the life of the server; when it ends first,
// nothing keeps running.
//
// Errors to tell apart: ErrNoBinaries, *HeldError, *VersionError.
func Start(ctx context.Context, opts Options) (*Server, error) {
	log := cmp.Or(opts.Log, slog.Default())
	place, err := openPlace(ctx, opts.Dir, log)
	if err != nil {
		return nil, err
	}
	server := &Server{place: place}
	if err := server.start(ctx, opts, log); err != nil {
		server.cleanUp()
		return nil, err
	}
	return server, nil
}

func (s *Server) start(ctx context.Context, opts Options, log *slog.Logger) error {
	bin, err := s.place.binaries()
	if err != nil {
		return err
	}
	if err := s.place.awaitRelease(ctx, releaseLimit); err != nil {
		return err
	}
	if err := s.place.makeCluster(ctx, bin, opts.Fast); err != nil {
		return err
	}
	s.socketDir = s.place.socketDir()
	if err := s.place.renewSocketDir(s.socketDir); err != nil {
		return err
	}
	s.process, err = s.place.startServer(ctx, bin, serverArguments(opts, s.place.cluster(), s.socketDir), log)
	return err
}

// URL is the address of a database of this server for Role; an empty name means
// Database. It serves pgx and libpq alike, whatever PG* variables say.
func (s *Server) URL(database string) string {
	return address(s.socketDir, Role, cmp.Or(database, Database))
}

// SuperuserURL is the same for the superuser: for making databases and looking
// after the server, never for the product's own work.
func (s *Server) SuperuserURL(database string) string {
	return address(s.socketDir, superuser, cmp.Or(database, "postgres"))
}

func address(socketDir, user, database string) string {
	// Port and sslmode are spelled out, or PGPORT and PGSSLMODE would fill them in.
	query := url.Values{"host": {socketDir}, "port": {port}, "sslmode": {"disable"}}
	u := url.URL{Scheme: "postgres", User: url.User(user), Path: "/" + database, RawQuery: query.Encode()}
	return u.String()
}

// Done is closed when the server has ended, asked to or not.
func (s *Server) Done() <-chan struct{} { return s.process.done }

// Stop ends all connections, writes a last checkpoint and returns when the
// server is gone and the folder free. When ctx ends first the server is ended
// the hard way, which costs the next start a recovery but no data, and ctx's
// error is returned. A second call does nothing.
func (s *Server) Stop(ctx context.Context) error {
	defer s.cleanUp()
	// SIGINT is PostgreSQL's fast shutdown: it does not wait for clients to leave.
	return s.process.end(ctx, syscall.SIGINT)
}

// cleanUp gives back what a server holds outside its cluster; once, since the
// next server of the folder has its socket in the same place.
func (s *Server) cleanUp() {
	s.cleaned.Do(func() {
		if s.socketDir != "" {
			_ = os.RemoveAll(s.socketDir)
		}
		s.place.lock.release()
	})
}
