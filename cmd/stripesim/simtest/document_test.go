package simtest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"atrium/cmd/stripesim"
)

// form is the header of a request with parameters.
var form = http.Header{"Content-Type": {"application/x-www-form-urlencoded"}}

// TestCheckSees proves that the check finds what it is there to find.
func TestCheckSees(t *testing.T) {
	t.Parallel()
	document, err := described()
	if err != nil {
		t.Fatal(err)
	}
	const customer = `{"id":"cus_1","object":"customer","created":1,"livemode":false%s}`
	with := func(more string) []byte { return []byte(strings.Replace(customer, "%s", more, 1)) }
	for _, test := range []struct {
		what     string
		exchange stripesim.Exchange
		problem  string // empty: there is none
	}{
		{"all is well", stripesim.Exchange{Body: "name=Ada&metadata[a]=b", Status: 200, Answer: with("")}, ""},
		{"an invented parameter", stripesim.Exchange{Body: "colour=red", Status: 200, Answer: with("")}, "additional properties"},
		{"a parameter of the wrong type", stripesim.Exchange{Body: "balance=much", Status: 200, Answer: with("")}, "balance"},
		{"an invented field", stripesim.Exchange{Status: 200, Answer: with(`,"colour":"red"`)}, "colour"},
		{"an invented field further in", stripesim.Exchange{Status: 200, Answer: with(`,"invoice_settings":{"colour":"red"}`)}, "colour"},
		{"a field of the wrong type", stripesim.Exchange{Status: 200, Answer: with(`,"balance":"much"`)}, "balance"},
		{"a missing field", stripesim.Exchange{Status: 200, Answer: []byte(`{"id":"cus_1","object":"customer"}`)}, "created"},
		{"no JSON", stripesim.Exchange{Status: 200, Answer: []byte(`<html>`)}, "invalid character"},
		{"an error", stripesim.Exchange{Body: "colour=red", Status: 400, Answer: []byte(`{"error":{"type":"invalid_request_error","message":"No."}}`)}, ""},
		{"an invented kind of error", stripesim.Exchange{Status: 400, Answer: []byte(`{"error":{"type":"tired","message":"No."}}`)}, "type"},
		{"an address of nobody's", stripesim.Exchange{Path: "/v1/colours", Status: 200, Answer: with("")}, "no such operation"},
	} {
		e := test.exchange
		e.Method, e.Pattern, e.Header = http.MethodPost, "POST /v1/customers", form
		if e.Path == "" {
			e.Path = "/v1/customers"
		}
		found := strings.Join(document.exchange(e), "\n")
		if (found == "") != (test.problem == "") || !strings.Contains(found, test.problem) {
			t.Errorf("%s: found %q, want %q", test.what, found, test.problem)
		}
	}
}

func TestCheckSeesEvents(t *testing.T) {
	t.Parallel()
	document, err := described()
	if err != nil {
		t.Fatal(err)
	}
	for about, problem := range map[string]string{
		`{"id":"cus_1","object":"customer","created":1,"livemode":false}`:              "",
		`{"id":"cus_1","object":"customer","created":1,"livemode":false,"colour":"x"}`: "colour",
		`{"id":"x","object":"colour"}`:                                                 "no object",
	} {
		event := &stripesim.Event{Type: "customer.created", APIVersion: stripesim.Version, Data: stripesim.EventData{Object: json.RawMessage(about)}}
		event.ID, event.Object = "evt_1", "event"
		if found := strings.Join(document.event(event), "\n"); (found == "") != (problem == "") || !strings.Contains(found, problem) {
			t.Errorf("%s: found %q, want %q", about, found, problem)
		}
	}
	event := &stripesim.Event{Type: "customer.painted", APIVersion: stripesim.Version, Data: stripesim.EventData{Object: json.RawMessage(`{"id":"cus_1","object":"customer","created":1,"livemode":false}`)}}
	event.ID, event.Object = "evt_1", "event"
	if found := strings.Join(document.event(event), "\n"); found != "Stripe has no such event" {
		t.Errorf("an invented event: found %q", found)
	}
}
