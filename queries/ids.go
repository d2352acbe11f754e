package queries

import (
	"context"
	"encoding/binary"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgtype"
)

// NewID makes an id for a new row: a UUIDv7, so that ids sort by the time they were made. Of what one program makes this holds whatever its
// clock does, of what several make within what their clocks differ by; so they go by the database's (see Clock.StampIDs).
func NewID() uuid.UUID {
	now := time.Now
	if c := idClock.Load(); c != nil {
		now = c.Now
	}
	id := uuid.New() // whose second half is that of a UUIDv7
	stamp := nextStamp(now())
	binary.BigEndian.PutUint64(id[:], stamp&^0xfff<<4|7<<12|stamp&0xfff) // RFC 9562, section 5.7
	return id
}

// idClock is the installation's, once there is one.
var idClock atomic.Pointer[Clock]

// lastStamp is that of the newest id.
var lastStamp atomic.Uint64

// nextStamp is milliseconds and in the last twelve bits their fraction, or the next one after the last.
func nextStamp(now time.Time) uint64 {
	stamp := uint64(now.UnixMilli())<<12 | uint64(now.Nanosecond()%1e6)>>8
	for {
		last := lastStamp.Load()
		next := max(stamp, last+1)
		if lastStamp.CompareAndSwap(last, next) {
			return next
		}
	}
}

// PrepareConn lets a new connection send ids as the 16 bytes they are. Of google/uuid pgx knows only that it is a driver.Valuer, so
// that each id became a text and was read again on its way. It works as a pool's AfterConnect.
func PrepareConn(_ context.Context, conn *pgx.Conn) error {
	conn.TypeMap().RegisterType(&pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: idCodec{}})
	return nil
}

// idCodec is pgx's own, but for what google/uuid is sent as.
type idCodec struct{ pgtype.UUIDCodec }

func (c idCodec) PlanEncode(m *pgtype.Map, oid uint32, format int16, value any) pgtype.EncodePlan {
	if _, ours := value.(uuid.UUID); ours && format == pgtype.BinaryFormatCode {
		return idPlan{}
	}
	return c.UUIDCodec.PlanEncode(m, oid, format, value)
}

type idPlan struct{}

// Encode is called by pgx.
func (idPlan) Encode(value any, buf []byte) ([]byte, error) {
	id := value.(uuid.UUID)
	return append(buf, id[:]...), nil
}
