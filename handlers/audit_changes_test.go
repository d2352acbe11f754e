package handlers

import (
	"fmt"
	"testing"
)

func TestAuditChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ was, became, want string }{
		{``, ``, `[]`},
		{`null`, `{}`, `[]`},
		{`{"role": "support"}`, `{"role": "admin"}`, `[{Role support admin}]`},
		{``, `{"role": "admin"}`, `[{Role  admin}]`},
		{`{"a": 1, "show_product": true}`, `{"a": 1, "show_product": false}`, `[{Show product on off}]`},
		{`{"ShowProduct": null}`, `{"ShowProduct": "yes"}`, `[{Show product  yes}]`},
		{`{"days": [3, 7], "URL": "x"}`, `{"days": [3], "URL": "y"}`, `[{Url x y} {Days 3, 7 3}]`},
		{`"plain"`, `"other"`, `[{ plain other}]`},
		{`{"link": {"label": "Home"}}`, `{"link": {"label": "Start"}}`, `[{Link {"label":"Home"} {"label":"Start"}}]`},
		{`nonsense`, `{"a": 1}`, `[{A  1}]`},
	} {
		if got := fmt.Sprint(auditChanges([]byte(c.was), []byte(c.became))); got != c.want {
			t.Errorf("%s to %s: %s, want %s", c.was, c.became, got, c.want)
		}
	}
}
