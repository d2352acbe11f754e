// Package views is the room of everything a person sees: page templates, the frames around them, static files,
// the account's stylesheet, mail templates and the template functions. All of it is embedded in the program.
//
// Not in here: SQL, the clock, the environment. Time comes in as [Page.Now], addresses come in as finished URLs.
// Handlers and jobs may import views; views imports no room of ours.
//
// # A page
//
// A template is named by its path without suffix: "contacts/index" is a page body, "contacts/_list" a fragment that may
// be sent alone, "frame/portal" a frame. Its first line names its Go type:
//
//	{{- /* handlers.contactsPage: the list of contacts */ -}}
//
// The page's struct embeds [Page]. A page includes its own fragments with {{template}}, so page and fragment cannot
// differ. {{define}}, {{block}}, {{embed}}, inline scripts, inline handlers and style attributes are refused by a test.
//
// # The vocabulary
//
// The class names of the design system, for pages to compose; utilities of Tailwind fill the gaps between them:
//
//	page-head            header of a page: h1, one sentence in <p>, then .actions
//	section, section-head  a part of a page with its h2 and at most one action
//	figures, figure      <dl> of numbers; a figure may be a link; figure-note below the number
//	card, card-head      a quiet box for what belongs together; use space before boxes
//	list                 <table>; num (right-aligned), wide (hidden on phones), tr.row with one a.row-link,
//	                     row-main and row-sub for the two lines of a cell, row-actions for its buttons
//	items, item          <ul> of links or things where a table would be too much
//	facts                <dl> of labels and values
//	plain-list           <ul> of sentences beside a form
//	funnel, funnel-step  <ol> of the dashboard: name, count, bar, share, next; funnel-aside for what is off the way
//	form, form-row, form-actions  a stack of fields; two fields in one line; the buttons below
//	btn                  with btn-primary (one a page), btn-ghost, btn-danger, btn-sm, btn-block, btn-icon
//	badge                with badge-success, -warning, -error, -info; always with a word, often with an icon
//	notice-box           a paragraph that must be read, with the same four states
//	empty                what a place is for and one action (ui/_empty)
//	dialog, dialog-actions  <dialog>, opened by <button command="show-modal" commandfor="id">
//	menu                 a popover list, opened by <button popovertarget="id">
//	question, answers    a question in the editor of forms; <dl> of what was answered to them
//	trap                 a field of a public form that only programs fill in
//	find, find-more, find-parts  a search with filters; list-count and list-next below it
//	log-filters          a line of filters above what happened; a find in it takes the room there is
//	choosing, choose, pick  a form around a list: its check boxes, and the bar that comes up once one is ticked
//	task-progress        how far long work is
//	reading, upload-progress  how a file is read; how much of it is sent
//	details, detail      <dl> of values that are changed where they stand; detail-wide, detail-value
//	tags, tag            <ul> of short words
//	timeline, event      <ol> of what happened: icon, item-text, item-end
//	preview              what a form makes, beside it in an editor; mail-frame and mail-text show a mail
//	mark, mark-person    a square with a brand's initials; a round one with a person's, or their picture (ui/_portrait)
//	on-plate             a logo that the page would swallow, as atrium.js finds by its pixels
//	file-input           <input type="file">
//	courses, course, cover  <ul> of courses as cards; course-done, course-progress
//	reading              text made by Markdown; module, course-way: the lessons of a course; quiz-answers, notes, note
//	lesson               a lesson with lesson-side beside it; lesson-part below its text; video, video-play
//	code-text, muted, sr-only, progress
//	file-input           the field of a file; its form is multipart, with the token first and the file last
//	cover, cover-small, cover-line, cover-large  the picture of a course (ui/_cover), alone or beside its title
//	tabs                 <nav> between the pages of one thing; facts-line, short facts in one line
//	course-outline, outline-…  modules and lessons where they are arranged; save-bar, the buttons of a long form
//	lesson-seen, lesson-video  a lesson as it will be read, beside its editor; preview-bar above a preview
//	option-row, drip-parts  an answer with its mark; when something unlocks
//	sale                 an offer's page: sale-head, sale-box with what it costs, sale-about; paid, what buyers come back to
//	no-scripts, with-scripts  what is only there where scripts are off, or on
//
// Partials for everything with behaviour are in ui/, each taking one struct of this package.
package views

import "embed"

// files holds every template one folder below views, the fragments whose names begin with "_" included,
// and the static files. A new folder of templates needs no line here.
//
//go:embed all:*/*.html all:static
var files embed.FS
