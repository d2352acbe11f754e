package handlers

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"
	"unicode"

	"github.com/gofiber/fiber/v2"

	"atrium/handlers/internal/mediatype"
	"atrium/jobs/filestore"
	"atrium/queries"
)

// takenFile is a file that was sent and is kept, whole, but belongs to nothing yet.
type takenFile struct {
	queries.NewFile
	key  filestore.Key
	name string
}

// takeFile keeps the file of the form as it comes. Its row is written before its first byte, so that whatever becomes of the upload,
// the clean-up finds what is left of it. What allowed refuses by its type, and what cannot be kept, is a problem: a sentence for
// whoever sent it.
func (s *Site) takeFile(c *fiber.Ctx, field string, allowed func(is string) (problem string)) (f takenFile, problem string, err error) {
	v, ctx := at(c), c.UserContext()
	name, content, err := v.upload.file(field)
	if errors.Is(err, errNoFile) {
		return f, "Choose a file first.", nil
	} else if err != nil {
		return f, "", err
	}
	begun := bufio.NewReaderSize(content, 64<<10)
	head, err := begun.Peek(mediatype.Head)
	if err != nil && !errors.Is(err, io.EOF) {
		return f, "", unreadablePart(err)
	} else if len(head) == 0 {
		return f, "This file is empty. Choose another one.", nil
	}
	f = takenFile{name: keptName(name), NewFile: queries.NewFile{ID: queries.NewID(), MediaType: mediatype.Of(head)}}
	f.key = filestore.Key{Account: v.account.ID, ID: f.ID}
	if problem := allowed(f.MediaType); problem != "" {
		return f, problem, nil
	}
	err = s.q.FileInsert(ctx, queries.FileInsertParams{AccountID: v.account.ID, ID: f.ID, Name: f.name, UploadedBy: &v.staff.StaffID, Now: s.Now()})
	if err != nil {
		return f, "", err
	}
	if f.SizeBytes, err = s.Files.Put(ctx, f.key, s.noted(ctx, f.key, begun), queries.FileMost); err == nil {
		f.Now = s.Now()
		return f, "", nil
	}
	s.dropFile(c, f)
	problem, err = unkept(err)
	return f, problem, err
}

// unkept tells why a file was not kept, to whoever sent it as far as they can do something.
func unkept(err error) (problem string, fault error) {
	var large tooLarge
	switch {
	case errors.Is(err, filestore.ErrTooLarge), errors.As(err, &large):
		return fmt.Sprintf("This file is larger than %s. Make it smaller, or part it in two.", tooLarge{queries.FileMost}.words()), nil
	case errors.Is(err, filestore.ErrFull):
		return "There is no room left for this file. Whoever runs the portal has to make some.", nil
	}
	return "", err
}

// dropFile forgets a file that belongs to nothing; what it cannot remove now the clean-up does.
func (s *Site) dropFile(c *fiber.Ctx, f takenFile) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.UserContext()), 10*time.Second) // its sender may be gone
	defer cancel()
	err := s.Files.Delete(ctx, f.key)
	if err == nil {
		_, err = s.q.FileDrop(ctx, queries.FileDropParams{AccountID: f.key.Account, ID: f.key.ID})
	}
	if err != nil {
		s.Log.Warn("a file that was not kept is left to the clean-up", "id", at(c).id, "file", f.key.String(), "error", err)
	}
}

// noted passes on what comes, and notes now and then that it does, for the clean-up to leave it alone.
func (s *Site) noted(ctx context.Context, k filestore.Key, from io.Reader) io.Reader {
	last := s.Now()
	return readerFunc(func(into []byte) (int, error) {
		n, err := from.Read(into)
		if now := s.Now(); now.Sub(last) >= queries.FileCameEvery {
			rows, fault := s.q.FileCame(ctx, queries.FileCameParams{AccountID: k.Account, ID: k.ID, Now: now})
			if fault == nil && rows == 0 {
				fault = errors.New("the clean-up gave the file up")
			}
			if last = now; fault != nil {
				return 0, fault
			}
		}
		if err != nil && !errors.Is(err, io.EOF) {
			err = unreadablePart(err)
		}
		return n, err
	})
}

type readerFunc func(into []byte) (int, error)

func (f readerFunc) Read(into []byte) (int, error) { return f(into) }

// keptName is what a file is called: without the folders it was in, and without what cannot be shown or turns the direction of
// what stands after it. A long name loses its middle, so that its ending stays.
func keptName(sent string) string {
	name := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, strings.ToValidUTF8(sent[strings.LastIndexAny(sent, `/\`)+1:], ""))
	name = strings.Trim(name, " .")
	if letters := []rune(name); len(letters) > queries.FileNameMax {
		name = string(letters[:queries.FileNameMax-41]) + "…" + string(letters[len(letters)-40:])
	}
	return orElse(name, "file")
}
