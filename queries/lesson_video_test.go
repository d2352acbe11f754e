package queries_test

import (
	"errors"
	"testing"

	"atrium/queries"
)

func TestParseVideo(t *testing.T) {
	t.Parallel()
	const tube = "https://www.youtube.com/watch?v=dQw4w9WgXcQ"
	for typed, want := range map[string]struct {
		kind queries.VideoKind
		url  string
	}{
		"":    {queries.VideoKindNone, ""},
		" \n": {queries.VideoKindNone, ""},
		"https://www.youtube.com/watch?v=dQw4w9WgXcQ":                                                               {queries.VideoKindYoutube, tube},
		" youtube.com/watch?v=dQw4w9WgXcQ&t=42s&list=PL1 ":                                                          {queries.VideoKindYoutube, tube},
		"http://m.youtube.com/watch?v=dQw4w9WgXcQ":                                                                  {queries.VideoKindYoutube, tube},
		"https://youtu.be/dQw4w9WgXcQ?si=abc":                                                                       {queries.VideoKindYoutube, tube},
		"https://www.youtube.com/shorts/dQw4w9WgXcQ":                                                                {queries.VideoKindYoutube, tube},
		"https://www.youtube.com/live/dQw4w9WgXcQ?feature=share":                                                    {queries.VideoKindYoutube, tube},
		"https://www.youtube-nocookie.com/embed/dQw4w9WgXcQ":                                                        {queries.VideoKindYoutube, tube},
		`<iframe width="560" src="https://www.youtube.com/embed/dQw4w9WgXcQ?x=1&amp;y=2" allowfullscreen></iframe>`: {queries.VideoKindYoutube, tube},
		"https://vimeo.com/1084537":                                                                                 {queries.VideoKindVimeo, "https://vimeo.com/1084537"},
		"vimeo.com/channels/staffpicks/1084537":                                                                     {queries.VideoKindVimeo, "https://vimeo.com/1084537"},
		"https://vimeo.com/1084537/8a1bfc2d3e?share=copy":                                                           {queries.VideoKindVimeo, "https://vimeo.com/1084537/8a1bfc2d3e"},
		"//player.vimeo.com/video/1084537?h=8a1bfc2d3e":                                                             {queries.VideoKindVimeo, "https://vimeo.com/1084537/8a1bfc2d3e"},
		"https://cdn.example.com/talk.MP4?token=a%20b":                                                              {queries.VideoKindMp4, "https://cdn.example.com/talk.MP4?token=a%20b"},
		"cdn.example.com:8443/live/master.m3u8#t=1":                                                                 {queries.VideoKindHls, "https://cdn.example.com:8443/live/master.m3u8"},
		"https://www.youtube.com/playlist?list=PL1":                                                                 {},
		"https://www.youtube.com/watch?v=short":                                                                     {},
		"https://www.youtube.com/@acme":                                                                             {},
		"https://www.youtube.com/embed/videoseries?list=PL1":                                                        {},
		"https://vimeo.com/acme":                                                                                    {},
		"https://example.com/talk":                                                                                  {},
		"https://example.com/talk.mp4.html":                                                                         {},
		"http://cdn.example.com/talk.mp4":                                                                           {},
		"https://user:secret@cdn.example.com/talk.mp4":                                                              {},
		"javascript:alert(1)//talk.mp4":                                                                             {},
		"data:video/mp4;base64,AAAA.mp4":                                                                            {},
		"https://":                                                                                                  {},
		"my talk.mp4":                                                                                               {},
		"https://evil.example/\"><script>.mp4":                                                                      {},
		"https://youtube.com.evil.example/watch?v=dQw4w9WgXcQ":                                                      {},
	} {
		kind, url, err := queries.ParseVideo(typed)
		var refused queries.Invalid
		switch {
		case want.kind == "" && (!errors.As(err, &refused) || refused.Field != "video_url" || url != ""):
			t.Errorf("%q is taken as %s %s (%v)", typed, kind, url, err)
		case want.kind != "" && (err != nil || kind != want.kind || url != want.url):
			t.Errorf("%q is %s %s (%v), want %s %s", typed, kind, url, err, want.kind, want.url)
		}
		if again, same, err := queries.ParseVideo(url); err == nil && want.kind != "" && (again != kind || same != url) {
			t.Errorf("%q, parsed again, is %s %s", url, again, same)
		}
	}
}
