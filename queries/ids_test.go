package queries

import (
	"bytes"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgtype"
)

// BenchmarkSendID is what one id costs on its way to PostgreSQL, as pgx has it and as we do.
func BenchmarkSendID(b *testing.B) {
	ours := pgtype.NewMap()
	ours.RegisterType(&pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: idCodec{}})
	var id any = NewID()
	for name, m := range map[string]*pgtype.Map{"pgx": pgtype.NewMap(), "ours": ours} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			buf := make([]byte, 0, 64)
			for b.Loop() {
				if _, err := m.Encode(pgtype.UUIDOID, pgtype.BinaryFormatCode, id, buf); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// An id, the address of one, and none are sent as before.
func TestSendIDs(t *testing.T) {
	t.Parallel()
	ours, theirs := pgtype.NewMap(), pgtype.NewMap()
	ours.RegisterType(&pgtype.Type{Name: "uuid", OID: pgtype.UUIDOID, Codec: idCodec{}})
	id := NewID()
	for _, value := range []any{id, &id, (*uuid.UUID)(nil), uuid.Nil, uuid.NullUUID{}} {
		for _, format := range []int16{pgtype.BinaryFormatCode, pgtype.TextFormatCode} {
			want, err := theirs.Encode(pgtype.UUIDOID, format, value, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := ours.Encode(pgtype.UUIDOID, format, value, nil); err != nil || !bytes.Equal(got, want) || (got == nil) != (want == nil) {
				t.Errorf("%T in format %d: %x, want %x; %v", value, format, got, want, err)
			}
		}
	}
}
