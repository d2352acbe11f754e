package handlers

import (
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"
)

// hostileValues are what a field, a parameter or a part of a path is given that no form of ours would send.
var hostileValues = []string{
	"", " ", "\t\r\n", "0", "-1", "1", "00", "1e309", "NaN", "Infinity", "-9223372036854775809", "99999999999999999999", "0x10", "1.5", "1,5", "١٢٣", "½",
	"\x00", "a\x00b", "\xff\xfe", "ok\xc3\x28", "\xed\xa0\x80", "\u202egnirts\u202c", "zero\u200bwidth\ufeff", "e\u0301\u0301\u0301", "\u2028", "🏴\U000e0067\U000e0062", "ﷺ",
	evil, `'"><img id="evil" src=x onerror=evil()>`, `javascript:evil()`, `{{.}}`, `{{define "x"}}`, `{button}{name}{`, `[x](javascript:evil())`, `<!--`, `]]>`, "${7*7}",
	"%00", "%s%n%d", "%zz", "%", "..", "../..", "../../../../etc/passwd", `..\..\windows`, "/", "//evil.test", `/\evil.test`, "https://evil.test/", "file:///etc/passwd", "http://[::1", "data:text/html,x",
	`' OR 1=1 --`, `'; DROP TABLE contact; --`, `\`, `"`, "$1", "%' _ %", "(", "[", "*", "a:*|b & !", `\x`, "E'\\x'", `{"a":1}`, "[]", "null", "true", "on",
	"=cmd|' /C calc'!A0", "a@b", "a@b@c.example", "new@example.com", "<a@example.com>", "a@example.com\r\nBcc: b@example.com", "a@example.com,b@example.com", strings.Repeat("a", 300) + "@example.com",
	"2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "-0001-01-01", "294277-01-01", "2026-03-29T02:30", "2026-13-01T99:99", "yesterday", "12:00", "Europe/Nowhere", "Local", "UTC", "xx-YY",
	"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "not-a-uuid", "{018f0000-0000-7000-8000-000000000000}", "018f0000000070008000000000000000", "urn:uuid:018f0000-0000-7000-8000-000000000000",
	"#fff", "#12345g", "red; } body { display: none", "EUR", "eur", "xxx", "JPY", "1.234,56", "0.001", "1e3", "-0.01", "up", "down", "home", "owner", "once", "monthly", "text", "single",
	"one\ntwo\r\nthree", "1, 2, 3", "1,,2", "9, -1", "32768", "2147483648", "9223372036854775807",
	"-4714-01-01T00:00:00Z", "0000-01-01T00:00:00+23:59",
}

// hostileNumbers come where a number is wanted: the ends of what holds one, here and in Postgres, and times before and after all that
// are kept, in microseconds and in seconds.
var hostileNumbers = []string{"-1", "0", "32768", "-2147483649", "2147483648", "9223372036854775807", "-9223372036854775808", "9223372036854775808",
	"-211813488000000000", "-210866803200000001", "-62135596800000001", "253402300800000000", "-211813488000", "253402300800"}

// hostileBytes are no text, and stand in a path as they are.
var hostileBytes = []string{"\xff", "\xed\xa0\x80", "\xc0\x80", "a\xffb", "\xc3"}

// hostileLong are values that are long rather than odd; they are rarer, since each takes its time.
var hostileLong = []string{
	strings.Repeat("a", 100<<10), strings.Repeat("é", 50<<10), strings.Repeat("x ", 50<<10), strings.Repeat("<b>", 30<<10), strings.Repeat("a@example.com\n", 7000), strings.Repeat("[", 60<<10),
	strings.Repeat("> ", 10<<10), strings.Repeat("*a ", 20<<10), strings.Repeat("\u202e", 5000), strings.Repeat("1", 5000), strings.Repeat("%41", 20000), strings.Repeat("a,", 50<<10), strings.Repeat("\n", 90<<10),
}

