package mail

import (
	"bytes"
	netmail "net/mail"
	"slices"
	"testing"
)

// FuzzMessage: whatever people are called and subjects say, a mail has the headers and recipients it had without them, and its text.
func FuzzMessage(f *testing.F) {
	headers := func(t testing.TB, m Message) (names []string, read *netmail.Message) {
		t.Helper()
		sealed, err := m.seal()
		if err != nil {
			return nil, nil
		}
		if read, err = netmail.ReadMessage(bytes.NewReader(sealed.content)); err != nil {
			t.Fatalf("%v: no mail\n%q", err, sealed.content)
		}
		for name := range read.Header {
			names = append(names, name)
		}
		slices.Sort(names)
		return names, read
	}
	want, _ := headers(f, written())
	for _, text := range []string{"Ada", "", "Ada\r\nBcc: eve@example.com", "Ada\n\nNew body", "\x00", "\xff\xfe", "=?utf-8?q?=0ABcc:_eve?=", `"<eve@example.com>`, "a, b", "Ada <eve@example.com>", "\u2028\u2029\u0085", "\u202e", "(x)", `\`, `é\`, "."} {
		f.Add(text, "ada@example.com", "help@acme.test")
		f.Add("Ada", text, "help@acme.test")
		f.Add("Ada", "ada@example.com", text)
	}
	f.Fuzz(func(t *testing.T, name, to, reply string) {
		m := written()
		m.From.Name, m.To.Name, m.ReplyTo.Name, m.Subject = name, name, name, name
		m.To.Email, m.ReplyTo.Email = to, reply
		got, read := headers(t, m)
		if read == nil {
			return // refused
		}
		if reply == "" {
			got = append(got, "Reply-To")
			slices.Sort(got)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%q, %q, %q: headers %v, want %v", name, to, reply, got, want)
		}
		for _, field := range []string{"From", "To", "Reply-To"} {
			if addresses, err := read.Header.AddressList(field); (field != "Reply-To" || reply != "") && (err != nil || len(addresses) != 1) {
				t.Errorf("%q, %q, %q: %s is %q: %v", name, to, reply, field, read.Header.Get(field), err)
			}
			if got := read.Header[field]; len(got) > 1 {
				t.Errorf("%s stands there %d times", field, len(got))
			}
		}
		if addresses, err := read.Header.AddressList("To"); err == nil && len(addresses) == 1 && addresses[0].Address != to {
			t.Errorf("to %q goes to %q", to, addresses[0].Address)
		}
	})
}
