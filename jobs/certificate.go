package jobs

import (
	"context"
	"errors"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"

	"atrium/jobs/internal/pdf"
	"atrium/queries"
)

type certificateIssueArgs struct {
	AccountID    uuid.UUID `json:"account_id"`
	CompletionID uuid.UUID `json:"completion_id"`
}

func (certificateIssueArgs) Kind() string { return "certificate_issue" }

// certificateIssueWorker issues the certificate of somebody who finished a course: the row, the document and the mail that tells of
// them are written together. A completion has one certificate, so done again it does nothing.
type certificateIssueWorker struct {
	river.WorkerDefaults[certificateIssueArgs]
	db    queries.DB
	c     Config
	queue *Queue
}

func (w *certificateIssueWorker) Work(ctx context.Context, job *river.Job[certificateIssueArgs]) error {
	account, now := job.Args.AccountID, w.c.Now()
	err := queries.InTx(ctx, w.db, func(q *queries.Queries, tx pgx.Tx) error {
		row, news, err := w.c.Addresses.IssueCertificate(ctx, q, account, job.Args.CompletionID, now)
		if err != nil || !news {
			return err
		}
		mail, err := w.c.Mails.MailCertificate(ctx, q, account, row, now)
		if err != nil || mail == nil {
			return err
		}
		return w.queue.Mail(ctx, tx, account, *mail)
	})
	if errors.Is(err, queries.ErrNotFound) { // the client is gone, or has more to do
		return nil
	}
	return err
}

// IssueCertificate issues the certificate of a completion unless it has one, and draws its document; news says whether that was done
// now. ErrNotFound as from [queries.IssueCertificate].
func (a Addresses) IssueCertificate(ctx context.Context, q *queries.Queries, account, completion uuid.UUID, now time.Time) (row queries.CertificateForPrintingRow, news bool, err error) {
	row, err = queries.IssueCertificate(ctx, q, account, completion, now)
	if err != nil || row.Printed {
		return row, false, err
	}
	document, err := a.certificate(row).Draw()
	if err != nil {
		return row, false, err
	}
	return row, true, q.CertificateSetPDF(ctx, queries.CertificateSetPDFParams{AccountID: account, ID: row.ID, Pdf: document})
}

// certificate is what the document of a row says.
func (a Addresses) certificate(row queries.CertificateForPrintingRow) pdf.Certificate {
	return pdf.Certificate{Account: row.AccountName, Accent: row.Accent, Logo: row.Logo, Holder: row.Holder, Course: row.CourseTitle, Completed: row.CompletedOn,
		Signer: row.Signer, Number: row.Number, URL: a.Portal(row.Slug, row.Domain) + CertificatePath(row.Number), Issued: row.IssuedAt}
}

// CertificatePrints says whether a text can stand on a certificate; another one is left to the page it can be looked up at.
func CertificatePrints(text string) bool { return pdf.Prints(text) }
