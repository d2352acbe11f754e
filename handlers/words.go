package handlers

import (
	"fmt"

	"atrium/queries"
)

// The words in which states are told to staff.

func sourceWords(s queries.ContactSource) string {
	return map[queries.ContactSource]string{queries.ContactSourceCheckout: "Checkout", queries.ContactSourceForm: "Form",
		queries.ContactSourceImport: "Import", queries.ContactSourceManual: "Added by hand"}[s]
}

func mailWords(k queries.MailKind) string {
	return map[queries.MailKind]string{queries.MailKindInvitation: "Invitation", queries.MailKindMagicLink: "Magic link",
		queries.MailKindSignIn: "Sign-in link and code", queries.MailKindStaffSetup: "Staff set-up", queries.MailKindPasswordReset: "Password reset",
		queries.MailKindReminder: "Reminder", queries.MailKindWelcome: "Welcome", queries.MailKindFormConfirm: "Confirmation of a form",
		queries.MailKindEmailChange: "New address to confirm", queries.MailKindEmailChanged: "Notice of a changed address",
		queries.MailKindStaffAdded: "Notice of one more account", queries.MailKindCourseReady: "Course is ready",
		queries.MailKindLessonsUnlocked: "Lessons unlocked", queries.MailKindCertificateReady: "Certificate", queries.MailKindOfferConfirm: "Link to a free offer", queries.MailKindOrderReady: "What was bought", queries.MailKindInvoiceReminder: "Reminder of an invoice",
		queries.MailKindPaymentReturned: "Payment that came back"}[k]
}

func mailState(s queries.MailState) contactState {
	return map[queries.MailState]contactState{
		queries.MailStateQueued:    {"Queued", "", "clock"},
		queries.MailStateSent:      {"Accepted by the mail server", "success", "mail-check"},
		queries.MailStateDeferred:  {"Deferred, will be tried again", "warning", "clock"},
		queries.MailStateBounced:   {"Bounced", "error", "mail-x"},
		queries.MailStateFailed:    {"Given up after a day", "error", "mail-x"},
		queries.MailStateWithdrawn: {"Not sent, no longer needed", "", "ban"},
	}[s]
}

func linkWords(k queries.LinkKind) string {
	return map[queries.LinkKind]string{queries.LinkKindInvitation: "Invitation link", queries.LinkKindStaff: "Magic link",
		queries.LinkKindSignIn: "Asked for by the client", queries.LinkKindVisit: "Looked at by staff"}[k]
}

// endWords says why something is over; without a reason its time has simply passed.
func endWords(why *queries.EndReason) string {
	if why == nil {
		return "Expired"
	}
	return map[queries.EndReason]string{queries.EndReasonUsed: "Used", queries.EndReasonExpired: "Expired", queries.EndReasonRevoked: "Withdrawn",
		queries.EndReasonSuperseded: "Replaced", queries.EndReasonSignedOut: "Signed out", queries.EndReasonPasswordChanged: "Password changed",
		queries.EndReasonTooManyTries: "Too many tries"}[*why]
}

// fetchedWords says who looked at a link without confirming it, so that "opened by a filter" is not taken for the client.
func fetchedWords(byPerson, byFilter int64) string {
	switch {
	case byPerson > 0 && byFilter > 0:
		return fmt.Sprintf("Opened %s, and %s by a mail filter", times(byPerson), times(byFilter))
	case byPerson > 0:
		return "Opened " + times(byPerson)
	case byFilter > 0:
		return fmt.Sprintf("Opened %s by a mail filter, not by the client", times(byFilter))
	}
	return ""
}

func times(n int64) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}
