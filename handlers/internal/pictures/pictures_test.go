package pictures

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	jpegcodec "image/jpeg"
	pngcodec "image/png"
	"io"
	"strings"
	"testing"

	"atrium/queries"
)

// refused makes sure that a file is not taken, and that the sentence says why.
func refused(t *testing.T, take func(io.Reader) (Picture, error), file []byte, says string) {
	t.Helper()
	got, err := take(bytes.NewReader(file))
	var invalid queries.Invalid
	if !errors.As(err, &invalid) || !strings.Contains(invalid.Message, says) {
		t.Errorf("got %q of %d bytes and %v, want a sentence with %q", got.MediaType, len(got.Content), err, says)
	}
}

// sample is a picture that is red on its left and blue on its right.
func sample(width, height int) *image.RGBA {
	m := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range m.Pix {
		x := i / 4 % width
		m.Pix[i] = map[bool][4]byte{true: {200, 0, 0, 255}, false: {0, 0, 200, 255}}[x < width/2][i%4]
	}
	return m
}

func pngOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := pngcodec.Encode(&out, m); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func jpegOf(t testing.TB, m image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := jpegcodec.Encode(&out, m, nil); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// webpOf is a WebP of one pixel, without and with loss.
func webpOf(t testing.TB, lossless bool) []byte {
	t.Helper()
	text := "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
	if lossless {
		text = "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA=="
	}
	file, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestPicturesAreMadeTheirSize(t *testing.T) {
	glass := image.NewNRGBA(image.Rect(0, 0, 3000, 100))
	icon := func(nth int) func(io.Reader) (Picture, error) {
		return func(file io.Reader) (Picture, error) {
			logo, err := Logo(file)
			if err != nil {
				return logo, err
			}
			name, sizes, err := Icon(logo)
			if err != nil {
				return logo, err
			}
			if want := fmt.Sprintf("%s-%d", name, IconSides[nth]); sizes[nth].Hash != want {
				t.Errorf("an icon is called %s, want %s", sizes[nth].Hash, want)
			}
			sizes[nth].Hash = name
			return sizes[nth], nil
		}
	}
	for name, c := range map[string]struct {
		take          func(io.Reader) (Picture, error)
		file          []byte
		mediaType     string
		width, height int
	}{
		"small logo":     {Logo, pngOf(t, sample(300, 80)), png, 300, 80},
		"wide logo":      {Logo, pngOf(t, sample(4096, 1024)), png, 1024, 256},
		"tall logo":      {Logo, jpegOf(t, sample(600, 1024)), png, 300, 512},
		"thread of logo": {Logo, pngOf(t, sample(4096, 1)), png, 1024, 1},
		"WebP logo":      {Logo, webpOf(t, true), png, 1, 1},
		"lossy WebP":     {Photo, webpOf(t, false), jpeg, 1, 1},
		"small icon":     {icon(0), pngOf(t, sample(400, 100)), png, 32, 32},
		"phone's icon":   {icon(1), pngOf(t, sample(100, 400)), png, 180, 180},
		"large icon":     {icon(2), pngOf(t, sample(8, 8)), png, 512, 512},
		"photo":          {Photo, jpegOf(t, sample(3200, 1600)), jpeg, 1600, 800},
		"glass photo":    {Photo, pngOf(t, glass), png, 1024, 34},
		"avatar":         {Avatar, jpegOf(t, sample(700, 300)), png, 256, 256},
		"tiny avatar":    {Avatar, pngOf(t, sample(10, 20)), png, 256, 256},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := c.take(bytes.NewReader(c.file))
			if err != nil {
				t.Fatal(err)
			}
			size, kind, err := image.DecodeConfig(bytes.NewReader(got.Content))
			if err != nil || "image/"+kind != c.mediaType || got.MediaType != c.mediaType || size.Width != c.width || size.Height != c.height || len(got.Hash) != 32 {
				t.Errorf("%s %s of %d by %d, hash %q, %v", got.MediaType, kind, size.Width, size.Height, got.Hash, err)
			}
		})
	}
	drawing, err := Logo(strings.NewReader(head + dot + "</svg>"))
	if name, sizes, iconErr := Icon(drawing); err != nil || iconErr != nil || name != drawing.Hash || len(sizes) > 0 {
		t.Errorf("icon of a drawing: %s %v, %v, %v", name, sizes, err, iconErr)
	}
}