// hostileFiles are what comes where a file is asked for: a name and a content.
var hostileFiles = [][]string{
	{"", ""}, {"x", ""}, {"../../etc/passwd", "root"}, {`..\x.png`, smallPNG}, {"a\"b\r\nX-Evil: 1.png", smallPNG}, {"x.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>evil()</script></svg>`},
	{"x.svg", `<!DOCTYPE svg [<!ENTITY a "b"><!ENTITY c "&a;&a;&a;">]><svg xmlns="http://www.w3.org/2000/svg"><text>&c;</text></svg>`}, {"x.svg", "<svg" + strings.Repeat("<g>", 20000)},
	{"x.png", "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\xff\xff\xff\xff\xff\xff\xff\xff\x08\x06\x00\x00\x00"}, {"x.png", smallPNG[:40]}, {"x.gif", "GIF89a\xff\xff\xff\xff\x80\x00\x00"}, {"x.jpg", "\xff\xd8\xff\xe1\xff\xff"},
	{"x.webp", "RIFF\xff\xff\xff\xffWEBPVP8 "}, {"x.html", "<script>evil()</script>"}, {"x.pdf", "%PDF-1.7 <script>"}, {"x.mp4", smallMP4[:12]}, {"x.mp4", smallMP4}, {"x.png", smallPNG},
	{strings.Repeat("ü", 400) + ".png", smallPNG}, {"\xff\x00.png", smallPNG}, {"x.zip", "PK\x03\x04\xff\xff"}, {"x.csv", "E-Mail\nana@example.com\n=1+1"}, {"x.csv", "\xff\xfeE\x00-\x00"}, {"x.csv", "\"" + strings.Repeat("a", 70<<10)},
	{"x.csv", strings.Repeat(",", 300) + "\n"}, {"x.csv", "E-Mail\x00\n\x00@\x00"}, {"x.csv", "a,a,a\n1\n"},
}

// hostileBodies are bodies that are no form, each with what it says it is. TOKEN stands for the form's token.
var hostileBodies = [][2]string{
	{"application/json", `{"_token":"TOKEN","title":["x"],"name":{"a":1},"email":null}`}, {"application/json", `{`}, {"text/plain", "_token=TOKEN&title=x"}, {"", "_token=TOKEN&title=x"},
	{"application/xml", `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>`}, {"application/x-www-form-urlencoded", "_token=TOKEN&%zz=%&=&&&a[]=1&a[b][c]=2;d"},
	{"application/x-www-form-urlencoded", "_token=TOKEN&" + strings.Repeat("a=1&", 20000)}, {"application/x-www-form-urlencoded; charset=utf-16", "_token=TOKEN&title=\x00x"}, {"application/x-www-form-urlencoded", ""},
	{"multipart/form-data", "--x\r\n\r\n"}, {"multipart/form-data; boundary=", "--\r\n"}, {"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nTOKEN"},
	{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nTOKEN\r\n--x\r\nContent-Disposition: form-data; name=\"title\"; filename=\"x\"\r\n\r\nx\r\n--x--\r\n"},
	{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nTOKEN\r\n--x\r\nContent-Disposition: \x00\r\n\r\n"},
	{"multipart/form-data; boundary=x", "--x\r\nContent-Disposition: form-data; name=\"_token\"\r\n\r\nTOKEN\r\n--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!\r\n--x"},
	{"multipart/mixed; boundary=x", "--x--"}, {"multipart/form-data; boundary=" + strings.Repeat("x", 100), "--"}, {"text/html; charset=\"", "x"},
}

// hostileHeaders are headers that say what is not so.
var hostileHeaders = [][2]string{
	{"HX-Current-URL", "http://%zz"}, {"HX-Current-URL", "//evil.test/x"}, {"HX-Current-URL", "javascript:evil()"}, {"HX-Target", evil}, {"HX-Boosted", "true"}, {"HX-History-Restore-Request", "true"},
	{"HX-Request-Type", "full"}, {"HX-Trigger", "\xff"}, {"Range", "bytes=0-"}, {"Range", "bytes=-99999999999999999999"}, {"Range", "bytes=5-2,,"}, {"If-None-Match", "*"}, {"If-Range", evil},
	{"If-Modified-Since", "yesterday"}, {"Accept-Language", strings.Repeat("x-", 500)}, {"Accept-Encoding", "gzip;q=NaN, *;q=-1"}, {"Accept", "application/json"}, {"Content-Encoding", "gzip"},
	{"X-HTTP-Method-Override", "DELETE"}, {"X-Forwarded-For", "nonsense, ::1%lo, 999.1.1.1"}, {"X-Forwarded-Proto", "javascript"}, {"Forwarded", "host=evil.test"}, {"Referer", "http://evil.test/" + evil},
	{"User-Agent", "\xff\xfe" + evil}, {"User-Agent", strings.Repeat("x", 9000)}, {"Sec-Fetch-Dest", "iframe"}, {"Cookie", "atrium_flash=eyJLaW5kIjoieCIsIlRleHQiOiI8YiBpZD1ldmlsPiJ9"}, {"Cookie", "=;;a"},
	{"Stripe-Signature", "t=99999999999999999999,v1=,v1=zz"}, {"Time-Zone", evil}, {"Origin", "null"},
}

// names are those of every field and parameter that a handler asks for by a name of its own.
func askedNames(t testing.TB) (names []string) {
	t.Helper()
	asked := regexp.MustCompile(`\b(?:FormValue|Query|QueryInt|Peek|PeekMulti|Has)\((?:name\()?"([\w-]+)"`)
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range asked.FindAllSubmatch(source, -1) {
			names = append(names, string(found[1]))
		}
	}
	slices.Sort(names)
	if names = slices.Compact(names); len(names) < 100 {
		t.Fatalf("handlers ask for the fields %v only", names)
	}
	return names
}

// byChance is one of a list, by chance.
func byChance[T any](chance *rand.Rand, list []T) T { return list[chance.IntN(len(list))] }

// hostile is a value for a field, by chance: odd, long, or the id of something that is somebody else's.
func hostile(chance *rand.Rand, others []uuid.UUID) string {
	switch chance.IntN(24) {
	case 0:
		return byChance(chance, hostileLong)
	case 1, 2, 3:
		return byChance(chance, others).String()
	case 4:
		return byChance(chance, hostileValues) + byChance(chance, hostileValues)
	}
	return byChance(chance, hostileValues)
}

// hostileFor is such a value for what is something now, which then is wrong in one part only: what begins as its field wants is looked
// at further. For a number it is another one, of any size.
func hostileFor(value string, chance *rand.Rand, others []uuid.UUID) string {
	parts := strings.Split(value, "_")
	part := &parts[chance.IntN(len(parts))]
	switch _, err := strconv.ParseInt(*part, 10, 64); {
	case err != nil || chance.IntN(3) == 0:
		*part = hostile(chance, others)
	case chance.IntN(2) == 0:
		*part = byChance(chance, hostileNumbers)
	default:
		*part = strconv.FormatInt(chance.Int64()>>chance.IntN(63)*(1-2*chance.Int64N(2)), 10)
	}
	return strings.Join(parts, "_")
}

// hostile sends a request as it is written, without what a client makes of it first.
func (b *browser) hostile(method, path, kind, body string) (*page, error) {
	request, err := http.NewRequestWithContext(b.t.Context(), method, b.root, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	request.URL.Opaque = path
	request.Header = b.header.Clone()
	if method != http.MethodGet {
		request.Header.Set("Content-Type", kind)
	}
	response, err := b.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return &page{t: b.t, asked: method + " " + path, status: response.StatusCode, header: response.Header, cookies: response.Cookies(), body: string(text)}, err
}

// take is what was logged since it was last taken.
func (l *logged) take() string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	text := l.text.String()
	l.text.Reset()
	return text
}
