package simtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/lestrrat-go/jsval"
	"github.com/stripe/stripe-mock/embedded"
	"github.com/stripe/stripe-mock/param"
	"github.com/stripe/stripe-mock/param/coercer"
	"github.com/stripe/stripe-mock/server"
	"github.com/stripe/stripe-mock/spec"

	"atrium/cmd/stripesim"
)

// document is Stripe's description of its API, twice: as stripe-mock reads it, for requests, and as kin-openapi does, for answers.
type document struct {
	mock       *spec.Spec
	components *spec.ComponentsForValidation
	openapi    *openapi3.T
	paths      []path

	mu       sync.Mutex
	requests map[string]request // by method and path, as they are needed
}

// path is an address with its variables as a pattern.
type path struct {
	name    spec.Path
	pattern *regexp.Regexp
}

// request is how the parameters of one operation are read.
type request struct {
	schema    *spec.Schema
	validator *jsval.JSVal
}

// described reads the document, once for all tests of a program: it takes seconds.
var described = sync.OnceValues(func() (*document, error) {
	mock, err := server.LoadSpec(embedded.OpenAPISpec, "")
	if err != nil {
		return nil, err
	}
	openapi, err := openapi3.NewLoader().LoadFromData(embedded.OpenAPISpec)
	if err != nil {
		return nil, fmt.Errorf("read Stripe's OpenAPI document: %w", err)
	}
	d := &document{mock: mock, components: spec.GetComponentsForValidation(&mock.Components), openapi: openapi, requests: map[string]request{}}
	closed := map[*openapi3.Schema]bool{}
	for _, schema := range openapi.Components.Schemas {
		forbidOthers(schema, closed)
	}
	for name := range mock.Paths {
		d.paths = append(d.paths, path{name, regexp.MustCompile("^" + regexp.MustCompile(`\{\w+\}`).ReplaceAllString(string(name), `[^/]+`) + "$")})
	}
	// An address without variables goes before one with them: /v1/invoices/upcoming is not the invoice "upcoming".
	slices.SortFunc(d.paths, func(a, b path) int { return strings.Count(string(a.name), "{") - strings.Count(string(b.name), "{") })
	return d, nil
})

// forbidOthers refuses, in a schema and all below it, properties that it does not name.
func forbidOthers(ref *openapi3.SchemaRef, done map[*openapi3.Schema]bool) {
	if ref == nil || ref.Value == nil || done[ref.Value] {
		return
	}
	schema := ref.Value
	done[schema] = true
	if len(schema.Properties) > 0 && schema.AdditionalProperties.Has == nil && schema.AdditionalProperties.Schema == nil {
		no := false
		schema.AdditionalProperties.Has = &no
	}
	for _, property := range schema.Properties {
		forbidOthers(property, done)
	}
	forbidOthers(schema.Items, done)
	for _, one := range schema.AnyOf {
		forbidOthers(one, done)
	}
}

// exchange says what is wrong with a call and its answer.
func (d *document) exchange(e stripesim.Exchange) []string {
	if e.Pattern == "" {
		return nil // recorded as unknown, which fails by itself
	}
	name, operation := d.operation(e.Method, e.Path)
	if operation == nil {
		return []string{"Stripe has no such operation"}
	}
	var problems []string
	if e.Status < http.StatusBadRequest {
		if err := d.readAsStripe(e, name, operation); err != nil {
			problems = append(problems, "the request: "+err.Error())
		}
	}
	schema := d.openapi.Paths.Value(string(name)).GetOperation(e.Method).Responses.Value("200").Value.Content.Get("application/json").Schema.Value
	if e.Status != http.StatusOK {
		schema = d.openapi.Components.Schemas["error"].Value
	}
	return append(problems, compare(schema, e.Answer)...)
}

