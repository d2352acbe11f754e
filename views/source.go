package views

import "io/fs"

// source is the file system html/v2 walks: the embedded templates without the folders that hold none of ours.
type source struct{ fs.FS }

// Open implements fs.FS.
func (s source) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if err != nil {
		return nil, err
	}
	if dir, ok := f.(fs.ReadDirFile); ok && name == "." {
		return pageFolders{dir}, nil
	}
	return f, nil
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
