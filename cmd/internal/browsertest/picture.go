package browsertest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/chromedp/chromedp"
)

// Picture is the whole page as a PNG.
func (w *Window) Picture() []byte {
	w.t.Helper()
	picture, err := w.picture()
	w.do("take a picture", err)
	return picture
}

// picture makes the window as high as the page for a moment, so that what stands at its edges is at the edges of the picture.
func (w *Window) picture() ([]byte, error) {
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	height, err := chromedp.Run(ctx, chromedp.Evaluate[int64](`document.documentElement.scrollHeight`))
	if err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, w.settings.screen(height)); err != nil {
		return nil, err
	}
	picture, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	return picture, errors.Join(err, chromedp.Do(ctx, w.settings.screen(0)))
}

// report is the last thing a window does: it tells what its pages complained about, and leaves a picture when the test has
// failed.
func (w *Window) report() {
	w.t.Helper()
	for _, complaint := range w.Complaints() {
		w.t.Errorf("the browser's console says: %s", complaint)
	}
	if !w.t.Failed() {
		return
	}
	path, err := w.keepPicture()
	if err != nil {
		w.t.Logf("there is no picture of this window: %v", err)
		return
	}
	w.t.Logf("a picture of this window is in %s", path)
}

// keepPicture puts a picture where it outlives the test.
func (w *Window) keepPicture() (path string, err error) {
	picture, err := w.picture()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(os.TempDir(), "atrium-failed-tests")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	file, err := os.CreateTemp(dir, fmt.Sprintf("%s-*.png", strings.ReplaceAll(w.t.Name(), "/", "-")))
	if err != nil {
		return "", err
	}
	defer file.Close()
	_, err = file.Write(picture)
	return file.Name(), err
}
