// Package browsertest drives a real Chromium for tests: one browser for a test process, and in it a window with cookies, cache
// and storage of its own for each person of a test. They do what people do: press what can be seen and reached, type keys, and
// wait for what they then see. Whatever fails, fails the test and leaves a picture of every window it had open.
//
// A page that writes errors to its console fails the test too, so each test also proves that the page works under its content
// security policy.
//
// Only tests import it; Stop belongs into their TestMain. A machine without Chromium fails them with the line that installs it;
// nothing is skipped.
package browsertest

import (
	"context"
	"errors"
	"os/exec"
	"sync"

	"github.com/chromedp/chromedp"
)

// names are what Chromium is called, on the path or by its whole path, in the order in which they are tried.
var names = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless-shell",
	"/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"}

var errMissing = errors.New("this test needs Chromium, and there is none on this machine; install it with: " +
	"apt-get install --no-install-recommends chromium fonts-dejavu-core")

// shared is the one browser, started when first asked for; started is the same without starting it.
var (
	shared  = sync.OnceValues(start)
	started context.Context
)

func start() (context.Context, error) {
	path := ""
	for _, name := range names {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		return nil, errMissing
	}
	// The defaults are headless, without first run, background networking and sync, in a folder of its own, and without the
	// sandbox as root.
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	allocator, end := chromedp.NewExecAllocator(context.Background(), options...)
	browser, _ := chromedp.NewContext(allocator)
	if err := chromedp.Do(browser); err != nil {
		end()
		return nil, err
	}
	started = browser
	return browser, nil
}

// Stop ends the browser, if a test has started it, and removes its folder.
func Stop() {
	if started != nil {
		_ = chromedp.Cancel(started) // a test process that ends has nobody to tell
	}
}
