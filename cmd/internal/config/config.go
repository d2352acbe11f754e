// Package config reads the environment, and nothing else does. Everything that can be set is a field of Config, with its
// name, unit, default and meaning in the field's tags; README shows the same table, and a test compares the two.
package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/netip"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"
)

// Config is everything that can be set, from the environment or a file .env in the working directory (the environment wins).
// Each variable tagged secret can also be given as a file's name in NAME_FILE.
type Config struct {
	Addr           string         `env:"ADDR" envDefault:"127.0.0.1:8080" doc:"Where to listen, host and port. Port 0 takes a free one."`
	AppHost        string         `env:"APP_HOST" envDefault:"app.localhost" doc:"Host name of the admin side."`
	PortalDomain   string         `env:"PORTAL_DOMAIN" envDefault:"localhost" doc:"Portals are on SLUG.PORTAL_DOMAIN."`
	PublicScheme   string         `env:"PUBLIC_SCHEME" envDefault:"http" allowed:"http, https" doc:"How visitors reach it: http, or https when a proxy in front ends TLS."`
	PublicPort     int            `env:"PUBLIC_PORT" envDefault:"-1" unit:"port" bounds:"-1 to 65535" doc:"Port in links. -1: the one of ADDR with http, none with https. 0: none."`
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES" doc:"Networks of proxies whose X-Forwarded-For is believed, with commas between: 10.0.0.0/8. Empty: nobody's."`

	DataDir             string `env:"DATA_DIR" envDefault:"data" doc:"Folder for the private PostgreSQL, the generated secret and uploaded files."`
	DatabaseURL         string `env:"DATABASE_URL" secret:"true" doc:"PostgreSQL 15 or later. Empty: a private one runs in DATA_DIR."`
	DatabasePooler      string `env:"DATABASE_POOLER" envDefault:"none" allowed:"none, transaction" doc:"transaction: DATABASE_URL leads to a pooler such as PgBouncer in transaction mode."`
	DatabaseConnections int    `env:"DATABASE_CONNECTIONS" envDefault:"20" unit:"connections" bounds:"4 to 262143" doc:"The most this program opens to the database."`
	Secret              string `env:"SECRET" secret:"true" doc:"At least 32 characters that links in mails are derived from; the same for all programs on one database. Empty: made once and kept in DATA_DIR."`

	FilesDir    string `env:"FILES_DIR" doc:"Folder for uploaded files, the same for all programs on one database. Empty: files in DATA_DIR."`
	S3Endpoint  string `env:"S3_ENDPOINT" doc:"Server that speaks S3 and keeps uploaded files in place of the folder: https://s3.eu-central-1.amazonaws.com. Empty: none."`
	S3Bucket    string `env:"S3_BUCKET" doc:"Its bucket, which has to be there."`
	S3Region    string `env:"S3_REGION" doc:"Empty: the server is asked."`
	S3AccessKey string `env:"S3_ACCESS_KEY" doc:"Whose bucket it is."`
	S3SecretKey string `env:"S3_SECRET_KEY" secret:"true" doc:"Secret for S3_ACCESS_KEY."`

	SMTPHost     string `env:"SMTP_HOST" doc:"Mail server. Empty: mails wait until one is set."`
	SMTPPort     int    `env:"SMTP_PORT" envDefault:"587" unit:"port" bounds:"1 to 65535" doc:"Its port: 587 with starttls, 465 with implicit, 25 with none."`
	SMTPTLS      string `env:"SMTP_TLS" envDefault:"starttls" allowed:"starttls, implicit, none" doc:"How the connection to it is protected. none is for a server on the same machine."`
	SMTPUsername string `env:"SMTP_USERNAME" doc:"Empty: no sign-in."`
	SMTPPassword string `env:"SMTP_PASSWORD" secret:"true" doc:"Password for SMTP_USERNAME."`
	MailFrom     string `env:"MAIL_FROM" envDefault:"portal@localhost.localdomain" doc:"Address that all mails come from; the account's name stands before it."`

	StripeKey            string   `env:"STRIPE_SECRET_KEY" secret:"true" doc:"Secret or restricted key of the installation's Stripe account. Empty: nothing can be sold."`
	StripeWebhookSecrets []string `env:"STRIPE_WEBHOOK_SECRETS" secret:"true" doc:"Signing secrets of the webhook endpoints, with commas between: that of the installation's own account, that of connected ones, and old and new while one is being changed."`
	StripeURL            string   `env:"STRIPE_URL" doc:"Where Stripe's API is. Empty: the real one; another for a stand-in."`

	RequestTimeout time.Duration `env:"REQUEST_TIMEOUT" envDefault:"10s" unit:"duration" doc:"How long one request may work."`
	RequestsAtOnce int           `env:"REQUESTS_AT_ONCE" envDefault:"64" unit:"requests" bounds:"1 to 1000000" doc:"The most that are worked on at once; as many more wait for a second, those of signed-in people first, and the rest is told to come again."`
	DrainTime      time.Duration `env:"DRAIN_TIME" envDefault:"0s" unit:"duration" doc:"How long the program goes on serving when it is told to stop, while /readyz answers 503 already, so that a proxy sends people elsewhere first."`
	StopTimeout    time.Duration `env:"STOP_TIMEOUT" envDefault:"4s" unit:"duration" doc:"How long requests and jobs may finish when the program is told to stop."`
	MetricsAddr    string        `env:"METRICS_ADDR" doc:"Where Prometheus finds figures at /metrics, host:port on an inner network. Empty: nowhere."`
	SlowQuery      time.Duration `env:"SLOW_QUERY" envDefault:"1s" unit:"duration" doc:"Queries that take longer are logged by their name. 0s: none."`
	Templates      string        `env:"TEMPLATES" envDefault:"compiled" allowed:"compiled, standard" doc:"How pages are written. standard: by Go's html/template alone, several times slower; should a page look wrong, it tells whose fault that is."`
	LogLevel       string        `env:"LOG_LEVEL" envDefault:"info" allowed:"debug, info, warn, error" doc:"The least important lines that are written. debug has one for each request."`
	LogFormat      string        `env:"LOG_FORMAT" envDefault:"text" allowed:"text, json" doc:"Form of the lines on standard error."`
}

