package main

import "testing"

func TestGarbageFor(t *testing.T) {
	t.Parallel()
	for inUse, want := range map[uint64]int{
		0:         3200, // before the first collection
		10 << 20:  1280,
		64 << 20:  200,
		128 << 20: 100,
		1 << 40:   100,
	} {
		if got := garbageFor(inUse); got != want {
			t.Errorf("of %d bytes in use: %d, not %d", inUse, got, want)
		}
	}
}
