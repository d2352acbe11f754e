package handlers

import (
	"github.com/gofiber/fiber/v2"

	"atrium/queries"
)

// guard says who may use a route. There is no default: a route without one does not compile into the list.
type guard int

const (
	public  guard = iota + 1 // anybody
	visitor                  // anybody; who is signed in is looked up, so that the page can send them on
	client                   // a signed-in client of the portal's account
	arrived                  // as client, once their first arrival is finished
	halfway                  // a staff person whose password was right and whose second factor is still to come; nobody else
	person                   // a signed-in staff person, of whatever account
	support                  // staff of the account in the path, by role; each includes the ones before it
	admin
	owner
)

// role is what a guard asks of staff; empty for the others.
func (g guard) role() queries.StaffRole {
	return map[guard]queries.StaffRole{support: queries.StaffRoleSupport, admin: queries.StaffRoleAdmin, owner: queries.StaffRoleOwner}[g]
}

// route is one line of the site.
type route struct {
	method string // GET also answers HEAD
	path   string // :account is an account's slug, :id a row's id, :token a link's
	guard  guard
	handle func(*Site, *fiber.Ctx) error
}

func (r route) methods() []string {
	if r.method == fiber.MethodGet {
		return []string{fiber.MethodGet, fiber.MethodHead}
	}
	return []string{r.method}
}

const (
	get  = fiber.MethodGet
	post = fiber.MethodPost
)

// strangersForm are the routes whose forms stand on other people's pages too and come without a cookie of ours; what they do
// must be harmless whoever sends it.
var strangersForm = map[string]bool{"/f/:name": true, "/stop/:token": true, "/webhooks/stripe": true}

// framedPage are the routes whose pages other sites may show inside theirs; they neither take nor give cookies.
var framedPage = map[string]bool{"/f/:name": true}

const brandFilePath = "/brand/:file"

// asksStripe are the routes whose handlers wait for Stripe; a test finds them in the source.
var asksStripe = map[string]bool{
	"GET /:account/stripe":                    true,
	"GET /:account/stripe/onboard":            true,
	"GET /:account/stripe/return":             true,
	"GET /:account/subscriptions/:id/plan":    true,
	"GET /checkout/return":                    true,
	"GET /subscriptions/:id/payment":          true,
	"GET /subscriptions/:id/payment/back":     true,
	"POST /:account/invoices":                 true,
	"POST /:account/invoices/:id/discard":     true,
	"POST /:account/invoices/:id/paid":        true,
	"POST /:account/invoices/:id/refund":      true,
	"POST /:account/invoices/:id/send":        true,
	"POST /:account/invoices/:id/void":        true,
	"POST /:account/orders/:id/refund":        true,
	"POST /:account/stripe/connect":           true,
	"POST /:account/stripe/endpoint":          true,
	"POST /:account/stripe/grace":             true,
	"POST /:account/subscriptions/:id/cancel": true,
	"POST /:account/subscriptions/:id/extend": true,
	"POST /:account/subscriptions/:id/keep":   true,
	"POST /:account/subscriptions/:id/pause":  true,
	"POST /:account/subscriptions/:id/plan":   true,
	"POST /:account/subscriptions/:id/resume": true,
	"POST /checkout/confirm":                  true,
	"POST /o/:name/buy":                       true,
	"POST /subscriptions/:id/cancel":          true,
	"POST /subscriptions/:id/keep":            true,
}

// sharedRoutes are on every host, also on those of nobody.
var sharedRoutes = []route{
	{get, "/static/:file", public, (*Site).staticShow},
	{get, "/favicon.ico", public, (*Site).staticFavicon},
	{get, "/robots.txt", public, (*Site).robotsShow},
	{get, "/healthz", public, (*Site).healthShow},
	{get, "/readyz", public, (*Site).readyShow},
}

