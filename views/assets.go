package views

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
	"sync"
)

// AssetPrefix is the path under which static files are served.
const AssetPrefix = "/static/"

// AssetCacheControl fits every [Asset]: its path changes with its content, so it may be kept for a year and never asked for again.
const AssetCacheControl = "public, max-age=31536000, immutable"

// Asset is one static file.
type Asset struct {
	Path        string // with the content's hash: "/static/atrium-1f0c3e5a9b.css"
	ContentType string
	Body        []byte // uncompressed; not to be changed

	gzip, brotli func() []byte
}

// types are the content types of what views/static may hold; a file of another kind is served as a download.
var types = map[string]string{
	".css": "text/css; charset=utf-8",
	".js":  "text/javascript; charset=utf-8",
	".svg": "image/svg+xml",
	".png": "image/png",
	"":     "text/plain; charset=utf-8",
}

// byName and byPath are filled once at start and only read afterwards.
var byName, byPath = index()

// AssetPath is the path of the static file of that name: "atrium.css" gives "/static/atrium-1f0c3e5a9b.css". An unknown name gives an empty string.
func AssetPath(name string) string {
	if a := byName[name]; a != nil {
		return a.Path
	}
	return ""
}

// Open is the asset served at a path that begins with [AssetPrefix]. Paths without a hash or with an old one are unknown.
func Open(p string) (*Asset, bool) {
	a, ok := byPath[p]
	return a, ok
}

// Assets is every static file's hashed path.
func Assets() []string {
	paths := make([]string, 0, len(byPath))
	for p := range byPath {
		paths = append(paths, p)
	}
	return paths
}

func index() (byName, byPath map[string]*Asset) {
	byName, byPath = map[string]*Asset{}, map[string]*Asset{}
	entries, err := fs.ReadDir(files, "static")
	if err != nil {
		panic("views: the embedded static folder cannot be read: " + err.Error())
	}
	for _, entry := range entries {
		body, err := files.ReadFile("static/" + entry.Name())
		if err != nil {
			panic("views: embedded file cannot be read: " + err.Error())
		}
		if strings.HasSuffix(entry.Name(), ".js") && !strings.HasSuffix(entry.Name(), ".min.js") {
			body = stripped(body)
		}
		a := newAsset(entry.Name(), body)
		byName[entry.Name()], byPath[a.Path] = a, a
	}
	return byName, byPath
}

// stripped is a script of ours without what only its readers need: lines that are comments, empty ones, and what lines are set in by. That is
// a third of it, packed. It holds as long as no string of theirs goes over several lines.
func stripped(script []byte) []byte {
	var out bytes.Buffer
	for line := range bytes.Lines(script) {
		if line = bytes.TrimLeft(line, " \t"); len(bytes.TrimSpace(line)) > 0 && !bytes.HasPrefix(line, []byte("//")) {
			out.Write(line)
		}
	}
	return out.Bytes()
}

func newAsset(name string, body []byte) *Asset {
	ext := path.Ext(name)
	contentType, ok := types[ext]
	if !ok {
		contentType = "application/octet-stream"
	}
	return &Asset{
		Path:        AssetPrefix + strings.TrimSuffix(name, ext) + "-" + contentHash(body) + ext,
		ContentType: contentType,
		Body:        body,
		gzip:        sync.OnceValue(func() []byte { return gzipped(body) }),
		brotli:      sync.OnceValue(func() []byte { return brotlied(body) }),
	}
}

// contentHash is short enough for a path and long enough that no two versions of one file meet: 40 bits.
func contentHash(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:5])
}
