package views

import "strings"

// ContentSecurityPolicy is the header value under which every page works: nothing inline, nothing evaluated, nothing from elsewhere.
// So templates carry no hx-on, no js: values and no trigger filters in brackets. What it lets a page frame is only what says so itself.
const ContentSecurityPolicy = policy + "frame-ancestors 'none'"

// EmbeddedPolicy is that of the public forms, which other sites show inside their pages.
const EmbeddedPolicy = policy + "frame-ancestors *"

const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"font-src 'self'; form-action 'self'; base-uri 'none'; frame-src 'self'; manifest-src 'self'; "

// LessonPolicy is that of a page with text and video of a course: pictures over https, as [Markdown] lets through, and what the
// kind of video needs, one of the database's.
func LessonPolicy(video string) string {
	frames, media, connections := "", "", ""
	switch video {
	case "youtube":
		frames = " https://www.youtube-nocookie.com"
	case "vimeo":
		frames = " https://player.vimeo.com"
	case "mp4":
		media = " https:"
	case "hls":
		media, connections = " https: blob:", " https:" // hls.js fetches the parts and hands them over in memory
	}
	return strings.NewReplacer("img-src 'self' data:", "img-src 'self' data: https:", "frame-src 'self'", "frame-src 'self'"+frames,
		"connect-src 'self'", "connect-src 'self'"+connections).Replace(policy) + "media-src 'self'" + media + "; frame-ancestors 'none'"
}

// MailContentSecurityPolicy is that of a mail shown inside a page: its own styles and pictures from one origin, which may be
// empty, and nothing that runs or leads anywhere.
func MailContentSecurityPolicy(pictures string) string {
	if pictures == "" {
		pictures = "'none'"
	}
	return "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src " + pictures + "; form-action 'none'; base-uri 'none'; frame-ancestors 'self'"
}
