package views

import (
	"hash/fnv"
	"math"
)

// Cover is the picture of a course, for ui/_cover: its own, or one that is drawn from its title and the account's colours.
type Cover struct {
	URL             string // empty: it is drawn
	Title           string
	Accent, Accent2 string // #rrggbb; anything else is the neutral theme's own
}

// CoverDrawing is what a drawn cover is made of, all of it within 64 by 36. The stylesheet has the rest; a list may have hundreds.
type CoverDrawing struct {
	Back, Second string // colours
	Large, Small CoverCircle
	Left, Right  int // where the hill at the foot begins and ends
}

// CoverCircle is a circle of a drawn cover.
type CoverCircle struct{ X, Y, R int }

// Drawing is the drawn cover. Equal titles and colours give the same one; other titles give another tone and other shapes.
func (c Cover) Drawing() CoverDrawing {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(c.Title)) // a hash takes everything
	dice := sum.Sum64()
	roll := func(sides uint64) int {
		n := dice % sides
		dice /= sides
		return int(n)
	}
	accent, ok := parseColor(c.Accent)
	if !ok {
		accent, _ = parseColor("#52525b")
	}
	second, ok := parseColor(c.Accent2)
	if !ok {
		second = accent
	}
	tone, other := accent.oklch(), second.oklch()
	d := CoverDrawing{Back: oklch{0.42 + 0.04*float64(roll(4)), math.Min(tone.c, 0.13), tone.h + (float64(roll(5))-2)*0.14}.hex(), Second: oklch{0.66, other.c, other.h}.hex()}
	d.Large.R, d.Small.R = 9+roll(8), 3+roll(5)
	d.Large.X, d.Large.Y = 64-d.Large.R-roll(16), d.Large.R+roll(uint64(36-2*d.Large.R))
	d.Small.X, d.Small.Y = d.Small.R+4+roll(22), d.Small.R+roll(uint64(36-2*d.Small.R))
	d.Left, d.Right = 19+roll(16), 19+roll(16)
	return d
}
