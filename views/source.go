package views

import (
	"bytes"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"
)

// traceFunc is the template function a traced file asks first; it answers false.
const traceFunc = "traceTemplate"

// source is the file system html/v2 walks: the embedded templates without the folders that hold none of ours,
// and, if traced, each file with a call of the trace function before its text.
type source struct {
	fs.FS
	traced bool
}

// Open implements fs.FS.
func (s source) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if dir, ok := f.(fs.ReadDirFile); ok && name == "." {
		return pageFolders{dir}, nil
	}
	if !s.traced || path.Ext(name) != ".html" {
		return f, nil
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	// An if writes nothing, which also fits a template that stands inside a tag.
	call := "{{if " + traceFunc + ` "` + strings.TrimSuffix(name, ".html") + `"}}{{end}}`
	return memoryFile{path.Base(name), bytes.NewReader(append([]byte(call), text...))}, nil
}

// pageFolders leaves out the folders with other rules: mails have their own functions and inline styles.
type pageFolders struct{ fs.ReadDirFile }

func (d pageFolders) ReadDir(n int) ([]fs.DirEntry, error) {
	entries, err := d.ReadDirFile.ReadDir(n)
	kept := entries[:0:0]
	for _, entry := range entries {
		if name := entry.Name(); name != "static" && name != "mail" {
			kept = append(kept, entry)
		}
	}
	return kept, err
}

// memoryFile is a read-only file with a changed text; it is its own FileInfo.
type memoryFile struct {
	name string
	*bytes.Reader
}

func (f memoryFile) Stat() (fs.FileInfo, error) { return f, nil }
func (f memoryFile) Close() error               { return nil }
func (f memoryFile) Name() string               { return f.name }
func (f memoryFile) Size() int64                { return f.Reader.Size() }
func (f memoryFile) Mode() fs.FileMode          { return 0o444 }
func (f memoryFile) ModTime() time.Time         { return time.Time{} }
func (f memoryFile) IsDir() bool                { return false }
func (f memoryFile) Sys() any                   { return nil }
