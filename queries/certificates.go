package queries

import (
	"context"
	"crypto/rand"
	"strings"
	"time"

	"github.com/google/uuid"
)

// certificateLetters are those of certificates' numbers: 32 of them, without any that people take for another one (Crockford's).
const certificateLetters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCertificateNumber makes the number of a certificate, such as 7KQ4-M2ZD-9F: one of 2⁵⁰, so that none can be guessed.
func NewCertificateNumber() string {
	var bits [10]byte
	_, _ = rand.Read(bits[:]) // it never fails
	for i, b := range bits {
		bits[i] = certificateLetters[b%32]
	}
	return certificateNumber(string(bits[:]))
}

func certificateNumber(letters string) string {
	return letters[:4] + "-" + letters[4:8] + "-" + letters[8:]
}

// ParseCertificateNumber reads a number as people write it: in small letters, with blanks, with an O in place of a zero. What cannot
// be one becomes one that nothing has, so that looking it up takes the same way.
func ParseCertificateNumber(text string) string {
	letters := strings.Map(func(r rune) rune {
		switch {
		case r == 'O':
			return '0'
		case r == 'I' || r == 'L':
			return '1'
		case strings.ContainsRune(certificateLetters, r):
			return r
		case strings.ContainsRune("- \u2010\u2011\u2013", r):
			return -1
		}
		return '?'
	}, strings.ToUpper(text))
	if len(letters) != 10 || strings.Contains(letters, "?") {
		return certificateNumber("??????????")
	}
	return certificateNumber(letters)
}

// IssueCertificate writes the certificate of a completion unless it has one, and answers it with all that is printed. ErrNotFound
// when the completion is gone or was reopened before there was one, or the course gives none.
func IssueCertificate(ctx context.Context, q *Queries, account, completion uuid.UUID, now time.Time) (CertificateForPrintingRow, error) {
	holder, err := q.CertificateHolder(ctx, CertificateHolderParams{AccountID: account, CompletionID: completion})
	if err != nil {
		return CertificateForPrintingRow{}, Kind(err)
	}
	if holder.Name == "" { // an address is nobody's to read on a public page
		holder.Name = MaskEmail(holder.Email)
	}
	_, err = q.CertificateInsert(ctx, CertificateInsertParams{AccountID: account, ID: NewID(), Number: NewCertificateNumber(), Holder: holder.Name, CompletionID: completion, Now: now})
	if err != nil {
		return CertificateForPrintingRow{}, err
	}
	row, err := q.CertificateForPrinting(ctx, CertificateForPrintingParams{AccountID: account, CompletionID: completion})
	return row, Kind(err)
}

// MailCertificate writes the mail that tells a client that their certificate is there; nil where their address refuses mail, or
// they want no such mails.
func (m MailMaker) MailCertificate(ctx context.Context, q *Queries, account uuid.UUID, c CertificateForPrintingRow, now time.Time) (*uuid.UUID, error) {
	if c.BouncedAt != nil || !wantsCourseNews(c.NoMailAt, c.NoCourseMailAt) {
		return nil, nil
	}
	mail, err := m.Mail(ctx, q, MailInsertParams{AccountID: account, Kind: MailKindCertificateReady, ContactID: &c.ContactID, CourseID: &c.CourseID, CertificateID: &c.ID,
		ToEmail: c.Email, Now: now})
	return &mail, err
}

// CertificatesPage is the list of a course's certificates.
type CertificatesPage struct {
	Course CertificateCourseRow
	Rows   []CertificateListOfCourseRow // one more than a page when there is more
}

// LoadCertificatesPage reads it in one round trip; ErrNotFound without such a course.
func LoadCertificatesPage(ctx context.Context, db DB, account, course, before uuid.UUID, size int32) (p CertificatesPage, err error) {
	var b batch
	one(&b, &p.Course, func(q *Queries) (CertificateCourseRow, error) {
		return q.CertificateCourse(ctx, CertificateCourseParams{AccountID: account, ID: course})
	})
	many(&b, &p.Rows, func(q *Queries) ([]CertificateListOfCourseRow, error) {
		return q.CertificateListOfCourse(ctx, CertificateListOfCourseParams{AccountID: account, CourseID: course, Before: before, PageSize: size + 1})
	})
	return p, b.send(ctx, db)
}