func (d *document) operation(method, address string) (spec.Path, *spec.Operation) {
	for _, path := range d.paths {
		if path.pattern.MatchString(address) {
			if operation := d.mock.Paths[path.name][spec.HTTPVerb(strings.ToLower(method))]; operation != nil {
				return path.name, operation
			}
		}
	}
	return "", nil
}

// readAsStripe reads a request's parameters as stripe-mock does, which refuses those that Stripe does not have.
func (d *document) readAsStripe(e stripesim.Exchange, name spec.Path, operation *spec.Operation) error {
	reader, err := d.reader(e.Method, name, operation)
	if err != nil {
		return err
	}
	if e.Method == http.MethodPost && e.Body != "" && e.Header.Get("Content-Type") != "application/x-www-form-urlencoded" {
		return fmt.Errorf("its Content-Type is %q", e.Header.Get("Content-Type"))
	}
	r, err := http.NewRequest(e.Method, "http://stripe.test"+e.Path+"?"+e.Query, strings.NewReader(e.Body))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	params, err := param.ParseParams(r)
	if err != nil {
		return err
	}
	if err := coercer.CoerceParams(reader.schema, params); err != nil {
		return err
	}
	return reader.validator.Validate(params)
}

func (d *document) reader(method string, name spec.Path, operation *spec.Operation) (request, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	place := method + " " + string(name)
	if known, there := d.requests[place]; there {
		return known, nil
	}
	schema, components := spec.BuildQuerySchema(operation), (*spec.ComponentsForValidation)(nil)
	if method != http.MethodGet {
		components = d.components
		for _, media := range operation.RequestBody.Content {
			schema = media.Schema
		}
	}
	validator, err := spec.GetValidatorForOpenAPI3Schema(schema, components)
	if err != nil {
		return request{}, err
	}
	d.requests[place] = request{schema, validator}
	return d.requests[place], nil
}

// event says what is wrong with an event and the object in it.
func (d *document) event(e *stripesim.Event) []string {
	raw, err := json.Marshal(e)
	if err != nil {
		return []string{err.Error()}
	}
	problems := compare(d.openapi.Components.Schemas["event"].Value, raw)
	var about struct {
		Object string `json:"object"`
	}
	if err := json.Unmarshal(e.Data.Object, &about); err != nil {
		return append(problems, err.Error())
	}
	schema := d.openapi.Components.Schemas[about.Object]
	if schema == nil {
		return append(problems, fmt.Sprintf("Stripe has no object %q", about.Object))
	}
	if !slices.Contains(d.eventTypes(), e.Type) {
		problems = append(problems, "Stripe has no such event")
	}
	return append(problems, compare(schema.Value, e.Data.Object)...)
}

// eventTypes are those that a webhook endpoint can ask for.
func (d *document) eventTypes() []string {
	var types []string
	body := d.openapi.Paths.Value("/v1/webhook_endpoints").Post.RequestBody.Value.Content.Get("application/x-www-form-urlencoded")
	for _, one := range body.Schema.Value.Properties["enabled_events"].Value.Items.Value.Enum {
		types = append(types, one.(string))
	}
	return types
}

// compare lists where a JSON text does not fit a schema.
func compare(schema *openapi3.Schema, text []byte) []string {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return []string{err.Error()}
	}
	err := schema.VisitJSON(value, openapi3.MultiErrors(), openapi3.VisitAsResponse())
	return explain(err)
}

// explain turns nested errors into lines.
func explain(err error) []string {
	if err == nil {
		return nil
	}
	if several := (openapi3.MultiError)(nil); errors.As(err, &several) {
		var lines []string
		for _, one := range several {
			lines = append(lines, explain(one)...)
		}
		return lines
	}
	if one := (*openapi3.SchemaError)(nil); errors.As(err, &one) {
		line := strings.Join(one.JSONPointer(), ".") + ": " + one.Reason
		if one.Origin != nil {
			line += " (" + strings.Join(explain(one.Origin), "; ") + ")"
		}
		return []string{line}
	}
	return []string{err.Error()}
}
