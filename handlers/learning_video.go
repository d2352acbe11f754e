package handlers

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"atrium/queries"
)

// learningVideo is the video of a lesson. What comes from elsewhere is fetched only once somebody wants to see it.
type learningVideo struct {
	Title string
	// Of videos that play on the page: where they are, and where the client left off.
	Source string
	Stream bool // in parts (HLS), which some browsers need a script for
	Away   bool // from elsewhere: nothing is fetched before it is played
	// Of videos in a frame of somebody else's.
	Frame    string // address of the frame; empty: the video plays on the page
	Watch    string // where to see it where scripts are off
	Provider string // who that is

	Keep     string // where its position is kept; empty for frames, and for staff who look
	Position int32  // in seconds
	Finishes bool   // its end finishes the lesson
	Token    string
}

// newLearningVideo is the video of a lesson; nil without one, and when its address leads nowhere.
func newLearningVideo(p *learningLessonPage, seen queries.LessonSeen) *learningVideo {
	v := &learningVideo{Title: p.Title, Position: seen.Position, Finishes: !p.Finish.ByQuiz && !p.Finish.Done(), Token: p.Token}
	if !p.Finish.Looking {
		v.Keep = p.Path + "/position"
	}
	switch address := seen.Lesson.VideoUrl; seen.Lesson.Video {
	case queries.VideoKindUpload:
		v.Source = p.Path + "/video"
	case queries.VideoKindMp4:
		v.Source, v.Away = address, true
	case queries.VideoKindHls:
		v.Source, v.Away, v.Stream = address, true, true
	case queries.VideoKindYoutube:
		v.Frame, v.Watch, v.Provider = youtubeFrame(address), address, "YouTube"
	case queries.VideoKindVimeo:
		v.Frame, v.Watch, v.Provider = vimeoFrame(address), address, "Vimeo"
	}
	switch {
	case v.Frame != "":
		v.Keep = ""
	case v.Source == "":
		return nil
	case v.Position > 0 && !v.Stream:
		v.Source += fmt.Sprintf("#t=%d", v.Position) // browsers begin there by themselves
	}
	return v
}

var (
	youtubeID = regexp.MustCompile(`^[\w-]{6,20}$`)
	vimeoPath = regexp.MustCompile(`^/(?:video/|channels/[\w-]+/|groups/[\w-]+/videos/)?(\d{3,15})(?:/([0-9a-f]{6,20}))?/?$`)
)

// youtubeFrame is the address under which a video of YouTube's can be framed without their cookies; empty when the address is
// none of a video.
func youtubeFrame(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	id := ""
	switch path := strings.Trim(u.Path, "/"); strings.TrimPrefix(strings.TrimPrefix(u.Host, "www."), "m.") {
	case "youtu.be":
		id = path
	case "youtube.com", "youtube-nocookie.com", "music.youtube.com":
		if id = u.Query().Get("v"); id == "" {
			for _, kind := range []string{"embed/", "shorts/", "live/"} {
				if rest, found := strings.CutPrefix(path, kind); found {
					id = rest
				}
			}
		}
	}
	if !youtubeID.MatchString(id) {
		return ""
	}
	return "https://www.youtube-nocookie.com/embed/" + id + "?autoplay=1&rel=0"
}

// vimeoFrame is the same for Vimeo; an unlisted video has a second part in its address.
func vimeoFrame(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "https" {
		return ""
	}
	host := strings.TrimPrefix(u.Host, "www.")
	found := vimeoPath.FindStringSubmatch(u.Path)
	if host != "vimeo.com" && host != "player.vimeo.com" || found == nil {
		return ""
	}
	frame := "https://player.vimeo.com/video/" + found[1] + "?autoplay=1&dnt=1"
	if hash := orElse(found[2], u.Query().Get("h")); hash != "" {
		frame += "&h=" + url.QueryEscape(hash)
	}
	return frame
}
