package queries

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// The hours of a client's day in which they are told what unlocked, from the first until before the second.
const (
	morningFrom  = 7
	morningUntil = 10
)

// UnlockWithin is how many days back a lesson may have unlocked to be news: as long as nothing could be sent, and no longer.
const UnlockWithin = 7

// IsMorning says whether a client can be told of lessons at that time, whose zone is theirs.
func IsMorning(now time.Time) bool { return now.Hour() >= morningFrom && now.Hour() < morningUntil }

// TellUnlocked writes a notice and a mail for each course in which lessons unlocked for a contact that they were not told of, and
// returns the mails' ids, for whose sending the caller inserts the jobs. The contact stays locked, so of two at once one tells and the
// other finds nothing to say.
func (m MailMaker) TellUnlocked(ctx context.Context, q *Queries, account, contact uuid.UUID, now time.Time) (mails []uuid.UUID, err error) {
	locked, err := q.ContactLock(ctx, ContactLockParams{AccountID: account, ID: contact})
	if err != nil {
		return nil, ignoreMissing(err)
	}
	if locked.BouncedAt != nil || !wantsCourseNews(locked.NoMailAt, locked.NoCourseMailAt) {
		return nil, nil
	}
	due, err := q.UnlockDue(ctx, UnlockDueParams{AccountID: account, ContactID: contact, Now: now, WithinDays: UnlockWithin})
	if err != nil {
		return nil, err
	}
	var notices []UnlockNoticeInsertParams // one a course; its lessons stand together
	for _, row := range due {
		if n := len(notices); n == 0 || notices[n-1].CourseID != row.CourseID {
			notices = append(notices, UnlockNoticeInsertParams{AccountID: account, ID: NewID(), ContactID: contact, CourseID: row.CourseID, Day: row.Today})
		}
		last := &notices[len(notices)-1]
		last.LessonIds = append(last.LessonIds, row.LessonID)
	}
	for _, notice := range notices {
		if err := q.UnlockNoticeInsert(ctx, notice); err != nil {
			return nil, err
		}
		mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindLessonsUnlocked, ContactID: &contact, CourseID: &notice.CourseID,
			UnlockNoticeID: &notice.ID, ToEmail: locked.Email, Now: now})
		if err != nil {
			return nil, err
		}
		mails = append(mails, mail)
	}
	return mails, nil
}
