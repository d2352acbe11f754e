package pdf

import (
	"bytes"
	"image"
	_ "image/jpeg" // a logo is a PNG or a JPEG
	"image/png"
	"math"

	"codeberg.org/go-pdf/fpdf"
)

// logo puts the picture at the top and says whether there is one that can be seen on white. It is written anew, since the library
// knows not every kind of PNG.
func (p page) logo(content []byte) bool {
	const wide, high, top = 84.0, 22.0, 26.0
	m, _, err := image.Decode(bytes.NewReader(content))
	if err != nil || !seen(m) {
		return false
	}
	var plain bytes.Buffer
	if err := png.Encode(&plain, toNRGBA(m)); err != nil {
		return false
	}
	options := fpdf.ImageOptions{ImageType: "png"}
	p.RegisterImageOptionsReader("logo", options, &plain)
	scale := min(wide/float64(m.Bounds().Dx()), high/float64(m.Bounds().Dy()))
	w, h := scale*float64(m.Bounds().Dx()), scale*float64(m.Bounds().Dy())
	p.ImageOptions("logo", middle-w/2, top+(high-h)/2, w, h, false, options, 0, "")
	return p.Ok()
}

// toNRGBA is the picture in eight bits a colour.
func toNRGBA(m image.Image) *image.NRGBA {
	out := image.NewNRGBA(image.Rect(0, 0, m.Bounds().Dx(), m.Bounds().Dy()))
	for y := range m.Bounds().Dy() {
		for x := range m.Bounds().Dx() {
			out.Set(x, y, m.At(m.Bounds().Min.X+x, m.Bounds().Min.Y+y))
		}
	}
	return out
}

// seen says whether enough of a picture is darker than paper: a white logo is for dark pages.
func seen(m image.Image) bool {
	dark, all := 0, 0
	b := m.Bounds()
	step := max(1, b.Dx()/64, b.Dy()/64)
	for y := b.Min.Y; y < b.Max.Y; y += step {
		for x := b.Min.X; x < b.Max.X; x += step {
			red, green, blue, alpha := m.At(x, y).RGBA()
			white := 0xffff - alpha // what shines through
			light := 0.2126*linear(int((red+white)>>8)) + 0.7152*linear(int((green+white)>>8)) + 0.0722*linear(int((blue+white)>>8))
			if all++; light < 0.75 {
				dark++
			}
		}
	}
	return dark*50 > all
}

// linear is a part of a colour, from 0 to 255, as light (sRGB).
func linear(part int) float64 {
	v := float64(part) / 255
	if v <= 0.04045 {
		return v / 12.92
	}
	return math.Pow((v+0.055)/1.055, 2.4)
}
