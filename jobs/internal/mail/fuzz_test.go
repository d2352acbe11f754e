package mail

import (
	"bytes"
	"mime"
	netmail "net/mail"
	"slices"
	"strings"
	"testing"
)

// FuzzMessage: whatever people are called and subjects say, a mail has the headers and recipients it had without them, and its text;
// what is read of them is what was given, also by a program that decodes where it should not.
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
	for _, text := range []string{"Ada", "", "Ada\r\nBcc: eve@example.com", "Ada\n\nNew body", "\x00", "\xff\xfe", "=?utf-8?q?=0ABcc:_eve?=", "=?utf-8?b?4oCuZXZpbA==?=", "é =?utf-8?q?x?=", "=?=?", `=?\\`, "=\x00?utf-8?q?x?=", `"<eve@example.com>`, "a, b", "Ada <eve@example.com>", "\u2028\u2029\u0085", "\u202e", "(x)", `\`, `é\`, "."} {
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
		given := singleLine(name)
		subject, err := new(mime.WordDecoder).DecodeHeader(read.Header.Get("Subject"))
		if err != nil {
			t.Errorf("%q: the subject is %q: %v", name, read.Header.Get("Subject"), err)
		}
		readsAs(t, "Subject", subject, given)
		if !isASCII(given) {
			given = strings.ReplaceAll(given, `\`, "＼")
		}
		for _, field := range []string{"From", "To", "Reply-To"} {
			addresses, err := read.Header.AddressList(field)
			if (field != "Reply-To" || reply != "") && (err != nil || len(addresses) != 1) {
				t.Errorf("%q, %q, %q: %s is %q: %v", name, to, reply, field, read.Header.Get(field), err)
			}
			for _, address := range addresses {
				readsAs(t, field, address.Name, given)
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

// readsAs demands that what a program reads in a header are the given words, also if it decodes them once more. What is no UTF-8 is read as U+FFFD.
func readsAs(t *testing.T, field, read, given string) {
	t.Helper()
	again, err := new(mime.WordDecoder).DecodeHeader(read)
	if want := string([]rune(given)); string([]rune(read)) != want || string([]rune(again)) != want || err != nil {
		t.Errorf("%s reads %q, decoded once more %q, want %q: %v", field, read, again, given, err)
	}
}
