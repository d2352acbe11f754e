package handlers

import (
	"strconv"
	"strings"
)

// byteRange is a part of a file.
type byteRange struct{ from, length int64 }

// contentRange is what the header of that name says of it.
func (r byteRange) contentRange(size int64) string {
	return "bytes " + strconv.FormatInt(r.from, 10) + "-" + strconv.FormatInt(r.from+r.length-1, 10) + "/" + strconv.FormatInt(size, 10)
}

// parseRange reads a Range header (RFC 9110, 14.2) for a file of that size. With all, the header is to be ignored, as one that is
// missing or cannot be read: then the whole file is sent. So it is for several ranges, which nobody who plays a video or goes on
// with a download asks for, and which could ask for a file a thousand times over. Without any of both, there is nothing there.
func parseRange(header string, size int64) (r byteRange, all, none bool) {
	whole := byteRange{0, size}
	wanted, isBytes := strings.CutPrefix(header, "bytes=")
	if !isBytes || strings.Contains(wanted, ",") {
		return whole, true, false
	}
	first, last, hasDash := strings.Cut(strings.Trim(wanted, " \t"), "-")
	switch from, to := position(first), position(last); {
	case !hasDash || first == "" && last == "" || first != "" && from < 0 || last != "" && to < 0:
		return whole, true, false
	case first == "": // the last so many bytes
		n := min(to, size)
		return byteRange{size - n, n}, false, n == 0
	case last == "":
		return byteRange{from, size - from}, false, from >= size
	case to < from:
		return whole, true, false
	default:
		return byteRange{from, min(to, size-1) - from + 1}, false, from >= size
	}
}

// position reads digits and nothing else; -1 for what is not a number there can be.
func position(digits string) int64 {
	n, err := strconv.ParseUint(digits, 10, 63)
	if err != nil || strings.HasPrefix(digits, "+") {
		return -1
	}
	return int64(n)
}
