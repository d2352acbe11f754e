package stripesim

import (
	"encoding/json"
	"path"
	"reflect"
	"strings"
)

// Event is something that happened, with the object as it was then.
type Event struct {
	head
	Account         string        `json:"account,omitempty"` // the connected account whose event it is
	APIVersion      string        `json:"api_version"`
	Data            EventData     `json:"data"`
	PendingWebhooks int64         `json:"pending_webhooks"`
	Request         *EventRequest `json:"request"` // the call that caused it; null: it happened by itself or on a hosted page
	Type            string        `json:"type"`
}

// EventData is what an event is about.
type EventData struct {
	Object             json.RawMessage `json:"object"`
	PreviousAttributes map[string]any  `json:"previous_attributes,omitempty"` // what was different before, for *.updated
}

// EventRequest names the call that caused an event.
type EventRequest struct {
	ID             text `json:"id"`
	IdempotencyKey text `json:"idempotency_key"`
}

// emit records that something happened to an object and sends it to all who listen. An update that changed nothing is none.
func (b *books) emit(kind string, about object) {
	raw, err := json.Marshal(about)
	if err != nil {
		panic("stripesim: an object cannot be written: " + err.Error())
	}
	var now map[string]any
	_ = json.Unmarshal(raw, &now) // it was written a moment ago
	before := b.seen[about.key()]
	b.seen[about.key()] = now
	event := &Event{head: b.newHead("evt", "event"), Account: b.account, APIVersion: Version, Type: kind, Data: EventData{Object: raw}}
	if strings.HasSuffix(kind, ".updated") && before != nil {
		event.Data.PreviousAttributes = difference(before, now)
		if len(event.Data.PreviousAttributes) == 0 {
			return
		}
	}
	if by := b.s.current; by != nil {
		event.Request = &EventRequest{text(by.id), text(by.key)}
	}
	b.events.add(event)
	b.deliver(event)
	if b.s.options.Emitted != nil {
		b.s.options.Emitted(event)
	}
}

// difference holds what the fields that changed were before.
func difference(before, now map[string]any) map[string]any {
	changed := map[string]any{}
	for key, value := range now {
		if old, there := before[key]; !reflect.DeepEqual(old, value) {
			oldMap, was := old.(map[string]any)
			newMap, is := value.(map[string]any)
			if there && was && is {
				changed[key] = difference(oldMap, newMap)
			} else {
				changed[key] = old
			}
		}
	}
	return changed
}

type eventsParams struct {
	page
	Created *span    `form:"created"`
	Type    string   `form:"type"`
	Types   []string `form:"types"`
}

func listEvents(c *call, p *eventsParams) (any, error) {
	return listed(c, p.page, &c.events, func(e *Event) bool {
		return p.Created.has(e.Created) && (p.Type == "" || matches(p.Type, e.Type)) && (len(p.Types) == 0 || matchesAny(p.Types, e.Type))
	})
}

func getEvent(c *call, _ *none) (any, error) { return c.events.need(c.id, "event", "id") }

// matches compares an event's type with a pattern such as invoice.*.
func matches(pattern, kind string) bool {
	fits, err := path.Match(pattern, kind)
	return err == nil && fits
}

func matchesAny(patterns []string, kind string) bool {
	for _, pattern := range patterns {
		if matches(pattern, kind) {
			return true
		}
	}
	return false
}
