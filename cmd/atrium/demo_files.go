package main

import (
	"bytes"
	"context"
	_ "embed"
	"time"

	"github.com/google/uuid"

	"atrium/jobs/filestore"
	"atrium/queries"
)

//go:embed demo/energy-diary.mp4
var energyDiary []byte // 24 seconds, without sound

//go:embed demo/energy-diary.pdf
var energySheet []byte

// demoFile is a file that the demo's staff have uploaded.
type demoFile struct {
	name, is string
	content  []byte
}

// upload gives a lesson its video and its files, if it has any.
func (s seeder) upload(ctx context.Context, p queries.Part, l demoLesson, owner uuid.UUID, at time.Time) error {
	if l.film.content != nil {
		film, err := s.keep(ctx, l.film, owner, at)
		if err != nil {
			return err
		}
		if _, err := queries.SetLessonVideo(ctx, s.q, p, film); err != nil {
			return err
		}
	}
	for _, f := range l.files {
		file, err := s.keep(ctx, f, owner, at)
		if err != nil {
			return err
		}
		if _, err := queries.AddLessonFile(ctx, s.q, p, file, uuid.Nil); err != nil {
			return err
		}
	}
	return nil
}

// keep stores a file as an upload does: its row first, then its content.
func (s seeder) keep(ctx context.Context, f demoFile, owner uuid.UUID, at time.Time) (kept queries.NewFile, err error) {
	kept = queries.NewFile{ID: queries.NewID(), MediaType: f.is, Now: at}
	if err := s.q.FileInsert(ctx, queries.FileInsertParams{AccountID: s.account, ID: kept.ID, Name: f.name, UploadedBy: &owner, Now: at}); err != nil {
		return kept, err
	}
	kept.SizeBytes, err = s.files.Put(ctx, filestore.Key{Account: s.account, ID: kept.ID}, bytes.NewReader(f.content), queries.FileMost)
	return kept, err
}
