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

// CoverDrawing is what a drawn cover is made of, on 640 by 360.
type CoverDrawing struct {
	Back, Ink, Second string // colours
	Letters           string
	X, Y, Radius      int // of the large circle
	X2, Y2, Radius2   int // of the small one
}

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
	tone := accent.oklch()
	back := oklch{0.36 + 0.05*float64(roll(4)), math.Min(tone.c, 0.13), tone.h + (float64(roll(5))-2)*0.14}.hex()
	other := second.oklch()
	d := CoverDrawing{Back: back, Ink: TextOn(back), Second: oklch{0.62, other.c, other.h}.hex(), Letters: initials(c.Title)}
	d.X, d.Y, d.Radius = 380+roll(220), roll(200), 150+roll(110)
	d.X2, d.Y2, d.Radius2 = 180+roll(380), 220+roll(160), 60+roll(70)
	return d
}
