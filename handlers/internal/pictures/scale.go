package pictures

import (
	"bytes"
	"image"
	jpegcodec "image/jpeg"
	pngcodec "image/png"

	"golang.org/x/image/draw"
)

// within is the picture, made smaller where it is wider or higher than that.
func within(m image.Image, width, height int) image.Image {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	if w <= width && h <= height {
		return scaled(m, m.Bounds(), image.Rect(0, 0, w, h), w, h)
	}
	if w*height > h*width { // the width is what is too much
		h, w = max(1, (h*width+w/2)/w), width
	} else {
		w, h = max(1, (w*height+h/2)/h), height
	}
	return scaled(m, m.Bounds(), image.Rect(0, 0, w, h), w, h)
}

// onSquare is the whole picture in the middle of a transparent square, as large as fits; a smaller one is made larger.
func onSquare(m image.Image, side int) image.Image {
	w, h := m.Bounds().Dx(), m.Bounds().Dy()
	if w > h {
		w, h = side, max(1, (h*side+w/2)/w)
	} else {
		w, h = max(1, (w*side+h/2)/h), side
	}
	x, y := (side-w)/2, (side-h)/2
	return scaled(m, m.Bounds(), image.Rect(x, y, x+w, y+h), side, side)
}

// middle is the largest square in the middle of the picture; a smaller one is made larger.
func middle(m image.Image, side int) image.Image {
	b := m.Bounds()
	most := min(b.Dx(), b.Dy())
	corner := b.Min.Add(image.Pt((b.Dx()-most)/2, (b.Dy()-most)/2))
	return scaled(m, image.Rectangle{Min: corner, Max: corner.Add(image.Pt(most, most))}, image.Rect(0, 0, side, side), side, side)
}

// scaled draws a part of the picture into a part of a new one.
func scaled(m image.Image, from, to image.Rectangle, width, height int) *image.RGBA {
	out := image.NewRGBA(image.Rect(0, 0, width, height))
	if from.Size() == to.Size() {
		draw.Draw(out, to, m, from.Min, draw.Src)
	} else {
		draw.CatmullRom.Scale(out, to, m, from, draw.Src, nil)
	}
	return out
}

func isOpaque(m image.Image) bool {
	known, ok := m.(interface{ Opaque() bool })
	return ok && known.Opaque()
}

func asPNG(m image.Image) (Picture, error) {
	var out bytes.Buffer
	if err := (&pngcodec.Encoder{CompressionLevel: pngcodec.BestCompression}).Encode(&out, m); err != nil {
		return Picture{}, err
	}
	return newPicture(png, out.Bytes()), nil
}

func asJPEG(m image.Image) (Picture, error) {
	var out bytes.Buffer
	if err := jpegcodec.Encode(&out, m, &jpegcodec.Options{Quality: 85}); err != nil {
		return Picture{}, err
	}
	return newPicture(jpeg, out.Bytes()), nil
}
