package browsertest

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// patience is how long a window waits for what it is told to wait for; far longer than anything takes on an idle machine.
const patience = 40 * time.Second

// Settings say what somebody looks through. The zero value is a laptop, 1280 by 800, light, with scripts.
type Settings struct {
	Phone     bool // 390 by 844, with touch instead of a mouse; otherwise 1280 by 800
	Low       bool // 600 instead of 800, as on a small laptop; not with Phone
	Dark      bool
	NoScripts bool
}

// Window is one person's browser.
type Window struct {
	t        testing.TB
	ctx      context.Context
	settings Settings
	seen     *record
}

// Open gives somebody a browser that nobody has used before. It is closed when the test is over.
func Open(t testing.TB, settings Settings) *Window {
	t.Helper()
	browser, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	w := &Window{t: t, ctx: ctx, seen: &record{}}
	t.Cleanup(func() {
		w.report()
		cancel()
	})
	w.do("open a window", chromedp.Listen(ctx, w.seen.event))
	// Every window believes that it is the one in front, so that tests can run beside each other.
	_, err = chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	w.do("give the window the focus", err)
	w.Be(settings)
	return w
}

// Be changes what the person looks through. Scripts that run already go on, and those of the page after it obey.
func (w *Window) Be(settings Settings) {
	w.t.Helper()
	w.settings = settings
	scheme := "light"
	if settings.Dark {
		scheme = "dark"
	}
	w.do("change the window", chromedp.Do(w.ctx, settings.screen(0), func(ctx context.Context, target *chromedp.Target) (chromedp.Void, error) {
		// Without motion, what is there is where it will be.
		media := []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}
		if _, err := cdp.Call(ctx, target, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: media}); err != nil {
			return chromedp.Void{}, err
		}
		_, err := cdp.Call(ctx, target, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: settings.NoScripts})
		return chromedp.Void{}, err
	}))
	w.do("let colours arrive", chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](arrive)))
}

// screen is the size of what somebody looks through, or one so much higher that it shows the whole of a page.
func (s Settings) screen(height int64) chromedp.Action[chromedp.Void] {
	if s.Phone {
		return chromedp.EmulateViewport(390, max(844, height), chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulatePortrait)
	}
	if s.Low {
		return chromedp.EmulateViewport(1280, max(600, height))
	}
	return chromedp.EmulateViewport(1280, max(800, height))
}

// arrive ends what is on its way to other colours, since a window that nobody looks at draws no frames to end it. The end of one
// can be the beginning of another, in what inherits from it. What never ends is left alone, and so is what has ended and stays in effect.
const arrive = `for (let ending = true; ending;) {
	const finite = document.getAnimations().filter(animation => animation.playState !== "finished" && animation.effect.getComputedTiming().endTime !== Infinity);
	finite.forEach(animation => animation.finish());
	ending = finite.length > 0;
}`

// do ends the test when something could not be done.
func (w *Window) do(what string, err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatalf("could not %s: %v\n%s", what, err, w.state())
	}
}

// state says what the window shows, for messages about what it does not.
func (w *Window) state() string {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	text, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.href + "\n" + (document.body?.innerText ?? "").slice(0, 1500)`))
	if err != nil {
		return fmt.Sprintf("(the window does not answer: %v)", err)
	}
	return "The window shows " + text
}
