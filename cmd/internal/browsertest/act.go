package browsertest

import (
	"context"
	"fmt"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Open goes to an address, as typed into the address bar, and returns when the page is there with everything in it.
func (w *Window) Open(url string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	w.do("open "+url, chromedp.Do(ctx, chromedp.Navigate(url)))
}

// reach is where to press the first visible element that a selector finds; null while it cannot be pressed: switched off, or
// under something else. The middle of an element that is wrapped lies between its lines, so its first line counts.
const reach = `(selector => {
	const element = [...document.querySelectorAll(selector)].find(e => e.checkVisibility({visibilityProperty: true}) && !e.disabled);
	if (!element) return null;
	element.scrollIntoView({block: "center", inline: "center", behavior: "instant"});
	const line = element.getClientRects()[0];
	if (!line || !line.width || !line.height) return null;
	const x = line.x + line.width / 2, y = line.y + line.height / 2;
	return element.contains(document.elementFromPoint(x, y)) ? {x, y} : null;
})(%s)`

// Press presses what a selector finds, with the mouse, or with a finger on a phone. It waits until that can be done.
func (w *Window) Press(selector string) {
	w.t.Helper()
	w.pressTimes(selector, 1)
}

// PressTwice is the double click of an impatient person.
func (w *Window) PressTwice(selector string) {
	w.t.Helper()
	w.pressTimes(selector, 2)
}

func (w *Window) pressTimes(selector string, times int) {
	w.t.Helper()
	at := w.reach("press "+selector, selector)
	for n := range times {
		press := chromedp.MouseClickXY(at.X, at.Y, chromedp.ClickCount(n+1))
		if w.settings.Phone {
			press = chromedp.TapXY(at.X, at.Y)
		}
		w.do("press "+selector, chromedp.Do(w.ctx, press))
	}
}

type point struct{ X, Y float64 }

// reach waits until what a selector finds can be pressed, and says where.
func (w *Window) reach(what, selector string) (at point) {
	w.t.Helper()
	w.wait(what, func(ctx context.Context) (bool, error) {
		found, err := chromedp.Run(ctx, chromedp.Evaluate[*point](fmt.Sprintf(reach, quote(selector))))
		if found != nil {
			at = *found
		}
		return found != nil, err
	})
	return at
}

// Drag takes what a selector finds, with the mouse or with a finger on a phone, and lets it go at the lower edge of what another finds.
func (w *Window) Drag(selector, onto string) {
	w.t.Helper()
	from := w.reach("drag "+selector, selector)
	to := Get[point](w, fmt.Sprintf(`(box => ({x: box.x + box.width / 3, y: box.bottom - 4}))(document.querySelector(%s).getBoundingClientRect())`, quote(onto)))
	if w.settings.Phone {
		w.finger("drag "+selector, from.X, from.Y, to.X, to.Y)
		return
	}
	event := func(kind input.DispatchMouseEventType, x, y float64, held int64) {
		_, err := chromedp.Call(w.ctx, input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: kind, X: x, Y: y, Button: input.MouseButtonLeft, Buttons: held, ClickCount: 1})
		w.do("drag "+selector, err)
	}
	event(input.DispatchMouseEventTypeMouseMoved, from.X, from.Y, 0)
	event(input.DispatchMouseEventTypeMousePressed, from.X, from.Y, 1)
	for step := range 5 {
		part := float64(step+1) / 5
		event(input.DispatchMouseEventTypeMouseMoved, from.X+(to.X-from.X)*part, from.Y+(to.Y-from.Y)*part, 1)
	}
	event(input.DispatchMouseEventTypeMouseReleased, to.X, to.Y, 0)
}

// Swipe moves a finger upwards from what a selector finds, so that the page scrolls by so many pixels.
func (w *Window) Swipe(selector string, pixels float64) {
	w.t.Helper()
	from := w.reach("swipe "+selector, selector)
	w.finger("swipe "+selector, from.X, from.Y, from.X, from.Y-pixels)
}

// finger touches one place, goes to another and lets go.
func (w *Window) finger(what string, x, y, toX, toY float64) {
	w.t.Helper()
	event := func(kind input.DispatchTouchEventType, points ...*input.TouchPoint) {
		_, err := chromedp.Call(w.ctx, input.DispatchTouchEvent, input.DispatchTouchEventParams{Type: kind, TouchPoints: points})
		w.do(what, err)
	}
	event(input.DispatchTouchEventTypeTouchStart, &input.TouchPoint{X: x, Y: y})
	for step := range 8 {
		part := float64(step+1) / 8
		event(input.DispatchTouchEventTypeTouchMove, &input.TouchPoint{X: x + (toX-x)*part, Y: y + (toY-y)*part})
	}
	event(input.DispatchTouchEventTypeTouchEnd)
}

// Type replaces what stands in a field, key by key.
func (w *Window) Type(selector, text string) {
	w.t.Helper()
	w.Press(selector)
	w.UntilFocus(selector)
	w.do("select the text of "+selector, chromedp.Do(w.ctx, chromedp.Evaluate[chromedp.Void](`document.activeElement.select()`)))
	w.Keys(text)
}

// Keys types on the keyboard, wherever the focus is. The keys without a character are in package kb of chromedp.
func (w *Window) Keys(keys string, modifiers ...chromedp.Modifier) {
	w.t.Helper()
	for _, key := range keys {
		w.do("type", chromedp.Do(w.ctx, press(key, modifiers)))
	}
}

// press presses a key and lets it go. It leaves it to the browser to make the character of the key, which a page can prevent;
// chromedp's own way brings the character whatever the page does.
func press(key rune, modifiers []chromedp.Modifier) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, target *chromedp.Target) error {
		events := kb.Encode(key)
		down, up := *events[0], *events[len(events)-1]
		for _, modifier := range modifiers {
			down.Modifiers, up.Modifiers = down.Modifiers|int64(modifier), up.Modifiers|int64(modifier)
		}
		if len(events) == 3 && len(modifiers) == 0 {
			down.Type, down.Text = input.DispatchKeyEventTypeKeyDown, events[1].Text
		}
		if _, err := cdp.Call(ctx, target, input.DispatchKeyEvent, down); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, target, input.DispatchKeyEvent, up)
		return err
	})
}

// Follow presses what leads to another page, and returns when that is there.
func (w *Window) Follow(selector string) {
	w.t.Helper()
	w.Leave(func() { w.Press(selector) })
}

// Leave does what leads to another page, and returns when that is there.
func (w *Window) Leave(act func()) {
	w.t.Helper()
	const born = `String(performance.timeOrigin)` // each document has its own
	before := Get[string](w, born)
	act()
	w.Until(fmt.Sprintf(`%s !== %s && document.readyState === "complete"`, born, quote(before)))
}
