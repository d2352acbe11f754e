package queries

import (
	"net/url"
	"path"
	"regexp"
	"strings"
)

var (
	youtubeID  = regexp.MustCompile(`^[A-Za-z0-9_-]{11}$`)
	vimeoID    = regexp.MustCompile(`^[0-9]{1,12}$`)
	vimeoKey   = regexp.MustCompile(`^[0-9a-f]{6,20}$`) // of a video that only its address shows
	frameSrc   = regexp.MustCompile(`(?i)<iframe[^>]*\ssrc=["']([^"']+)["']`)
	hasScheme  = regexp.MustCompile(`(?i)^[a-z][a-z0-9+-]*:`)
	videoFiles = map[string]VideoKind{".m3u8": VideoKindHls, ".mp4": VideoKindMp4, ".m4v": VideoKindMp4}
)

// ParseVideo takes the address of a video elsewhere, as it was copied from a browser or out of the code that is offered for
// embedding, and answers what it is and its one form: https://www.youtube.com/watch?v=ID, https://vimeo.com/ID, https://vimeo.com/ID/KEY,
// or for files the address itself. Nothing typed is no video. Invalid, for the field video_url, with what to paste instead.
func ParseVideo(typed string) (VideoKind, string, error) {
	refuse := func(message string) (VideoKind, string, error) {
		return VideoKindNone, "", Invalid{"video_url", message}
	}
	text := strings.TrimSpace(typed)
	if code := frameSrc.FindStringSubmatch(text); code != nil {
		text = strings.ReplaceAll(code[1], "&amp;", "&")
	}
	switch {
	case text == "":
		return VideoKindNone, "", nil
	case strings.HasPrefix(text, "//"):
		text = "https:" + text
	case !hasScheme.MatchString(text):
		text = "https://" + text
	}
	at, err := url.Parse(text)
	if err != nil || len(text) > 2000 || at.Host == "" || strings.ContainsAny(text, " \t\r\n\"<>\\") {
		return refuse("This is no address of a video. Copy the whole of it from the browser, beginning with https://.")
	}
	if at.User != nil {
		return refuse("This address has a name or password in it, which every client would see. Use one without.")
	}
	host := strings.TrimPrefix(strings.TrimPrefix(strings.ToLower(at.Hostname()), "www."), "m.")
	switch host {
	case "youtube.com", "youtube-nocookie.com", "youtu.be", "music.youtube.com":
		if id := youtubeOf(host, at); id != "" {
			return VideoKindYoutube, "https://www.youtube.com/watch?v=" + id, nil
		}
		return refuse("This is on YouTube, but it is no single video. Open the video there and copy its address.")
	case "vimeo.com", "player.vimeo.com":
		if id := vimeoOf(at); id != "" {
			return VideoKindVimeo, "https://vimeo.com/" + id, nil
		}
		return refuse("This is on Vimeo, but it is no single video. Open the video there and copy its address.")
	}
	kind, known := videoFiles[strings.ToLower(path.Ext(at.Path))]
	switch {
	case !known:
		return refuse("We cannot play this. Use a video on YouTube or Vimeo, or the address of a file that ends with .mp4 or .m3u8.")
	case at.Scheme != "https":
		return refuse("The address has to begin with https://, so that nobody on the way can change the video.")
	}
	at.Fragment = ""
	return kind, at.String(), nil
}

// youtubeOf is the id of a video in any of the forms YouTube has for its addresses; empty without one.
func youtubeOf(host string, at *url.URL) string {
	parts := strings.Split(strings.Trim(at.Path, "/"), "/")
	id := at.Query().Get("v")
	switch {
	case host == "youtu.be":
		id = parts[0]
	case len(parts) == 2 && (parts[0] == "embed" || parts[0] == "shorts" || parts[0] == "live" || parts[0] == "v"):
		id = parts[1]
	case parts[0] != "watch":
		return ""
	}
	if !youtubeID.MatchString(id) || id == "videoseries" {
		return ""
	}
	return id
}

// vimeoOf is a video's number, with its key where there is one.
func vimeoOf(at *url.URL) string {
	parts := strings.Split(strings.Trim(at.Path, "/"), "/")
	for i, part := range parts {
		if !vimeoID.MatchString(part) {
			continue
		}
		key := at.Query().Get("h")
		if i+1 < len(parts) {
			key = parts[i+1]
		}
		if vimeoKey.MatchString(key) {
			return part + "/" + key
		}
		return part
	}
	return ""
}