// Wrong says which variable holds what cannot be used, and what is allowed. Values of secrets are masked.
type Wrong struct{ Name, Value, Allowed string }

func (w Wrong) Error() string {
	return fmt.Sprintf("%s is %q; allowed is %s", w.Name, w.Value, w.Allowed)
}

// Read reads the environment and .env. All that is wrong with them comes as one error, a line each.
func Read() (Config, error) {
	values, err := readFile(".env")
	if err != nil {
		return Config{}, err
	}
	environment := map[string]string{}
	for _, pair := range os.Environ() {
		if name, value, ok := strings.Cut(pair, "="); ok {
			environment[name] = value
		}
	}
	for _, v := range Variables() { // two forms of one variable: the environment's wins, whichever it is
		if v.Secret && environment[v.Name+fileForm]+environment[v.Name] != "" {
			delete(values, v.Name)
			delete(values, v.Name+fileForm)
		}
	}
	maps.Copy(values, environment)
	return From(values)
}

// fileForm ends the name of a variable that holds a file's name instead of the value.
const fileForm = "_FILE"

// readFile reads a file of lines NAME=value; one that is not there has none. Its errors tell nothing of what is in the file, which
// may be a secret.
func readFile(name string) (map[string]string, error) {
	body, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	} else if err != nil {
		return nil, fmt.Errorf("%s cannot be read: %w", name, err)
	}
	values, err := godotenv.UnmarshalBytes(body)
	if err == nil {
		return values, nil
	}
	lines := bytes.SplitAfter(body, []byte("\n"))
	good := len(lines) - 1 // a value in quotes may go over several lines, so what counts is how far it can be read at most
	for ; good > 0; good-- {
		if _, err := godotenv.UnmarshalBytes(bytes.Join(lines[:good], nil)); err == nil {
			break
		}
	}
	return nil, fmt.Errorf("%s cannot be read from line %d on; allowed is NAME=value, with the value in quotes where it has blanks or a #", name, good+1)
}

