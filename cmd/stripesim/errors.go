package stripesim

import (
	"fmt"
	"net/http"
)

// Error is what Stripe answers when it refuses.
type Error struct {
	Status      int            `json:"-"`
	Type        string         `json:"type"`
	Code        string         `json:"code,omitempty"`
	DeclineCode string         `json:"decline_code,omitempty"`
	Message     string         `json:"message"`
	Param       string         `json:"param,omitempty"`
	Charge      string         `json:"charge,omitempty"`
	Intent      *PaymentIntent `json:"payment_intent,omitempty"`
	Method      *PaymentMethod `json:"payment_method,omitempty"`

	early bool // found before anything was tried, so an idempotency key does not remember it
}

func (e *Error) Error() string { return e.Message }

// refuse is an error of the caller's.
func refuse(code, param, message string, values ...any) *Error {
	return &Error{Status: http.StatusBadRequest, Type: "invalid_request_error", Code: code, Param: param, Message: fmt.Sprintf(message, values...)}
}

// missing is the answer for an id that nothing has: 404 for the object itself, 400 for one that a parameter names.
func missing(kind, id, param string) *Error {
	e := refuse("resource_missing", param, "No such %s: '%s'", kind, id)
	if param == "id" {
		e.Status = http.StatusNotFound
	}
	return e
}

func needParam(path string) *Error {
	return refuse("parameter_missing", path, "Missing required param: %s.", path)
}