// TestPicturesCarryNothingElse: whatever was hidden in a picture, before, in or after it, is not in what comes out.
func TestPicturesCarryNothingElse(t *testing.T) {
	const evil = "<script>evil()</script>"
	small := pngOf(t, sample(20, 20))
	words := binary.BigEndian.AppendUint32(nil, uint32(len("Comment\x00"+evil)))
	words = append(words, "tEXtComment\x00"+evil...)
	words = binary.BigEndian.AppendUint32(words, crc32.ChecksumIEEE(words[4:]))
	photo := jpegOf(t, sample(20, 20))
	segment := append([]byte{0xff, 0xfe, 0, byte(len(evil) + 2)}, evil...)
	for name, file := range map[string][]byte{
		"PNG with a page behind it":  append(bytes.Clone(small), evil...),
		"PNG with a page inside":     bytes.Join([][]byte{small[:33], words, small[33:]}, nil),
		"JPEG with a ZIP behind it":  append(bytes.Clone(photo), "PK\x03\x04"+evil...),
		"JPEG with a page in it":     bytes.Join([][]byte{photo[:2], segment, photo[2:]}, nil),
		"WebP with a page behind it": append(webpOf(t, true), evil...),
	} {
		for what, take := range map[string]func(io.Reader) (Picture, error){"logo": Logo, "photo": Photo, "avatar": Avatar} {
			got, err := take(bytes.NewReader(file))
			if err != nil || bytes.Contains(got.Content, []byte("evil")) || bytes.Contains(got.Content, []byte("PK\x03\x04")) {
				t.Errorf("%s as %s: %v, %q", name, what, err, got.Content)
			}
		}
	}
}

// bomb is a PNG that says it is that large and has one line of pixels.
func bomb(t *testing.T, width, height uint32) []byte {
	file := pngOf(t, sample(1, 1))
	binary.BigEndian.PutUint32(file[16:], width)
	binary.BigEndian.PutUint32(file[20:], height)
	binary.BigEndian.PutUint32(file[29:], crc32.ChecksumIEEE(file[12:29]))
	return file
}

func TestPicturesThatAreRefused(t *testing.T) {
	small, photo := pngOf(t, sample(50, 50)), jpegOf(t, sample(50, 50))
	wide := bytes.Clone(photo)
	frame := bytes.Index(wide, []byte{0xff, 0xc0})
	copy(wide[frame+5:], []byte{0xff, 0xff, 0xff, 0xff})
	webpWide := webpOf(t, true)
	binary.LittleEndian.PutUint32(webpWide[21:], 0x3fff|0x3fff<<14)
	extended := append([]byte("RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x04\x00\x00\x04\x00\x00"), webpWide[12:]...)
	binary.LittleEndian.PutUint32(extended[4:], uint32(len(extended)-8))
	for name, c := range map[string]struct {
		file []byte
		says string
	}{
		"nothing":                        {nil, "empty"},
		"a page called logo.png":         {[]byte("GIF89a=1;alert(1)//"), "no PNG, JPEG, WebP or SVG"},
		"a GIF":                          {[]byte("GIF89a\x01\x00\x01\x00\x00\x00\x00;"), "no PNG, JPEG, WebP or SVG"},
		"a PDF":                          {[]byte("%PDF-1.7\n"), "no PNG, JPEG, WebP or SVG"},
		"a program":                      {[]byte("MZ\x90\x00"), "no PNG, JPEG, WebP or SVG"},
		"a ZIP":                          {[]byte("PK\x03\x04"), "no PNG, JPEG, WebP or SVG"},
		"a PNG of 50,000 by 50,000":      {bomb(t, 50_000, 50_000), "50000 by 50000 pixels"},
		"a PNG of 4097 by 1":             {bomb(t, 4097, 1), "4097 by 1 pixels"},
		"a PNG of less than it says":     {bomb(t, 4000, 4000), "cannot be read"},
		"a JPEG of 65,535 by 65,535":     {wide, "65535 by 65535 pixels"},
		"a WebP of 16,384 by 16,384":     {webpWide, "16384 by 16384 pixels"},
		"a WebP larger than it says":     {extended, "cannot be read"},
		"a PNG cut off":                  {small[:len(small)/2], "cannot be read"},
		"a PNG's first bytes":            {small[:9], "cannot be read"},
		"a JPEG cut off":                 {photo[:len(photo)/2], "cannot be read"},
		"a JPEG that goes over and over": {append(bytes.Clone(photo[:20]), bytes.Repeat([]byte{0xff, 0xda, 0, 2}, 5000)...), "cannot be read"},
		"a WebP cut off":                 {webpOf(t, true)[:25], "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			refused(t, Logo, c.file, c.says)
			says := strings.Replace(c.says, ", WebP or SVG", " or WebP", 1) // what these take
			refused(t, Photo, c.file, says)
			refused(t, Avatar, c.file, says)
		})
	}
	refused(t, Logo, append(bytes.Clone(small), make([]byte, MostBytes)...), "larger than 2 MB")
	refused(t, Photo, append(bytes.Clone(small), make([]byte, MostBytes)...), "larger than 2 MB")
	refused(t, Avatar, append(bytes.Clone(small), make([]byte, AvatarMostBytes)...), "larger than 4 MB")
	refused(t, Photo, []byte(head+dot+"</svg>"), "Choose a PNG, JPEG or WebP")
	refused(t, Avatar, []byte(head+dot+"</svg>"), "Choose a PNG, JPEG or WebP")
	broken := errors.New("the line is gone")
	if _, err := Logo(io.MultiReader(bytes.NewReader(small), brokenReader{broken})); !errors.Is(err, broken) {
		t.Errorf("a broken line: %v", err)
	}
}

