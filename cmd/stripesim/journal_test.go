package stripesim_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"atrium/cmd/stripesim"
)

var requestID = regexp.MustCompile(`req_\d+`)

// A stand-in with a journal goes on where the one before it ended: the same objects under the same ids, with what happened by itself.
func TestJournalIsGoneOnWith(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "journal")
	at := time.Date(2026, 9, 1, 9, 0, 0, 0, time.UTC)
	start := func() *stripesim.Server {
		s, err := stripesim.Start(stripesim.Options{Now: at, Journal: name})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	ask := func(s *stripesim.Server, method, path string, values url.Values) map[string]any {
		t.Helper()
		r, err := http.NewRequestWithContext(t.Context(), method, s.URL+path, strings.NewReader(values.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer sk_test_x")
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer answer.Body.Close()
		body, err := io.ReadAll(answer.Body)
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, answer.StatusCode, body)
		}
		told := map[string]any{}
		if err := json.Unmarshal(body, &told); err != nil {
			t.Fatal(err)
		}
		return told
	}
	all := func(s *stripesim.Server) string {
		var lists []any
		for _, path := range []string{"customers", "subscriptions", "invoices", "events"} {
			lists = append(lists, ask(s, http.MethodGet, "/v1/"+path+"?limit=100", nil)["data"])
		}
		text, err := json.Marshal(lists)
		if err != nil {
			t.Fatal(err)
		}
		return requestID.ReplaceAllString(strings.ReplaceAll(string(text), s.URL, "URL"), "req") // the port is another one, and calls that read are counted and not kept
	}

	first := start()
	customer := ask(first, http.MethodPost, "/v1/customers", url.Values{"email": {"ana@example.com"}, "payment_method": {"pm_card_visa"}})
	card := ask(first, http.MethodGet, "/v1/customers/"+customer["id"].(string)+"/payment_methods", nil)["data"].([]any)[0].(map[string]any)["id"].(string)
	price := ask(first, http.MethodPost, "/v1/prices", url.Values{"currency": {"eur"}, "unit_amount": {"900"}, "recurring[interval]": {"month"}, "product_data[name]": {"Circle"}})
	ask(first, http.MethodPost, "/v1/subscriptions", url.Values{"customer": {customer["id"].(string)}, "items[0][price]": {price["id"].(string)}, "default_payment_method": {card}})
	if err := first.Advance(40 * 24 * time.Hour); err != nil { // one renewal
		t.Fatal(err)
	}
	ask(first, http.MethodPost, "/v1/customers", url.Values{"email": {"later@example.com"}})
	before, until := all(first), first.Now()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(name, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteString(`{"at": "2026-10-1`); err != nil { // killed in the middle
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}

	second := start()
	if after := all(second); after != before {
		t.Errorf("it was\n%s\nand became\n%s", before, after)
	}
	if !second.Now().Equal(until) {
		t.Errorf("the clock stood at %s and stands at %s", until, second.Now())
	}
	ask(second, http.MethodPost, "/v1/customers", url.Values{"email": {"last@example.com"}})
	before = all(second)
	if err := second.Close(); err != nil {
		t.Fatal(err)
	}
	third := start()
	if after := all(third); after != before {
		t.Errorf("the third time it was\n%s\nand became\n%s", before, after)
	}
	third.Reset()
	if err := third.Close(); err != nil {
		t.Fatal(err)
	}
	fourth := start()
	defer fourth.Close()
	if after := all(fourth); after != "[[],[],[],[]]" {
		t.Errorf("after a reset there is %s", after)
	}
}
