package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync/atomic"
	"testing"

	"atrium/cmd/internal/browsertest"
)

// TestVideoPlays is the way of a video: staff upload it, a client plays it on a phone and leaves it, comes back to where it was left, and
// its end finishes the lesson. When the access ends, the next part of it is not there any more.
func TestVideoPlays(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	c := s.writeCourse("Filmed", "", lessonRow{title: "The film"}, lessonRow{title: "After it"})
	s.giveCourse(c, ana, -1)
	w := browsertest.Open(t, browsertest.Settings{})
	staff(s, w)
	w.Open(s.admin("/acme" + c.at(0)))
	choose(w, "#files-video-file", "Energy diary.mp4", string(energyDiary))
	w.Press("#files-video-upload button:not([type])")
	w.Until(`document.querySelector("#files-video video")?.duration > 20`) // so it plays for staff as well

	phone := browsertest.Open(t, browsertest.Settings{Phone: true})
	client(s, phone)
	phone.Open(s.portal("acme", c.at(0)))
	play := func() {
		t.Helper()
		phone.Until(`document.querySelector("video.video").readyState >= 2`)
		browsertest.Get[any](phone, `(video => { video.muted = true; video.playbackRate = 8; return video.play(); })(document.querySelector("video.video"))`)
	}
	play()
	// It pauses by itself: at eight times its pace the rest is over in a second.
	left := browsertest.Get[int](phone, `new Promise(left => {
		const video = document.querySelector("video.video");
		video.ontimeupdate = () => {
			if (video.currentTime > 17) {
				video.pause();
				video.ontimeupdate = null;
				left(Math.floor(video.currentTime));
			}
		};
	})`)
	s.untilTrue("the position is kept", func() bool {
		return s.rowCount("lesson_visit WHERE lesson_id = $1 AND position_seconds = $2", c.lessons[0], left) == 1
	})
	if n := s.rowCount("lesson_completion WHERE lesson_id = $1", c.lessons[0]); n != 0 {
		t.Error("a video that was left has finished its lesson")
	}

	phone.Open(s.portal("acme", c.at(0)))
	phone.Until(fmt.Sprintf(`Math.abs(document.querySelector("video.video").currentTime - %d) < 1`, left)) // it goes on there
	part := fmt.Sprintf(`fetch(%q, {headers: {Range: "bytes=100-199"}}).then(async answer => answer.status + " " + (await answer.arrayBuffer()).byteLength)`, c.at(0)+"/video")
	if got := browsertest.Get[string](phone, part); got != "206 100" {
		t.Errorf("a part of it is %s", got)
	}
	play()
	phone.Until(`document.querySelector("#learning-finish .course-done") && document.querySelector("#learning-finish a.btn-primary[rel=next]")`)
	if text := phone.Text("#learning-way summary"); !strings.Contains(text, "1 of 2 done") {
		t.Errorf("beside it stands %q", text)
	}
	if n := s.rowCount("lesson_completion WHERE lesson_id = $1 AND completed_by = 'video'", c.lessons[0]); n != 1 {
		t.Errorf("%d completions", n)
	}
	if n := s.rowCount("lesson_visit WHERE lesson_id = $1 AND position_seconds = 0", c.lessons[0]); n != 1 {
		t.Error("a video that was seen to its end does not begin again")
	}

	s.exec("UPDATE access_grant SET ended_at = $3, ended_because = 'revoked' WHERE account_id = $1 AND course_id = $2", c.id, s.now())
	if got := browsertest.Get[string](phone, part); !strings.HasPrefix(got, "404 ") {
		t.Errorf("after the access has ended, a part of it is %s", got)
	}
	browsertest.Get[any](phone, `document.querySelector("video.video").src = location.pathname + "/video?again"`) // the player keeps what it has played; this it has to fetch
	phone.Until(`document.getElementById("learning-video-fault").checkVisibility()`)
}

// elsewhere is a host of somebody else's that has a film in parts, and nothing else. It counts what it is asked for.
func elsewhere(t *testing.T) (root string, asked *atomic.Int32) {
	t.Helper()
	asked = &atomic.Int32{}
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		w.Header().Set("Access-Control-Allow-Origin", "*")
		http.FileServerFS(os.DirFS("testdata/film")).ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	return server.URL, asked
}

// TestVideoInParts plays one from elsewhere that comes in parts: nothing is fetched before it is wanted, its end finishes the lesson,
// and one that is not there says so in words.
func TestVideoInParts(t *testing.T) {
	t.Parallel()
	s := startSite(t, seedDemo)
	root, asked := elsewhere(t)
	c := s.writeCourse("Streamed", "", lessonRow{title: "In parts", video: "hls", address: root + "/film.m3u8"},
		lessonRow{title: "Gone", video: "hls", address: root + "/gone.m3u8"})
	s.giveCourse(c, ana, -1)
	w := browsertest.Open(t, browsertest.Settings{})
	w.TrustAll()
	client(s, w)
	w.Open(s.portal("acme", c.at(0)))
	w.UntilQuiet()
	if n := asked.Load(); n != 0 || w.Has(`script[src*="hls"]`) {
		t.Errorf("before it is wanted, %d requests", n)
	}
	w.Press("[data-stream]")
	w.Until(`window.Hls !== undefined`) // the player is fetched only now
	s.untilTrue("the film is asked for", func() bool { return asked.Load() > 0 })
	w.Until(`document.querySelector("video.video").duration > 4`)
	browsertest.Get[any](w, `(video => { video.muted = true; video.playbackRate = 4; return video.play(); })(document.querySelector("video.video"))`)
	w.Until(`document.querySelector("#learning-finish a.btn-primary[rel=next]")`)
	if n := s.rowCount("lesson_completion WHERE lesson_id = $1 AND completed_by = 'video'", c.lessons[0]); n != 1 {
		t.Errorf("%d completions", n)
	}

	w.Open(s.portal("acme", c.at(1)))
	w.Press("[data-stream]")
	w.Until(`document.getElementById("learning-video-fault").checkVisibility()`)
	if text := w.Text("#learning-video-fault"); !strings.Contains(text, "does not play") {
		t.Errorf("it says %q", text)
	}
	w.Follow("[data-again]")
	w.UntilPath(c.at(1))
}