type brokenReader struct{ err error }

func (b brokenReader) Read([]byte) (int, error) { return 0, b.err }

// TestPhotosStandUpright: a camera that was held sideways says so, and the picture is turned.
func TestPhotosStandUpright(t *testing.T) {
	m := image.NewRGBA(image.Rect(0, 0, 80, 40)) // white, its upper left quarter black
	for i := range m.Pix {
		m.Pix[i] = 255
	}
	for y := range 20 {
		for x := range 40 {
			m.Set(x, y, color.Black)
		}
	}
	plain := jpegOf(t, m)
	for orientation, want := range map[byte]struct{ right, bottom bool }{1: {}, 2: {right: true}, 3: {true, true}, 4: {bottom: true},
		5: {}, 6: {right: true}, 7: {true, true}, 8: {bottom: true}, 9: {}} {
		exif := append([]byte{0xff, 0xe1, 0, 34}, "Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"...)
		exif = append(exif, orientation, 0, 0, 0, 0, 0, 0)
		got, err := Photo(bytes.NewReader(bytes.Join([][]byte{plain[:2], exif, plain[2:]}, nil)))
		if err != nil {
			t.Fatal(err)
		}
		out, err := jpegcodec.Decode(bytes.NewReader(got.Content))
		if err != nil {
			t.Fatal(err)
		}
		size := out.Bounds().Size()
		if turned := orientation >= 5 && orientation <= 8; turned != (size == image.Pt(40, 80)) {
			t.Errorf("orientation %d: %v", orientation, size)
		}
		for _, corner := range []struct{ right, bottom bool }{{}, {right: true}, {bottom: true}, {true, true}} {
			at := image.Pt(4, 4)
			if corner.right {
				at.X = size.X - 5
			}
			if corner.bottom {
				at.Y = size.Y - 5
			}
			if r, _, _, _ := out.At(at.X, at.Y).RGBA(); (r < 0x8000) != (corner == want) {
				t.Errorf("orientation %d: the corner %+v is wrong", orientation, corner)
			}
		}
	}
}

// FuzzPictures: whatever comes, nothing breaks, and no drawing keeps a script.
func FuzzPictures(f *testing.F) {
	f.Add(pngOf(f, sample(3, 3)))
	f.Add(jpegOf(f, sample(3, 3)))
	f.Add(webpOf(f, true))
	f.Add(webpOf(f, false))
	f.Add([]byte(head + `<style>.a{fill:url(#b)}</style><g class="a" id="b" onload="x"><use href="#b"/></g></svg>`))
	f.Fuzz(func(t *testing.T, file []byte) {
		got, err := Logo(bytes.NewReader(file))
		if err == nil && got.MediaType == svg && bytes.Contains(bytes.ToLower(got.Content), []byte("<script")) {
			t.Errorf("%s", got.Content)
		}
	})
}
