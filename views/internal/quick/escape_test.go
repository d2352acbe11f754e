package quick

import (
	"fmt"
	"strings"
	"sync"
	"testing"
)

// Thousands of places end in a dozen ways, and each way keeps a template.
func TestEscapersAreShared(t *testing.T) {
	t.Parallel()
	names := []string{"_html_template_urlfilter", "_html_template_urlnormalizer", "_html_template_attrescaper"}
	first := escaperOf(names)
	if escaperOf([]string{names[0], names[1], names[2]}) != first {
		t.Error("a second place has an escaper of its own")
	}
	if escaperOf(names[1:]) == first {
		t.Error("places that end in other ways share one")
	}
	if got := string(first.text(nil, "javascript:x", false)); got != "#ZgotmplZ" {
		t.Errorf("an address is written as %q", got)
	}
	var wait sync.WaitGroup
	for i := range 8 {
		wait.Go(func() {
			for range 50 {
				if got, want := string(first.text(nil, fmt.Sprintf("/ %d", i), false)), fmt.Sprintf("/%%20%d", i); got != want {
					t.Errorf("an address is written as %q", got)
				}
			}
		})
	}
	wait.Wait()
}

func TestUnknownEscaperIsRefused(t *testing.T) {
	t.Parallel()
	defer func() {
		if problem := recover(); !strings.HasPrefix(fmt.Sprint(problem), "escapers [_html_template_none]") {
			t.Errorf("it is refused with %v", problem)
		}
	}()
	escaperOf([]string{"_html_template_none"})
}