// From makes the configuration from the given variables; those it does not know are ignored.
func From(values map[string]string) (Config, error) {
	values = maps.Clone(values) // it is the caller's
	var c Config
	var faults []error
	for _, v := range Variables() {
		if file := values[v.Name+fileForm]; v.Secret && file != "" {
			value, allowed := readSecret(file)
			if values[v.Name] != "" {
				allowed = "none, as " + v.Name + " is set as well"
			}
			if allowed != "" {
				faults = append(faults, Wrong{v.Name + fileForm, file, allowed})
				delete(values, v.Name)
				continue
			}
			values[v.Name] = value
		}
		if err := v.parses(values[v.Name]); err != nil {
			faults = append(faults, err)
			delete(values, v.Name) // its default stands in, so that what else is wrong comes to light as well
		}
	}
	if err := env.ParseWithOptions(&c, env.Options{Environment: values}); err != nil {
		return c, errors.Join(append(faults, err)...)
	}
	return c, errors.Join(append(faults, c.check())...)
}

// readSecret reads a file that holds a value, or says what is allowed in its place. An empty one is what is left of a mount that failed.
func readSecret(file string) (value, allowed string) {
	body, err := os.ReadFile(file)
	if err != nil {
		return "", "the name of a file that can be read"
	}
	if value = strings.TrimRight(string(body), "\r\n"); value == "" {
		return "", "the name of a file that is not empty"
	}
	return value, ""
}

// Variable is one line of the table.
type Variable struct {
	Name, Unit, Default, Meaning, Allowed string
	Bounds                                string // of a whole number: "4 to 262143"
	Secret                                bool
	field                                 reflect.StructField
}

// Variables is everything that can be set, in the order of the table.
func Variables() (all []Variable) {
	t := reflect.TypeFor[Config]()
	for i := range t.NumField() {
		f := t.Field(i)
		all = append(all, Variable{f.Tag.Get("env"), f.Tag.Get("unit"), f.Tag.Get("envDefault"), f.Tag.Get("doc"), f.Tag.Get("allowed"), f.Tag.Get("bounds"), f.Tag.Get("secret") != "", f})
	}
	return all
}

// parses checks one value by itself, so that the message can name it.
func (v Variable) parses(value string) error {
	if value == "" {
		return nil
	}
	shown := value
	if v.Secret {
		shown = "••••"
	}
	if v.Allowed != "" && !slices.Contains(strings.Split(v.Allowed, ", "), value) {
		return Wrong{v.Name, shown, "one of " + v.Allowed}
	}
	if v.Bounds != "" {
		var least, most int
		_, err := fmt.Sscanf(v.Bounds, "%d to %d", &least, &most)
		if n, wrong := strconv.Atoi(value); errors.Join(err, wrong) != nil || n < least || n > most {
			return Wrong{v.Name, shown, v.Bounds}
		}
	}
	one := reflect.New(reflect.StructOf([]reflect.StructField{{Name: "V", Type: v.field.Type, Tag: `env:"V"`}}))
	if env.ParseWithOptions(one.Interface(), env.Options{Environment: map[string]string{"V": value}}) == nil {
		return nil
	}
	return Wrong{v.Name, shown, map[reflect.Type]string{reflect.TypeFor[time.Duration](): "a duration such as 10s or 2m",
		reflect.TypeFor[[]netip.Prefix](): "networks such as 10.0.0.0/8, with commas between"}[v.field.Type]}
}