// portalRoutes is the whole portal.
var portalRoutes = []route{
	{get, brandFilePath, public, (*Site).brandFile},

	{get, "/sign-in", visitor, (*Site).signInShow},
	{post, "/sign-in", public, (*Site).signInByPassword},
	{post, "/sign-in/link", public, (*Site).signInAskLink},
	{get, "/sign-in/code", public, (*Site).signInCodeShow},
	{post, "/sign-in/code", public, (*Site).signInByCode},
	{get, "/l/:token", public, (*Site).linkShow},
	{post, "/l/:token", public, (*Site).linkConfirm},
	{post, "/l/:token/renew", public, (*Site).linkRenew},
	{get, "/stop/:token", public, (*Site).stopShow},
	{post, "/stop/:token", public, (*Site).stopSave},
	{post, "/stop/:token/undo", public, (*Site).stopUndo},

	{get, "/email/:token", public, (*Site).emailChangeShow},
	{post, "/email/:token", visitor, (*Site).emailChangeConfirm},
	{get, "/email/undo/:token", public, (*Site).emailUndoShow},
	{post, "/email/undo/:token", public, (*Site).emailUndo},
	{get, "/f/:name", public, (*Site).formShow},
	{post, "/f/:name", public, (*Site).formSend},
	{get, "/f/:name/confirm/:token", public, (*Site).formConfirmShow},
	{post, "/f/:name/confirm/:token", public, (*Site).formConfirm},

	{get, "/o/:name", visitor, (*Site).offerShow},
	{post, "/o/:name", visitor, (*Site).offerTake},
	{get, "/o/:name/confirm/:token", public, (*Site).offerConfirmShow},
	{post, "/o/:name/confirm/:token", public, (*Site).offerConfirm},
	{get, "/pay/:token", public, (*Site).payLinkShow},
	{get, "/pay/:token/go", public, (*Site).payLinkGo},
	{get, "/pay/:token/pdf", public, (*Site).payLinkPDF},
	{get, "/o/:name/buy", public, (*Site).checkoutsAgain},
	{post, "/o/:name/buy", visitor, (*Site).checkoutsStart},
	{get, "/checkout/return", visitor, (*Site).checkoutsReturn},
	{post, "/checkout/confirm", public, (*Site).checkoutsConfirm},
	{get, "/certificates/:number", public, (*Site).certificatesVerify},

	{get, "/welcome", client, (*Site).welcomeShow},
	{post, "/welcome", client, (*Site).welcomeSave},
	{post, "/sign-out", client, (*Site).signOut},
	{post, "/visit/end", client, (*Site).staffVisitsEnd},

	{get, "/arrive", arrived, (*Site).arriveShow},
	{get, "/avatars/:hash", client, (*Site).avatarShow},

	{get, "/", arrived, (*Site).homeShow},
	{get, "/courses/:id/access", arrived, (*Site).clientAccessShow},
	{get, "/courses/:id/lessons/:lesson/files/:attachment", arrived, (*Site).filesShowToClient},
	{get, "/courses/:id/lessons/:lesson/video", arrived, (*Site).videoShowToClient},
	{get, "/courses/:id/certificate", arrived, (*Site).certificatesDownload},
	{get, "/profile", arrived, (*Site).profileShow},
	{post, "/profile/name", arrived, (*Site).profileSaveName},
	{post, "/profile/avatar", arrived, (*Site).profileSaveAvatar},
	{post, "/profile/avatar/remove", arrived, (*Site).profileRemoveAvatar},
	{post, "/profile/email", arrived, (*Site).profileAskEmail},
	{post, "/profile/email/again", arrived, (*Site).profileMailEmailAgain},
	{post, "/profile/email/cancel", arrived, (*Site).profileCancelEmail},
	{post, "/profile/region", arrived, (*Site).profileSaveRegion},
	{post, "/profile/mails", arrived, (*Site).profileSaveMails},
	{post, "/profile/password", arrived, (*Site).profileSavePassword},
	{post, "/profile/devices/end-others", arrived, (*Site).profileEndOthers},
	{post, "/profile/devices/:id/end", arrived, (*Site).profileEndDevice},
	{get, "/profile/export", arrived, (*Site).profileExport},
	{get, "/invoices", arrived, (*Site).invoicesIndex},
	{get, "/invoices/:id", arrived, (*Site).invoicesShow},
	{get, "/invoices/:id/pay", arrived, (*Site).invoicesPay},
	{get, "/invoices/:id/pdf", arrived, (*Site).invoicesPDF},
	{get, "/invoices/:id/receipt", arrived, (*Site).invoicesReceipt},
	{get, "/subscriptions", arrived, (*Site).subscriptionsIndex},
	{get, "/subscriptions/:id", arrived, (*Site).subscriptionsShow},
	{get, "/subscriptions/:id/cancel", arrived, (*Site).subscriptionsCancelShow},
	{post, "/subscriptions/:id/cancel", arrived, (*Site).subscriptionsCancel},
	{post, "/subscriptions/:id/keep", arrived, (*Site).subscriptionsKeep},
	{get, "/subscriptions/:id/payment", arrived, (*Site).subscriptionsPayment},
	{get, "/subscriptions/:id/payment/back", arrived, (*Site).subscriptionsPaymentBack},
	{post, "/profile/deletion", arrived, (*Site).profileAskDeletion},
	{post, "/profile/deletion/withdraw", arrived, (*Site).profileKeepData},

	{get, "/courses", arrived, (*Site).learningIndex},
	{get, "/courses/search", arrived, (*Site).learningSearch},
	{get, "/courses/:id", arrived, (*Site).learningShow},
	{get, "/courses/:id/cover/:cover", arrived, (*Site).learningCover},
	{get, "/courses/:id/lessons/:lesson", arrived, (*Site).learningLesson},
	{post, "/courses/:id/lessons/:lesson/complete", arrived, (*Site).learningComplete},
	{post, "/courses/:id/lessons/:lesson/position", arrived, (*Site).learningPosition},
	{post, "/courses/:id/lessons/:lesson/quiz", arrived, (*Site).learningTryQuiz},
	{post, "/courses/:id/lessons/:lesson/notes", arrived, (*Site).learningAddNote},
	{post, "/courses/:id/lessons/:lesson/notes/:note", arrived, (*Site).learningSaveNote},
	{post, "/courses/:id/lessons/:lesson/notes/:note/delete", arrived, (*Site).learningDeleteNote},
}

