package pictures

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
)

// orientation is how a camera was held, as its JPEG says in EXIF: 1 to 8, and 1 where nothing or nonsense is said. It is read
// because nothing of EXIF stays in the picture, so that also nobody's address does.
func orientation(file []byte) int {
	for rest := file[2:]; len(rest) >= 4 && rest[0] == 0xff && rest[1] != 0xda; {
		length := int(binary.BigEndian.Uint16(rest[2:4]))
		if length < 2 || 2+length > len(rest) {
			break
		}
		if tiff, isEXIF := bytes.CutPrefix(rest[4:2+length], []byte("Exif\x00\x00")); isEXIF && rest[1] == 0xe1 {
			return orientationTag(tiff)
		}
		rest = rest[2+length:]
	}
	return 1
}

func orientationTag(tiff []byte) int {
	var order binary.ByteOrder = binary.LittleEndian
	if bytes.HasPrefix(tiff, []byte("MM")) {
		order = binary.BigEndian
	}
	if len(tiff) < 8 {
		return 1
	}
	start := int64(order.Uint32(tiff[4:8]))
	if start+2 > int64(len(tiff)) {
		return 1
	}
	entries := tiff[start+2:]
	for range order.Uint16(tiff[start:]) {
		if len(entries) < 12 {
			break
		}
		if value := order.Uint16(entries[8:]); order.Uint16(entries) == 0x0112 && value >= 1 && value <= 8 {
			return int(value)
		}
		entries = entries[12:]
	}
	return 1
}

// turned is a picture as its camera was held, which is 2 to 8.
type turned struct {
	image.Image
	orientation int
}

// Opaque says that nothing shines through: only JPEG comes turned.
func (t turned) Opaque() bool { return true }

func (t turned) Bounds() image.Rectangle {
	size := t.Image.Bounds().Size()
	if t.orientation >= 5 {
		size.X, size.Y = size.Y, size.X
	}
	return image.Rectangle{Max: size}
}

func (t turned) At(x, y int) color.Color {
	b := t.Image.Bounds()
	right, bottom := b.Dx()-1, b.Dy()-1
	at := [...]image.Point{2: {right - x, y}, 3: {right - x, bottom - y}, 4: {x, bottom - y},
		5: {y, x}, 6: {y, bottom - x}, 7: {right - y, bottom - x}, 8: {right - y, x}}[t.orientation]
	return t.Image.At(b.Min.X+at.X, b.Min.Y+at.Y)
}
