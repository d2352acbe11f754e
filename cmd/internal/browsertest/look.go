package browsertest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/chromedp/chromedp"
)

// Until waits until a JavaScript expression is true in the page, whichever page that is by then.
func (w *Window) Until(expression string) {
	w.t.Helper()
	w.wait("see "+expression, func(ctx context.Context) (bool, error) {
		return chromedp.Run(ctx, chromedp.Evaluate[bool](`Boolean(`+expression+`)`))
	})
}

// UntilPath waits until the page of that path is there.
func (w *Window) UntilPath(path string) {
	w.t.Helper()
	w.Until(fmt.Sprintf(`location.pathname === %s && document.readyState === "complete"`, quote(path)))
}

// wait looks again and again until it finds what it looks for. An error counts as not yet: a page that is being left does not
// answer.
func (w *Window) wait(what string, look func(context.Context) (found bool, err error)) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	for {
		found, err := look(ctx)
		if found {
			return
		}
		select {
		case <-ctx.Done():
			w.do(what, errors.Join(fmt.Errorf("it took more than %s", patience), err))
		case <-time.After(15 * time.Millisecond):
		}
	}
}

// Get is the value of a JavaScript expression in the page.
func Get[T any](w *Window, expression string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	value, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	w.do("find out "+expression, err)
	return value
}

// Has tells whether a selector finds anything in the page.
func (w *Window) Has(selector string) bool {
	w.t.Helper()
	return Get[bool](w, fmt.Sprintf(`document.querySelector(%s) !== null`, quote(selector)))
}

// Text is what somebody reads in the first element that a selector finds, and waits for there to be one.
func (w *Window) Text(selector string) string {
	w.t.Helper()
	w.Until(fmt.Sprintf(`document.querySelector(%s)`, quote(selector)))
	return Get[string](w, fmt.Sprintf(`document.querySelector(%s).innerText.trim()`, quote(selector)))
}

// Value is what stands in a field.
func (w *Window) Value(selector string) string {
	w.t.Helper()
	return Get[string](w, fmt.Sprintf(`document.querySelector(%s).value`, quote(selector)))
}

// UntilFocus waits until the focus is on the first element that a selector finds, or within it.
func (w *Window) UntilFocus(selector string) {
	w.t.Helper()
	w.Until(fmt.Sprintf(`document.querySelector(%s)?.contains(document.activeElement)`, quote(selector)))
}

// URL is the address of the page.
func (w *Window) URL() *url.URL {
	w.t.Helper()
	address, err := url.Parse(Get[string](w, `location.href`))
	w.do("read the address", err)
	return address
}

// quote is a value as JavaScript writes it.
func quote(value any) string {
	quoted, err := json.Marshal(value)
	if err != nil {
		panic(err) // only texts and lists of them come here
	}
	return string(quoted)
}
