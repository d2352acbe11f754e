package handlers

import (
	"testing"

	"atrium/queries"
)

// Devices are told apart by what people call them; agents name each other, so the order of looking matters.
func TestAgentWords(t *testing.T) {
	t.Parallel()
	for agent, want := range map[string]struct {
		words string
		phone bool
	}{
		firefox: {"Firefox on Windows", false},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36":                         {"Chrome on Windows", false},
		"Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0":           {"Edge on Windows", false},
		"Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Safari/605.1.15":                   {"Safari on Mac", false},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/19.1 Mobile/15E148 Safari/604.1": {"Safari on iPhone", true},
		"Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/142.0 Mobile/15E148 Safari/604.1":  {"Chrome on iPhone", true},
		"Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Mobile Safari/537.36":                   {"Chrome on Android", true},
		"Mozilla/5.0 (Linux; Android 14; SM-X710) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/27.0 Chrome/125.0.0.0 Safari/537.36":      {"Samsung Internet on Android", false},
		"Mozilla/5.0 (X11; Linux x86_64; rv:144.0) Gecko/20100101 Firefox/144.0":                                                                  {"Firefox on Linux", false},
		"Mozilla/5.0 (iPad; CPU OS 18_0 like Mac OS X) AppleWebKit/605.1.15":                                                                      {"iPad", false},
		"curl/8.5.0": {"Unknown browser", false}, "": {"Unknown browser", false},
	} {
		if got := agentWords(agent); got != want.words || isPhone(agent) != want.phone {
			t.Errorf("%s: %q, phone %v", agent, got, isPhone(agent))
		}
	}
}

// Every value that a row can have is told in words, so that a new one does not show as nothing.
func TestEveryValueHasWords(t *testing.T) {
	t.Parallel()
	check := func(value, words string) {
		if words == "" {
			t.Errorf("%s has no words", value)
		}
	}
	for _, v := range queries.AllContactSourceValues() {
		check(string(v), sourceWords(v))
	}
	for _, v := range queries.AllMailKindValues() {
		check(string(v), mailWords(v))
	}
	for _, v := range queries.AllMailStateValues() {
		check(string(v), mailState(v).Word)
	}
	for _, v := range queries.AllLinkKindValues() {
		check(string(v), linkWords(v))
	}
	for _, v := range queries.AllEndReasonValues() {
		check(string(v), endWords(&v))
	}
	for _, v := range queries.AllSignInMethodValues() {
		check(string(v), methodWords(v))
	}
	for _, v := range queries.AllStaffRoleValues() {
		check(string(v), roleWords(v))
	}
}

// A link that only filters looked at is not told as one the client opened.
func TestFetchedWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		person, filter int64
		want           string
	}{
		{0, 0, ""}, {1, 0, "Opened once"}, {3, 0, "Opened 3 times"}, {0, 1, "Opened once by a mail filter, not by the client"},
		{1, 2, "Opened once, and 2 times by a mail filter"},
	} {
		if got := fetchedWords(c.person, c.filter); got != c.want {
			t.Errorf("%d by a person, %d by filters: %q, want %q", c.person, c.filter, got, c.want)
		}
	}
}