// adminRoutes is the whole admin side. First segments that are not an account's must be reserved slugs.
var adminRoutes = []route{
	{get, "/sign-in", public, (*Site).staffSignInShow},
	{post, "/sign-in", public, (*Site).staffSignIn},
	{get, "/password-reset", public, (*Site).staffResetShow},
	{post, "/password-reset", public, (*Site).staffResetAsk},
	{get, "/sign-in/code", halfway, (*Site).staffCodeShow},
	{post, "/sign-in/code", halfway, (*Site).staffCodeUse},
	{get, "/l/:token", public, (*Site).staffLinkShow},
	{post, "/l/:token", public, (*Site).staffLinkUse},
	{post, "/webhooks/stripe", public, (*Site).stripeWebhook},

	{get, "/", person, (*Site).accountsIndex},
	{post, "/sign-out", person, (*Site).staffSignOut},
	{get, "/sessions", person, (*Site).staffSessionsIndex},
	{post, "/sessions/end-all", person, (*Site).staffSessionsEndAll},
	{post, "/sessions/:id/end", person, (*Site).staffSessionsEnd},

	{get, "/two-factor", person, (*Site).twoFactorShow},
	{get, "/two-factor/picture.png", person, (*Site).twoFactorPicture},
	{post, "/two-factor/begin", person, (*Site).twoFactorBegin},
	{post, "/two-factor/confirm", person, (*Site).twoFactorConfirm},
	{post, "/two-factor/codes", person, (*Site).twoFactorRenewCodes},
	{post, "/two-factor/codes.txt", person, (*Site).twoFactorDownload},
	{post, "/two-factor/off", person, (*Site).twoFactorOff},

	{get, "/:account", support, (*Site).dashboardShow},
	{get, "/:account/figures", support, (*Site).dashboardFigures},
	{get, "/:account/search", support, (*Site).paletteSearch},

	{get, "/:account/contacts", support, (*Site).contactsIndex},
	{get, "/:account/contacts/new", admin, (*Site).contactsNew},
	{post, "/:account/contacts", admin, (*Site).contactsCreate},
	{post, "/:account/contacts/choose", support, (*Site).contactsChoose},
	{get, "/:account/contacts/import", admin, (*Site).importsIndex},
	{post, "/:account/contacts/import", admin, (*Site).importsUpload},
	{get, "/:account/contacts/import/:import", admin, (*Site).importsShow},
	{get, "/:account/contacts/import/:import/columns", admin, (*Site).importsColumns},
	{post, "/:account/contacts/import/:import/columns", admin, (*Site).importsSaveColumns},
	{post, "/:account/contacts/import/:import/start", admin, (*Site).importsStart},
	{post, "/:account/contacts/import/:import/discard", admin, (*Site).importsDiscard},
	{get, "/:account/contacts/import/:import/outcome.csv", admin, (*Site).importsOutcome},
	{get, "/:account/contacts/:id", support, (*Site).contactsShow},
	{post, "/:account/contacts/:id/email", admin, (*Site).contactsSaveEmail},
	{post, "/:account/contacts/:id/details", admin, (*Site).contactsSaveDetail},
	{post, "/:account/contacts/:id/tags", admin, (*Site).contactsTag},
	{post, "/:account/contacts/:id/tags/remove", admin, (*Site).contactsUntag},
	{post, "/:account/contacts/:id/delete", admin, (*Site).contactsDelete},
	{get, "/:account/contacts/:id/merge", admin, (*Site).contactsMergeShow},
	{post, "/:account/contacts/:id/merge", admin, (*Site).contactsMerge},
	{post, "/:account/contacts/:id/unmerge", admin, (*Site).contactsUnmerge},
	{get, "/:account/contacts/:id/visit", admin, (*Site).staffVisitsNew},
	{post, "/:account/contacts/:id/visit", admin, (*Site).staffVisitsCreate},
	{get, "/:account/contacts/:id/enrol", admin, (*Site).contactsEnrolNew},
	{post, "/:account/contacts/:id/enrol", admin, (*Site).contactsEnrol},
	{post, "/:account/contacts/:id/invite", support, (*Site).contactsInvite},
	{post, "/:account/contacts/:id/sessions/:session/end", admin, (*Site).contactsEndSession},
	{post, "/:account/contacts/:id/links/:link/revoke", admin, (*Site).contactsRevokeLink},

	{get, "/:account/forms", support, (*Site).formsIndex},
	{get, "/:account/forms/new", admin, (*Site).formsNew},
	{post, "/:account/forms", admin, (*Site).formsCreate},
	{get, "/:account/forms/:id", support, (*Site).formsShow},
	{get, "/:account/forms/:id/edit", admin, (*Site).formsEdit},
	{post, "/:account/forms/:id", admin, (*Site).formsSave},
	{post, "/:account/forms/:id/switch", admin, (*Site).formsSwitch},
	{post, "/:account/forms/:id/delete", admin, (*Site).formsDelete},
	{get, "/:account/forms/:id/export", admin, (*Site).formsExport},

	{get, "/:account/courses", support, (*Site).coursesIndex},
	{get, "/:account/courses/new", admin, (*Site).coursesNew},
	{post, "/:account/courses", admin, (*Site).coursesCreate},
	{get, "/:account/courses/:id", support, (*Site).coursesShow},
	{get, "/:account/courses/:id/edit", admin, (*Site).coursesEdit},
	{post, "/:account/courses/:id/edit", admin, (*Site).coursesSave},
	{get, "/:account/courses/:id/cover", support, (*Site).coursesCover},
	{post, "/:account/courses/:id/cover", admin, (*Site).coursesSaveCover},
	{post, "/:account/courses/:id/cover/remove", admin, (*Site).coursesRemoveCover},
	{get, "/:account/courses/:id/publish", admin, (*Site).coursesAskPublish},
	{post, "/:account/courses/:id/publish", admin, (*Site).coursesPublish},
	{get, "/:account/courses/:id/unpublish", admin, (*Site).coursesAskUnpublish},
	{post, "/:account/courses/:id/unpublish", admin, (*Site).coursesUnpublish},
	{get, "/:account/courses/:id/delete", admin, (*Site).coursesAskDelete},
	{post, "/:account/courses/:id/delete", admin, (*Site).coursesDelete},
	{post, "/:account/courses/:id/restore", admin, (*Site).coursesRestore},
	{post, "/:account/courses/:id/duplicate", admin, (*Site).coursesDuplicate},
	{post, "/:account/courses/:id/move", admin, (*Site).coursesMove},
	{post, "/:account/courses/:id/arrange", admin, (*Site).coursesArrange},
	{get, "/:account/courses/:id/preview", support, (*Site).coursesPreview},
	{get, "/:account/courses/:id/preview/lessons/:lesson", support, (*Site).lessonsPreviewAsClient},
	{post, "/:account/courses/:id/modules", admin, (*Site).modulesCreate},
	{get, "/:account/courses/:id/modules/:module", admin, (*Site).modulesShow},
	{post, "/:account/courses/:id/modules/:module", admin, (*Site).modulesSave},
	{post, "/:account/courses/:id/modules/:module/rename", admin, (*Site).modulesRename},
	{get, "/:account/courses/:id/modules/:module/delete", admin, (*Site).modulesAskDelete},
	{post, "/:account/courses/:id/modules/:module/delete", admin, (*Site).modulesDelete},
	{post, "/:account/courses/:id/modules/:module/restore", admin, (*Site).modulesRestore},
	{post, "/:account/courses/:id/lessons", admin, (*Site).lessonsCreate},
	{get, "/:account/courses/:id/lessons/:lesson", admin, (*Site).lessonsShow},
	{post, "/:account/courses/:id/lessons/:lesson", admin, (*Site).lessonsSave},
	{post, "/:account/courses/:id/lessons/:lesson/rename", admin, (*Site).lessonsRename},
	{post, "/:account/courses/:id/lessons/:lesson/preview", admin, (*Site).lessonsPreview},
	{get, "/:account/courses/:id/lessons/:lesson/publish", admin, (*Site).coursesAskPublish},
	{post, "/:account/courses/:id/lessons/:lesson/publish", admin, (*Site).coursesPublish},
	{get, "/:account/courses/:id/lessons/:lesson/unpublish", admin, (*Site).coursesAskUnpublish},
	{post, "/:account/courses/:id/lessons/:lesson/unpublish", admin, (*Site).coursesUnpublish},
	{get, "/:account/courses/:id/lessons/:lesson/delete", admin, (*Site).coursesAskDelete},
	{post, "/:account/courses/:id/lessons/:lesson/delete", admin, (*Site).coursesDelete},
	{post, "/:account/courses/:id/lessons/:lesson/restore", admin, (*Site).lessonsRestore},
	{post, "/:account/courses/:id/lessons/:lesson/duplicate", admin, (*Site).coursesDuplicate},
	{get, "/:account/courses/:id/lessons/:lesson/questions/new", admin, (*Site).questionsNew},
	{post, "/:account/courses/:id/lessons/:lesson/questions", admin, (*Site).questionsCreate},
	{get, "/:account/courses/:id/lessons/:lesson/questions/:question", admin, (*Site).questionsShow},
	{post, "/:account/courses/:id/lessons/:lesson/questions/:question", admin, (*Site).questionsSave},
	{post, "/:account/courses/:id/lessons/:lesson/questions/:question/move", admin, (*Site).questionsMove},
	{post, "/:account/courses/:id/lessons/:lesson/questions/:question/delete", admin, (*Site).questionsDelete},
	{get, "/:account/courses/:id/progress", support, (*Site).progressIndex},
	{get, "/:account/courses/:id/progress/:contact", support, (*Site).progressShow},
	{get, "/:account/courses/:id/people", support, (*Site).grantsIndex},
	{get, "/:account/courses/:id/people/new", admin, (*Site).grantsNew},
	{post, "/:account/courses/:id/people", admin, (*Site).grantsCreate},
	{get, "/:account/courses/:id/people/:grant/revoke", admin, (*Site).grantsRevokeShow},
	{post, "/:account/courses/:id/people/:grant/revoke", admin, (*Site).grantsRevoke},

	{get, "/:account/offers", support, (*Site).offersIndex},
	{get, "/:account/offers/new", admin, (*Site).offersNew},
	{post, "/:account/offers", admin, (*Site).offersCreate},
	{get, "/:account/offers/:id", support, (*Site).offersShow},
	{get, "/:account/offers/:id/edit", admin, (*Site).offersEdit},
	{post, "/:account/offers/landing", admin, (*Site).offersSaveLanding},
	{post, "/:account/offers/:id", admin, (*Site).offersSave},
	{post, "/:account/offers/:id/picture", admin, (*Site).offersSavePicture},
	{post, "/:account/offers/:id/picture/remove", admin, (*Site).offersRemovePicture},
	{post, "/:account/offers/:id/switch", admin, (*Site).offersSwitch},
	{post, "/:account/offers/:id/delete", admin, (*Site).offersDelete},

	{get, "/:account/invoices", support, (*Site).staffInvoicesIndex},
	{get, "/:account/invoices/new", admin, (*Site).staffInvoicesNew},
	{post, "/:account/invoices", admin, (*Site).staffInvoicesCreate},
	{get, "/:account/invoices/reminders", admin, (*Site).invoiceRemindersShow},
	{post, "/:account/invoices/reminders", admin, (*Site).invoiceRemindersSave},
	{get, "/:account/invoices/:id", support, (*Site).staffInvoicesShow},
	{post, "/:account/invoices/:id/send", admin, (*Site).staffInvoicesSend},
	{post, "/:account/invoices/:id/remind", admin, (*Site).staffInvoicesRemind},
	{post, "/:account/invoices/:id/void", admin, (*Site).staffInvoicesVoid},
	{post, "/:account/invoices/:id/paid", admin, (*Site).staffInvoicesPaid},
	{post, "/:account/invoices/:id/discard", admin, (*Site).staffInvoicesDiscard},
	{get, "/:account/invoices/:id/refund", admin, (*Site).staffInvoicesRefundShow},
	{post, "/:account/invoices/:id/refund", admin, (*Site).staffInvoicesRefund},
	{get, "/:account/orders", support, (*Site).ordersIndex},
	{get, "/:account/orders/:id", support, (*Site).ordersShow},
	{get, "/:account/orders/:id/refund", admin, (*Site).ordersRefundShow},
	{post, "/:account/orders/:id/refund", admin, (*Site).ordersRefund},
	{get, "/:account/subscriptions", support, (*Site).staffSubscriptionsIndex},
	{get, "/:account/subscriptions/:id", support, (*Site).staffSubscriptionsShow},
	{get, "/:account/subscriptions/:id/cancel", admin, (*Site).staffSubscriptionsCancelShow},
	{post, "/:account/subscriptions/:id/cancel", admin, (*Site).staffSubscriptionsCancel},
	{post, "/:account/subscriptions/:id/keep", admin, (*Site).staffSubscriptionsKeep},
	{post, "/:account/subscriptions/:id/pause", admin, (*Site).staffSubscriptionsPause},
	{post, "/:account/subscriptions/:id/resume", admin, (*Site).staffSubscriptionsResume},
	{get, "/:account/subscriptions/:id/plan", admin, (*Site).staffPlansShow},
	{post, "/:account/subscriptions/:id/plan", admin, (*Site).staffPlansChange},
	{get, "/:account/subscriptions/:id/extend", admin, (*Site).staffExtendShow},
	{post, "/:account/subscriptions/:id/extend", admin, (*Site).staffExtend},
	{get, "/:account/tasks", support, (*Site).tasksIndex},
	{post, "/:account/tasks", support, (*Site).tasksCreate},
	{get, "/:account/tasks/:id", support, (*Site).tasksShow},
	{get, "/:account/tasks/:id/progress", support, (*Site).tasksProgress},
	{get, "/:account/tasks/:id/file.csv", admin, (*Site).tasksFile},
	{get, "/:account/tasks/:id/results.csv", support, (*Site).tasksResults},
	{post, "/:account/tasks/:id/cancel", support, (*Site).tasksCancel},
	{get, "/:account/mail-texts", admin, (*Site).mailTextsIndex},
	{post, "/:account/mail-texts", admin, (*Site).mailTextsSettings},
	{get, "/:account/mail-texts/:kind", admin, (*Site).mailTextsEdit},
	{get, "/:account/mail-texts/:kind/frame", admin, (*Site).mailTextsFrame},
	{post, "/:account/mail-texts/:kind", admin, (*Site).mailTextsSave},
	{post, "/:account/mail-texts/:kind/preview", admin, (*Site).mailTextsPreview},
	{post, "/:account/mail-texts/:kind/test", admin, (*Site).mailTextsTest},
	{post, "/:account/mail-texts/:kind/reset", admin, (*Site).mailTextsReset},
	{get, "/:account/mail-log", support, (*Site).mailLogIndex},
	{get, "/:account/mail-log/:id", support, (*Site).mailLogShow},
	{get, "/:account/mail-log/:id/copy", support, (*Site).mailLogCopy},
	{get, "/:account/jobs", admin, (*Site).jobsIndex},
	{post, "/:account/jobs/:id/retry", admin, (*Site).jobsRetry},
	{get, "/:account/avatars/:hash", support, (*Site).avatarShow},

	{post, "/:account/courses/:id/lessons/:lesson/files", admin, (*Site).filesUpload},
	{get, "/:account/courses/:id/lessons/:lesson/files/:attachment", support, (*Site).filesShow},
	{post, "/:account/courses/:id/lessons/:lesson/files/:attachment/move", admin, (*Site).filesMove},
	{post, "/:account/courses/:id/lessons/:lesson/files/:attachment/remove", admin, (*Site).filesRemove},
	{get, "/:account/courses/:id/lessons/:lesson/video", support, (*Site).videoShow},
	{post, "/:account/courses/:id/lessons/:lesson/video", admin, (*Site).videoUpload},
	{post, "/:account/courses/:id/lessons/:lesson/video/remove", admin, (*Site).videoRemove},
	{get, "/:account/courses/:id/certificates", support, (*Site).certificatesIndex},
	{get, "/:account/courses/:id/certificates/:certificate", support, (*Site).certificatesShow},
	{get, "/:account/courses/:id/certificates/:certificate/revoke", admin, (*Site).certificatesAskRevoke},
	{post, "/:account/courses/:id/certificates/:certificate/revoke", admin, (*Site).certificatesRevoke},
	{post, "/:account/courses/:id/certificates/:certificate/restore", admin, (*Site).certificatesRestore},

	{get, "/:account/invitations/new", support, (*Site).invitationsNew},
	{post, "/:account/invitations", support, (*Site).invitationsCreate},
	{get, "/:account/magic-links/new", admin, (*Site).magicLinksNew},
	{post, "/:account/magic-links", admin, (*Site).magicLinksCreate},

	{get, "/:account/people", admin, (*Site).staffMembersIndex},
	{post, "/:account/people", owner, (*Site).staffMembersInvite},
	{post, "/:account/people/two-factor", owner, (*Site).staffMembersRequireTwoFactor},
	{post, "/:account/people/:member/resend", owner, (*Site).staffMembersResend},
	{post, "/:account/people/:member/role", owner, (*Site).staffMembersSetRole},
	{post, "/:account/people/:member/remove", owner, (*Site).staffMembersRemove},
	{get, "/:account/audit-log", admin, (*Site).auditLogIndex},
	{get, "/:account/audit-log/export", admin, (*Site).auditLogExport},
	{get, "/:account/reminders", admin, (*Site).remindersShow},
	{post, "/:account/reminders", admin, (*Site).remindersSave},
	{get, "/:account/stripe", admin, (*Site).stripeShow},
	{post, "/:account/stripe/connect", owner, (*Site).stripeConnect},
	{get, "/:account/stripe/onboard", owner, (*Site).stripeOnboard},
	{get, "/:account/stripe/return", owner, (*Site).stripeReturn},
	{post, "/:account/stripe/disconnect", owner, (*Site).stripeDisconnect},
	{post, "/:account/stripe/endpoint", owner, (*Site).stripeMakeEndpoint},
	{post, "/:account/stripe/grace", owner, (*Site).stripeSaveGrace},
	{post, "/:account/stripe/invoices", owner, (*Site).stripeSaveInvoices},
	{post, "/:account/stripe/replay", admin, (*Site).stripeReplayAll},
	{get, "/:account/stripe/events", admin, (*Site).stripeRangeShow},
	{post, "/:account/stripe/events", admin, (*Site).stripeRangeReplay},
	{post, "/:account/stripe/events/:event/replay", admin, (*Site).stripeReplay},
	{get, "/:account/stripe/walks", admin, (*Site).stripeWalksShow},
	{post, "/:account/stripe/reconcile", admin, (*Site).stripeReconcile},
	{get, "/:account/settings", owner, (*Site).settingsShow},
	{post, "/:account/settings", owner, (*Site).settingsSave},
	{get, "/:account/brand", admin, (*Site).brandShow},
	{post, "/:account/brand", admin, (*Site).brandSave},
	{post, "/:account/brand/preview", admin, (*Site).brandPreview},
	{get, "/:account/brand/files/:file", support, (*Site).brandFileForStaff},
	{post, "/:account/brand/logo", admin, (*Site).brandSaveLogo},
	{post, "/:account/brand/logo/remove", admin, (*Site).brandRemoveLogo},
	{post, "/:account/brand/logo/restore", admin, (*Site).brandRestoreLogo},
	{post, "/:account/brand/picture", admin, (*Site).brandSavePicture},
	{post, "/:account/brand/picture/remove", admin, (*Site).brandRemovePicture},
	{post, "/:account/brand/picture/restore", admin, (*Site).brandRestorePicture},
	{get, "/:account/apps", admin, (*Site).appsShow},
	{post, "/:account/apps", admin, (*Site).appsSave},
	{get, "/:account/leave", support, (*Site).staffLeaveShow},
	{post, "/:account/leave", support, (*Site).staffLeave}, // last, so that whoever walks the list is in until then
}
