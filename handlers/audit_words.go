package handlers

import "strings"

// auditWord says what an action is in words: Lead, then what it was done to, then Tail.
type auditWord struct{ Group, Lead, Tail string }

// The groups that the trail can be narrowed to, in the order they are offered.
const (
	auditContacts = "Contacts"
	auditCourses  = "Courses"
	auditPeople   = "People"
	auditPortal   = "Portal"
	auditSales    = "Sales"
)

var auditGroups = []string{auditContacts, auditCourses, auditPeople, auditPortal, auditSales}

// auditWords has every action there is; a test finds those it lacks. Actions are stored, so none is ever taken out.
var auditWords = map[string]auditWord{
	"contact.create":             {auditContacts, "Added ", ""},
	"contact.details":            {auditContacts, "Changed the details of ", ""},
	"contact.email":              {auditContacts, "Corrected the address of ", ""},
	"contact.invite":             {auditContacts, "Invited ", " to the portal"},
	"contact.magic_link":         {auditContacts, "Made a magic link for ", ""},
	"contact.revoke_link":        {auditContacts, "Withdrew a link of ", ""},
	"contact.end_session":        {auditContacts, "Signed ", " out on a device"},
	"contact.visit":              {auditContacts, "Looked at the portal as ", ""},
	"contact.visit_change":       {auditContacts, "Changed something of ", " while looking as them"},
	"contact.tag":                {auditContacts, "Tagged ", ""},
	"contact.untag":              {auditContacts, "Took a tag from ", ""},
	"contact.merge":              {auditContacts, "Merged another contact into ", ""},
	"contact.unmerge":            {auditContacts, "Undid a merge into ", ""},
	"contact.delete":             {auditContacts, "Deleted ", ""},
	"contact.email_change":       {auditContacts, "Confirmed a new address for ", ""},
	"contact.email_undo":         {auditContacts, "Undid the change of address of ", ""},
	"contact.email_undo_refused": {auditContacts, "Could not undo the change of address of ", ""},
	"contact.stop_mails":         {auditContacts, "Asked for no more automatic mails to ", ""},
	"contact.want_mails":         {auditContacts, "Wants automatic mails again at ", ""},
	"contact.mail_kinds":         {auditContacts, "Chose which automatic mails come to ", ""},
	"contact.deletion_ask":       {auditContacts, "Asked to delete the data of ", ""},
	"contact.deletion_withdraw":  {auditContacts, "Took back the request to delete the data of ", ""},
	"contact.enrol":              {auditContacts, "Enrolled ", " in a course"},
	"contact.unenrol":            {auditContacts, "Ended a course of ", ""},
	"contacts.enrol":             {auditContacts, "Started a task: ", ""},
	"contacts.invite":            {auditContacts, "Started a task: ", ""},
	"contacts.magic_link":        {auditContacts, "Started a task: ", ""},
	"contacts.tag":               {auditContacts, "Started a task: ", ""},
	"contacts.untag":             {auditContacts, "Started a task: ", ""},
	"contacts.export":            {auditContacts, "Started a task: ", ""},
	"contacts.delete":            {auditContacts, "Started a task: ", ""},
	"task.cancel":                {auditContacts, "Stopped a task: ", ""},
	"import.upload":              {auditContacts, "Uploaded ", " to import contacts"},
	"import.check":               {auditContacts, "Checked the import of ", ""},
	"import.start":               {auditContacts, "Imported contacts from ", ""},
	"import.discard":             {auditContacts, "Discarded the import of ", ""},

	"course.create":    {auditCourses, "Made the course ", ""},
	"course.change":    {auditCourses, "Changed the settings of the course ", ""},
	"course.cover":     {auditCourses, "Changed the cover of the course ", ""},
	"course.publish":   {auditCourses, "Published the course ", ""},
	"course.unpublish": {auditCourses, "Unpublished the course ", ""},
	"course.delete":    {auditCourses, "Deleted the course ", ""},
	"course.restore":   {auditCourses, "Restored the course ", ""},
	"course.duplicate": {auditCourses, "Made a copy of a course: ", ""},
	"course.move":      {auditCourses, "Moved in the list of courses: ", ""},
	"course.arrange":   {auditCourses, "Changed the order of the course ", ""},
	"module.create":    {auditCourses, "Added the module ", ""},
	"module.change":    {auditCourses, "Changed the module ", ""},
	"module.delete":    {auditCourses, "Deleted the module ", " with its lessons"},
	"module.restore":   {auditCourses, "Restored the module ", " with its lessons"},
	"lesson.create":    {auditCourses, "Added the lesson ", ""},
	"lesson.change":    {auditCourses, "Changed the lesson ", ""},
	"lesson.rename":    {auditCourses, "Renamed the lesson ", ""},
	"lesson.publish":   {auditCourses, "Published the lesson ", ""},
	"lesson.unpublish": {auditCourses, "Unpublished the lesson ", ""},
	"lesson.delete":    {auditCourses, "Deleted the lesson ", ""},
	"lesson.restore":   {auditCourses, "Restored the lesson ", ""},
	"lesson.duplicate": {auditCourses, "Made a copy of a lesson: ", ""},
	"question.create":  {auditCourses, "Added the question ", ""},
	"question.change":  {auditCourses, "Changed the question ", ""},
	"question.move":    {auditCourses, "Moved in its quiz: ", ""},
	"question.delete":  {auditCourses, "Deleted the question ", ""},

	"staff.invite":             {auditPeople, "Invited ", " to work here"},
	"staff.resend":             {auditPeople, "Sent the invitation of ", " again"},
	"staff.withdraw":           {auditPeople, "Withdrew the invitation of ", ""},
	"staff.role":               {auditPeople, "Changed the role of ", ""},
	"staff.remove":             {auditPeople, "Removed ", " from the staff"},
	"staff.leave":              {auditPeople, "Left ", ""},
	"staff.two_factor_on":      {auditPeople, "Turned on two-factor sign-in of ", ""},
	"staff.two_factor_off":     {auditPeople, "Turned off two-factor sign-in of ", ""},
	"staff.recovery_codes":     {auditPeople, "Made new recovery codes for ", ""},
	"staff.recovery_code_used": {auditPeople, "Used a recovery code of ", ""},
	"account.two_factor":       {auditPeople, "Changed whether everybody at ", " needs a second factor"},

	"invoice.create":             {auditSales, "Made ", ""},
	"invoice.send":               {auditSales, "Sent ", ""},
	"invoice.remind":             {auditSales, "Reminded of ", ""},
	"invoice_reminders.change":   {auditSales, "Changed the reminders of invoices of ", ""},
	"invoice.void":               {auditSales, "Took back ", ""},
	"invoice.paid_outside":       {auditSales, "Marked as paid outside ", ""},
	"invoice.discard":            {auditSales, "Discarded ", ""},
	"invoice.refund":             {auditSales, "Gave money back of ", ""},
	"order.refund":               {auditSales, "Gave money back of ", ""},
	"subscription.cancel":        {auditSales, "Cancelled at the end of what is paid for ", ""},
	"subscription.cancel_now":    {auditSales, "Ended at once ", ""},
	"subscription.cancel_unpaid": {auditSales, "Ended at once ", " together with its open charge"},
	"subscription.keep":          {auditSales, "Let go on after all ", ""},
	"subscription.pause":         {auditSales, "Paused the charges of ", ""},
	"subscription.resume":        {auditSales, "Resumed the charges of ", ""},
	"subscription.start":         {auditSales, "Started after its trial ", ""},
	"subscription.plan":          {auditSales, "Changed the plan of ", ""},
	"subscription.extend":        {auditSales, "Gave days to ", ""},

	"account.settings": {auditPortal, "Changed the settings of ", ""},
	"account.mails":    {auditPortal, "Changed how the mails of ", " are sent"},
	"apps.save":        {auditPortal, "Changed the apps of ", ""},
	"brand.save":       {auditPortal, "Changed the brand of ", ""},
	"brand.logo":       {auditPortal, "Changed the logo of ", ""},
	"brand.picture":    {auditPortal, "Changed the sign-in picture of ", ""},
	"form.create":      {auditPortal, "Made the form ", ""},
	"form.change":      {auditPortal, "Changed the form ", ""},
	"form.switch_on":   {auditPortal, "Switched on the form ", ""},
	"form.switch_off":  {auditPortal, "Switched off the form ", ""},
	"form.delete":      {auditPortal, "Deleted the form ", ""},
	"offer.remake":     {auditPortal, "Made anew at Stripe, where it was archived, the offer ", ""},
	"offer.create":     {auditPortal, "Made the offer ", ""},
	"offer.change":     {auditPortal, "Changed the offer ", ""},
	"offer.switch_on":  {auditPortal, "Switched on the offer ", ""},
	"offer.switch_off": {auditPortal, "Switched off the offer ", ""},
	"offer.delete":     {auditPortal, "Deleted the offer ", ""},
	"offer.picture":    {auditPortal, "Changed the picture of the offer ", ""},
	"offer.landing":    {auditPortal, "Changed where buyers arrive at ", ""},
	"job.retry":        {auditPortal, "Tried failed work again: ", ""},
	"mail_text.change": {auditPortal, "Changed the text of the mail ", ""},
	"mail_text.reset":  {auditPortal, "Went back to the first text of the mail ", ""},
	"mail_text.test":   {auditPortal, "Sent themselves a test of the mail ", ""},
	"reminders.change": {auditPortal, "Changed the reminders of ", ""},

	"lesson.file_add":     {auditCourses, "Added a file to the lesson ", ""},
	"lesson.file_replace": {auditCourses, "Replaced a file of the lesson ", ""},
	"lesson.file_move":    {auditCourses, "Changed the order of the files of the lesson ", ""},
	"lesson.file_remove":  {auditCourses, "Removed a file from the lesson ", ""},
	"lesson.video":        {auditCourses, "Uploaded the video of the lesson ", ""},
	"lesson.video_remove": {auditCourses, "Removed the video of the lesson ", ""},
	"certificate.revoke":  {auditCourses, "Revoked the certificate ", ""},
	"certificate.restore": {auditCourses, "Made the certificate valid again: ", ""},
	"stripe.prepare":      {auditPortal, "Prepared a Stripe account for ", ""},
	"stripe.connect":      {auditPortal, "Connected a Stripe account to ", ""},
	"stripe.disconnect":   {auditPortal, "Disconnected the Stripe account of ", ""},
	"stripe.give_up":      {auditPortal, "Gave up preparing a Stripe account for ", ""},
	"stripe.endpoint":     {auditPortal, "Set up Stripe’s reports for ", ""},
	"stripe.grace":        {auditPortal, "Changed how long access lasts after a failed charge at ", ""},
	"stripe.invoices":     {auditPortal, "Changed whether purchases have invoices at ", ""},
	"stripe.replay":       {auditPortal, "Had Stripe’s reports looked at again: ", ""},
	"stripe.reconcile":    {auditPortal, "Compared everything at Stripe for ", ""},
}

// auditWordOf is the words of an action; of one that has none, what can be read from its name.
func auditWordOf(action string) auditWord {
	if word, known := auditWords[action]; known {
		return word
	}
	noun, verb, _ := strings.Cut(action, ".")
	return auditWord{auditPortal, upperFirst(strings.ReplaceAll(noun+" "+verb, "_", " ")) + ": ", ""}
}

// actionsOf is every action of a group; none for one there is not.
func actionsOf(group string) (actions []string) {
	for action, word := range auditWords {
		if word.Group == group {
			actions = append(actions, action)
		}
	}
	return actions
}
