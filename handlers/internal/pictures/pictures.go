// Package pictures makes files of unknown origin into pictures that are safe to keep and to show: what a file is, its content
// says and not its name; what it says about its size is checked before it is unpacked; and nothing of it is passed on as it
// came. Photographs and drawings in pixels are encoded anew, drawings in SVG are written anew from what is allowed in them.
// Only handlers use it.
package pictures

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"image"
	"io"

	"atrium/queries"
)

// What is taken.
const (
	MostBytes       = 2 << 20 // of a file
	AvatarMostBytes = 4 << 20 // of an avatar's, which comes as a phone's camera made it
	mostPixels      = 4096    // of its width and of its height
)

// The media types of what comes out.
const (
	png  = "image/png"
	jpeg = "image/jpeg"
	svg  = "image/svg+xml"
)

// Picture is one that may be shown.
type Picture struct {
	MediaType string // image/png, image/jpeg or image/svg+xml
	Content   []byte
	Hash      string // of Content, 32 hexadecimal digits: its name
}

func newPicture(mediaType string, content []byte) Picture {
	sum := sha256.Sum256(content)
	return Picture{mediaType, content, hex.EncodeToString(sum[:16])}
}

// Logo takes a PNG, JPEG, WebP or SVG and gives a PNG of at most 1024 by 512 pixels, or an SVG. Its error is a
// [queries.Invalid] with a sentence for whoever chose the file, unless the file could not be received.
func Logo(file io.Reader) (Picture, error) {
	content, err := receive(file, MostBytes)
	if err != nil {
		return Picture{}, err
	}
	if looksLikeMarkup(content) {
		drawing, err := sanitize(content)
		if err != nil {
			return Picture{}, err
		}
		return newPicture(svg, drawing), nil
	}
	logo, err := fromPixels(content, func(m image.Image) (Picture, error) { return asPNG(within(m, 1024, 512)) })
	if errors.Is(err, errNoPicture) {
		err = refuse("This file is no PNG, JPEG, WebP or SVG picture, whatever its name says. Choose another one.")
	}
	return logo, err
}

// IconSides are the sizes an icon comes in: for the tabs of browsers, for a phone's start page, and for whatever asks for a large one.
var IconSides = []int{32, 180, 512}

// Icon makes the squares that stand for a logo, one a size of [IconSides], and the name they share: each picture's own is that
// with a hyphen and its side behind it. An SVG is its own icon in every size, under its own name.
func Icon(logo Picture) (name string, sizes []Picture, err error) {
	if logo.MediaType == svg {
		return logo.Hash, nil, nil
	}
	for _, side := range IconSides {
		icon, err := fromPixels(logo.Content, func(m image.Image) (Picture, error) { return asPNG(onSquare(m, side)) })
		if err != nil {
			return "", nil, err
		}
		sizes = append(sizes, icon)
	}
	name = sizes[len(sizes)-1].Hash
	for i, side := range IconSides {
		sizes[i].Hash = fmt.Sprintf("%s-%d", name, side)
	}
	return name, sizes, nil
}

// Photo takes a PNG, JPEG or WebP and gives a JPEG of at most 1600 pixels a side, or where something shines through a PNG of
// at most 1024. Errors are as those of [Logo].
func Photo(file io.Reader) (Picture, error) {
	content, err := receive(file, MostBytes)
	if err != nil {
		return Picture{}, err
	}
	return fromPixels(content, func(m image.Image) (Picture, error) {
		if isOpaque(m) {
			return asJPEG(within(m, 1600, 1600))
		}
		return asPNG(within(m, 1024, 1024))
	})
}

// Avatar takes a PNG, JPEG or WebP and gives its middle as a PNG of 256 by 256 pixels. Errors are as those of [Logo].
func Avatar(file io.Reader) (Picture, error) {
	content, err := receive(file, AvatarMostBytes)
	if err != nil {
		return Picture{}, err
	}
	return fromPixels(content, func(m image.Image) (Picture, error) { return asPNG(middle(m, 256)) })
}

// receive reads a file that is not too large.
func receive(file io.Reader, most int) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(file, int64(most)+1))
	switch {
	case err != nil:
		return nil, err
	case len(content) > most:
		return nil, refuse("This file is larger than %d MB. Choose a smaller one.", most>>20)
	case len(content) == 0:
		return nil, refuse("This file is empty. Choose another one.")
	}
	return content, nil
}

// looksLikeMarkup tells SVG, or what may pass for it, from everything else.
func looksLikeMarkup(content []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(bytes.TrimPrefix(content, []byte("\ufeff")), " \t\r\n"), []byte("<"))
}

// refuse is what to say to whoever chose the file.
func refuse(format string, values ...any) error {
	return queries.Invalid{Field: "picture", Message: fmt.Sprintf(format, values...)}
}
