package csvfile

import (
	"encoding/binary"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// peek is the character that comes next; it stays.
func (r *Reader) peek() (rune, error) {
	if !r.peeked {
		r.next, r.nextSize, r.nextError = r.decode()
		r.peeked = true
	}
	return r.next, r.nextError
}

// take goes beyond the character that was peeked.
func (r *Reader) take() rune {
	r.peeked = false
	r.at.Bytes += int64(r.nextSize)
	r.size += r.nextSize
	return r.next
}

// decode reads one character and says how many bytes of the file it is.
func (r *Reader) decode() (c rune, size int, err error) {
	switch r.format.Encoding {
	case UTF16LE:
		return r.decode16(binary.LittleEndian)
	case UTF16BE:
		return r.decode16(binary.BigEndian)
	case Latin1:
		b, err := r.from.ReadByte()
		return charmap.Windows1252.DecodeByte(b), 1, err
	}
	if b, err := r.from.ReadByte(); err != nil || b < utf8.RuneSelf {
		return rune(b), 1, err
	}
	_ = r.from.UnreadByte() // it has just been read
	return r.from.ReadRune()
}

func (r *Reader) decode16(order binary.ByteOrder) (c rune, size int, err error) {
	pair, err := r.from.Peek(2)
	if len(pair) < 2 {
		_, _ = r.from.Discard(len(pair)) // half a character at the end is none; Peek has said what is wrong
		if err == nil {
			err = io.EOF
		}
		return 0, 0, err
	}
	c, size = rune(order.Uint16(pair)), 2
	if utf16.IsSurrogate(c) {
		four, _ := r.from.Peek(4)
		if len(four) == 4 {
			if both := utf16.DecodeRune(c, rune(order.Uint16(four[2:]))); both != '\ufffd' {
				_, err = r.from.Discard(4)
				return both, 4, err
			}
		}
		c = '\ufffd'
	}
	_, err = r.from.Discard(2)
	return c, size, err
}
