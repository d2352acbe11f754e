package pictures

import (
	"bytes"
	"image"
	jpegcodec "image/jpeg"
	pngcodec "image/png"

	"golang.org/x/image/webp"
)

// format is one way to keep pixels in a file.
type format struct {
	begins func([]byte) bool
	config func([]byte) (image.Config, error)
	decode func([]byte) (image.Image, error)
}

// formats are those that are taken. They are asked one by one and not through image.Decode, which takes whatever any package
// of the program has registered.
var formats = []format{
	{
		begins: func(b []byte) bool { return bytes.HasPrefix(b, []byte("\x89PNG\r\n\x1a\n")) },
		config: func(b []byte) (image.Config, error) { return pngcodec.DecodeConfig(bytes.NewReader(b)) },
		decode: func(b []byte) (image.Image, error) { return pngcodec.Decode(bytes.NewReader(b)) },
	},
	{
		begins: func(b []byte) bool { return bytes.HasPrefix(b, []byte("\xff\xd8\xff")) },
		config: jpegConfig,
		decode: func(b []byte) (image.Image, error) {
			m, err := jpegcodec.Decode(bytes.NewReader(b))
			if err != nil {
				return nil, err
			}
			if held := orientation(b); held != 1 {
				m = turned{within(m, 1600, 1600), held} // turning is slow, and nothing larger comes out
			}
			return m, nil
		},
	},
	{
		begins: func(b []byte) bool { return len(b) > 12 && string(b[:4]) == "RIFF" && string(b[8:12]) == "WEBP" },
		config: func(b []byte) (image.Config, error) { return webp.DecodeConfig(bytes.NewReader(b)) },
		decode: func(b []byte) (image.Image, error) { return webp.Decode(bytes.NewReader(b)) },
	},
}

// turns keeps the unpacked pictures few: one of 4096 by 4096 pixels has 64 MB.
var turns = make(chan struct{}, 2)

// fromPixels unpacks a picture and has it made into another.
func fromPixels(content []byte, remake func(image.Image) (Picture, error)) (Picture, error) {
	for _, f := range formats {
		if !f.begins(content) {
			continue
		}
		size, err := f.config(content)
		switch {
		case err != nil:
			return Picture{}, errUnreadable
		case size.Width < 1 || size.Height < 1 || size.Width > mostPixels || size.Height > mostPixels:
			return Picture{}, refuse("This picture is %d by %d pixels. At most %d by %d can be used; save it smaller.",
				size.Width, size.Height, mostPixels, mostPixels)
		}
		turns <- struct{}{}
		defer func() { <-turns }()
		m, err := f.decode(content)
		if err != nil {
			return Picture{}, errUnreadable
		}
		return remake(m)
	}
	if looksLikeMarkup(content) {
		return Picture{}, refuse("This file is a drawing or a page of text. Choose a PNG, JPEG or WebP picture.")
	}
	return Picture{}, errNoPicture
}

// errNoPicture names what is taken everywhere; only [Logo] takes more.
var errNoPicture = refuse("This file is no PNG, JPEG or WebP picture, whatever its name says. Choose another one.")

var errUnreadable = refuse("This picture cannot be read: it is damaged, cut off or moving. Save it again and try once more.")

// mostScans is how many times a JPEG may go over its picture; the usual ones do it up to a dozen times. Each costs time, and
// a small file has room for tens of thousands.
const mostScans = 100

// jpegConfig reads the size. Inside a scan 0xff is always followed by 0x00 or a restart, so the marker counts the scans.
func jpegConfig(content []byte) (image.Config, error) {
	if bytes.Count(content, []byte("\xff\xda")) > mostScans {
		return image.Config{}, errUnreadable
	}
	return jpegcodec.DecodeConfig(bytes.NewReader(content))
}
