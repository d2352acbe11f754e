package views

import "testing"

// A drawn cover follows from its title and the colours, is another one for another title, and stands whatever the colours are.
func TestCoverDrawing(t *testing.T) {
	t.Parallel()
	first, again := Cover{Title: "Clear goals", Accent: "#c2410c", Accent2: "#0f766e"}, Cover{Title: "Clear goals", Accent: "#c2410c", Accent2: "#0f766e"}
	if first.Drawing() != again.Drawing() {
		t.Error("it is not always the same")
	}
	seen := map[CoverDrawing]bool{}
	for _, title := range []string{"Clear goals", "Clear aims", "", "明確な目標"} {
		for _, accent := range []string{"#c2410c", "#ffffff", "#000000", "", "red"} {
			d := Cover{Title: title, Accent: accent}.Drawing()
			if _, ok := parseColor(d.Back); !ok || Contrast(d.Back, "#ffffff") < 3 {
				t.Errorf("%q on %q: %+v", title, accent, d)
			}
			seen[d] = true
		}
	}
	if len(seen) < 4*2 { // a tone cannot be seen of accents without one
		t.Errorf("only %d covers", len(seen))
	}
}
