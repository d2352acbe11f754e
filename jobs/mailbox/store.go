package mailbox

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// extension is how a kept mail's file name ends; before it stands the ID.
const extension = ".eml"

// Messages are the kept mails, newest first.
func (b *Box) Messages() []Message {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	newest := slices.Clone(b.messages)
	slices.Reverse(newest)
	return newest
}

// Message is the mail with that ID; false when there is none (any more).
func (b *Box) Message(id string) (Message, bool) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	for _, message := range b.messages {
		if message.ID == id {
			return message, true
		}
	}
	return Message{}, false
}

// Wait returns the newest mail to that address which match accepts, and waits
// for one to come as long as ctx lasts. Upper and lower case count as equal.
// A nil match takes any. The error is ctx's, with the address.
func (b *Box) Wait(ctx context.Context, to string, match func(Message) bool) (Message, error) {
	for {
		b.mutex.Lock()
		changed := b.changed
		b.mutex.Unlock()
		for _, message := range b.Messages() {
			if strings.EqualFold(message.To, to) && (match == nil || match(message)) {
				return message, nil
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return Message{}, fmt.Errorf("mailbox: no such mail to %s: %w", to, ctx.Err())
		}
	}
}

// store keeps a mail under the time it came and wakes those who wait.
func (b *Box) store(raw []byte) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	// Two mails in one tick of the clock still get two IDs, in order.
	b.last = max(b.last+1, time.Now().UnixNano())
	id := strconv.FormatInt(b.last, 10)
	if b.options.Dir != "" {
		if err := os.WriteFile(b.path(id), raw, 0o600); err != nil {
			return fmt.Errorf("mailbox: %w", err)
		}
	}
	b.messages = append(b.messages, parse(id, raw))
	b.trim()
	close(b.changed)
	b.changed = make(chan struct{})
	return nil
}

// trim drops the oldest mails beyond what is kept. A file that cannot be
// removed is tried again after the next start.
func (b *Box) trim() {
	for len(b.messages) > b.options.Keep {
		if b.options.Dir != "" {
			os.Remove(b.path(b.messages[0].ID))
		}
		b.messages = b.messages[1:]
	}
}

// load reads the folder of an earlier run.
func (b *Box) load() error {
	if b.options.Dir == "" {
		return nil
	}
	if err := os.MkdirAll(b.options.Dir, 0o700); err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	entries, err := os.ReadDir(b.options.Dir) // by name, so by time
	if err != nil {
		return fmt.Errorf("mailbox: %w", err)
	}
	for _, entry := range entries {
		id, found := strings.CutSuffix(entry.Name(), extension)
		nanoseconds, err := strconv.ParseInt(id, 10, 64)
		if !found || err != nil {
			continue
		}
		raw, err := os.ReadFile(b.path(id))
		if err != nil {
			return fmt.Errorf("mailbox: %w", err)
		}
		b.last = max(b.last, nanoseconds)
		b.messages = append(b.messages, parse(id, raw))
	}
	b.trim()
	return nil
}

// path is the file of a mail.
func (b *Box) path(id string) string {
	return filepath.Join(b.options.Dir, id+extension)
}
