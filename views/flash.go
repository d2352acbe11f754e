package views

// The kinds of [Flash].
const (
	FlashSuccess = "success" // goes away by itself after a while
	FlashInfo    = "info"    // stays until dismissed, like the two below
	FlashWarning = "warning"
	FlashError   = "error"
)

// Flash is one message about what just happened. The zero value shows nothing; an empty Kind is [FlashInfo].
type Flash struct {
	Kind string
	Text string

	// The way on, in a new tab, since the page stays as it is; empty: none. Never from a cookie, which others may plant.
	Action string `json:"-"`
	Href   string `json:"-"`
}

// Icon is the icon that goes with the kind, so that colour never speaks alone.
func (f Flash) Icon() string {
	switch f.Kind {
	case FlashSuccess:
		return "circle-check"
	case FlashWarning:
		return "triangle-alert"
	case FlashError:
		return "circle-alert"
	}
	return "info"
}

// Role is how urgently a screen reader speaks it: failures interrupt, the rest waits.
func (f Flash) Role() string {
	if f.Kind == FlashError {
		return "alert"
	}
	return "status"
}
