package stripesim

import (
	"encoding/json"
	"maps"
)

// ref is another object's id that can be expanded; empty is null.
type ref string

func (r ref) MarshalJSON() ([]byte, error) { return orNull(string(r)) }

// text is null when it is empty.
type text string

func (t text) MarshalJSON() ([]byte, error) { return orNull(string(t)) }

// stamp is a moment in seconds; 0 is null.
type stamp int64

func (s stamp) MarshalJSON() ([]byte, error) { return orNull(int64(s)) }

func orNull[T comparable](value T) ([]byte, error) {
	var zero T
	if value == zero {
		return []byte("null"), nil
	}
	return json.Marshal(value)
}

// Address is postal, as Stripe writes it, in both directions.
type Address struct {
	City       text `json:"city" form:"city"`
	Country    text `json:"country" form:"country"`
	Line1      text `json:"line1" form:"line1"`
	Line2      text `json:"line2" form:"line2"`
	PostalCode text `json:"postal_code" form:"postal_code"`
	State      text `json:"state" form:"state"`
}

// Period is a stretch of time in seconds.
type Period struct {
	End   int64 `json:"end" form:"end"`
	Start int64 `json:"start" form:"start"`
}

// metadata is what an integration keeps on an object.
type metadata map[string]string

func (m metadata) MarshalJSON() ([]byte, error) {
	if m == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(map[string]string(m))
}

// with is the metadata after a change: given keys replace, an empty value removes its key, an empty whole removes all.
func (m metadata) with(change metadataParam) metadata {
	next := maps.Clone(m)
	if change.clear || next == nil {
		next = metadata{}
	}
	for key, value := range change.set {
		if value == "" {
			delete(next, key)
		} else {
			next[key] = value
		}
	}
	return next
}

// set writes a parameter over a value if it was given.
func set[T any](value *T, param *T) {
	if param != nil {
		*value = *param
	}
}
