package views

import (
	"fmt"
	"math"
	"strconv"
)

// rgb is a colour of sRGB in linear light, each part 0 to 1.
type rgb struct{ r, g, b float64 }

// oklch is lightness 0 to 1, chroma from 0, hue in radians. Equal steps of lightness look equal, and the hue stays when it changes,
// which HSL cannot say. Numbers from https://bottosson.github.io/posts/oklab/.
type oklch struct{ l, c, h float64 }

// Contrast is the ratio of WCAG 2 between two #rrggbb colours, from 1 to 21. What is no colour counts as white.
func Contrast(a, b string) float64 {
	la, lb := luminance(a), luminance(b)
	return (math.Max(la, lb) + 0.05) / (math.Min(la, lb) + 0.05)
}

func luminance(color string) float64 {
	c, ok := parseColor(color)
	if !ok {
		c = rgb{1, 1, 1}
	}
	return 0.2126*c.r + 0.7152*c.g + 0.0722*c.b
}

// shift moves the lightness of a colour away from the background until their contrast reaches the ratio, and no further.
// The ratio must be one that black or white reaches on that background.
func shift(color, background string, ratio float64) string {
	if Contrast(color, background) >= ratio {
		return color
	}
	c, _ := parseColor(color)
	start, end := c.oklch(), 0.0
	if Contrast("#ffffff", background) > Contrast("#000000", background) {
		end = 1
	}
	reached, missed := end, start.l
	for range 20 {
		middle := (reached + missed) / 2
		if Contrast(oklch{middle, start.c, start.h}.hex(), background) >= ratio {
			reached = middle
		} else {
			missed = middle
		}
	}
	return oklch{reached, start.c, start.h}.hex()
}

// parseColor reads #rrggbb and nothing else: what it accepts goes into a stylesheet.
func parseColor(s string) (rgb, bool) {
	if len(s) != 7 || s[0] != '#' {
		return rgb{}, false
	}
	n, err := strconv.ParseUint(s[1:], 16, 32)
	if err != nil {
		return rgb{}, false
	}
	return rgb{linear(n >> 16), linear(n >> 8 & 255), linear(n & 255)}, true
}

func linear(n uint64) float64 {
	v := float64(n) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}

func encode(v float64) int {
	if v <= 0.0031308 {
		v *= 12.92
	} else {
		v = 1.055*math.Pow(v, 1/2.4) - 0.055
	}
	return int(math.Round(math.Min(math.Max(v, 0), 1) * 255))
}

func (c rgb) oklch() oklch {
	l := math.Cbrt(0.4122214708*c.r + 0.5363325363*c.g + 0.0514459929*c.b)
	m := math.Cbrt(0.2119034982*c.r + 0.6806995451*c.g + 0.1073969566*c.b)
	s := math.Cbrt(0.0883024619*c.r + 0.2817188376*c.g + 0.6299787005*c.b)
	a := 1.9779984951*l - 2.4285922050*m + 0.4505937099*s
	b := 0.0259040371*l + 0.7827717662*m - 0.8086757660*s
	return oklch{0.2104542553*l + 0.7936177850*m - 0.0040720468*s, math.Hypot(a, b), math.Atan2(b, a)}
}

func (c oklch) rgb() rgb {
	a, b := c.c*math.Cos(c.h), c.c*math.Sin(c.h)
	l := math.Pow(c.l+0.3963377774*a+0.2158037573*b, 3)
	m := math.Pow(c.l-0.1055613458*a-0.0638541728*b, 3)
	s := math.Pow(c.l-0.0894841775*a-1.2914855480*b, 3)
	return rgb{
		4.0767416621*l - 3.3077115913*m + 0.2309699292*s,
		-1.2684380046*l + 2.6097574011*m - 0.3413193965*s,
		-0.0041960863*l - 0.7034186147*m + 1.7076147010*s,
	}
}

// hex is the colour as #rrggbb, with as much of its chroma as sRGB can show at that lightness.
func (c oklch) hex() string {
	fits := func(v float64) bool { return v > -0.0005 && v < 1.0005 }
	for range 60 {
		if p := c.rgb(); fits(p.r) && fits(p.g) && fits(p.b) {
			break
		}
		c.c *= 0.95
	}
	p := c.rgb()
	return fmt.Sprintf("#%02x%02x%02x", encode(p.r), encode(p.g), encode(p.b))
}
