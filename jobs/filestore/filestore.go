// Package filestore keeps what people upload that is too large for PostgreSQL: in a folder, or in a bucket of a server that
// speaks S3. It knows keys and bytes; whose a file is, what it is called and who may have it stands in stored_file.
//
// Handlers put and open files; jobs remove them. Of our rooms it imports none.
package filestore

import (
	"context"
	"errors"
	"io"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"
)

// Key names a file: those of one account stand together.
type Key struct{ Account, ID uuid.UUID }

func (k Key) String() string { return k.Account.String() + "/" + k.ID.String() }

// parseKey reads what String wrote; false for what is not ours.
func parseKey(text string) (k Key, ok bool) {
	account, id, _ := strings.Cut(text, "/")
	var faults [2]error
	k.Account, faults[0] = uuid.Parse(account)
	k.ID, faults[1] = uuid.Parse(id)
	return k, faults[0] == nil && faults[1] == nil && k.String() == text
}

// Found is what lies in a store under a key: a whole file, or what is left of one that did not come whole.
type Found struct {
	Key
	At time.Time // when it was written last
}

// What can go wrong beside the storage itself.
var (
	ErrNotFound = errors.New("there is no such file in the storage")
	ErrTooLarge = errors.New("the file is larger than it may be")
	ErrFull     = errors.New("the storage is full")
)

// Store keeps files. All of it may be used by many at once.
type Store interface {
	// Put keeps what content gives, up to so many bytes, and answers how many it were. It is there whole or not at all: on an
	// error, ErrTooLarge among them, nothing can be opened. A file that is there already is replaced.
	Put(ctx context.Context, k Key, content io.Reader, most int64) (size int64, err error)
	// Open reads so many bytes from an offset on. The context has to last until the reader is closed. ErrNotFound without the file.
	Open(ctx context.Context, k Key, offset, length int64) (io.ReadCloser, error)
	// Delete removes a file with everything that is left of tries to put it there. Without one it does nothing.
	Delete(ctx context.Context, k Key) error
	// All is everything there is, also what did not come whole, in no order; a key may come twice.
	All(ctx context.Context) iter.Seq2[Found, error]
	// Check says whether files can be kept. It may write, and then removes what it wrote.
	Check(ctx context.Context) error
}

// counted passes on what it reads, and ErrTooLarge instead of more than there may be.
type counted struct {
	from io.Reader
	most int64
	n    int64
}

func (c *counted) Read(into []byte) (int, error) {
	n, err := c.from.Read(into)
	if c.n += int64(n); c.n > c.most {
		return 0, ErrTooLarge
	}
	return n, err
}
