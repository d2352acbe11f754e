package handlers

import "testing"

func TestParseRange(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		header       string
		from, length int64
		all, none    bool
	}{
		{"", 0, 100, true, false},
		{"bytes=0-", 0, 100, false, false},
		{"bytes=0-0", 0, 1, false, false},
		{"bytes=10-19", 10, 10, false, false},
		{"bytes=90-", 90, 10, false, false},
		{"bytes=90-1000", 90, 10, false, false},
		{"bytes=99-99", 99, 1, false, false},
		{"bytes=-1", 99, 1, false, false},
		{"bytes=-1000", 0, 100, false, false},
		{"bytes= 10-19 ", 10, 10, false, false},
		{"bytes=-0", 0, 0, false, true},
		{"bytes=100-", 0, 0, false, true},
		{"bytes=100-200", 0, 0, false, true},
		{"bytes=9223372036854775806-9223372036854775807", 0, 0, false, true},
		{"bytes=0-0,5-6", 0, 100, true, false},
		{"bytes=0-0,0-0,0-0,0-0", 0, 100, true, false},
		{"bytes=19-10", 0, 100, true, false},
		{"bytes=-", 0, 100, true, false},
		{"bytes=", 0, 100, true, false},
		{"bytes=x-", 0, 100, true, false},
		{"bytes=1-x", 0, 100, true, false},
		{"bytes=+1-2", 0, 100, true, false},
		{"bytes=--1", 0, 100, true, false},
		{"bytes=1", 0, 100, true, false},
		{"bytes=9223372036854775808-", 0, 100, true, false},
		{"pages=1-2", 0, 100, true, false},
		{"Bytes=1-2", 0, 100, true, false},
	} {
		r, all, none := parseRange(c.header, 100)
		if all != c.all || none != c.none || !none && (r.from != c.from || r.length != c.length) {
			t.Errorf("%q is %v, all %v, none %v", c.header, r, all, none)
		}
	}
	if _, all, none := parseRange("bytes=0-", 0); all || !none {
		t.Error("an empty file has a first byte")
	}
}
