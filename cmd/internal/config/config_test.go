package config_test

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"
	"time"

	"atrium/cmd/internal/config"
	"atrium/jobs"
)

// secret is long enough for any variable.
const secret = "hunter2 hunter2 hunter2 hunter2 hunter2"

var defaults = config.Config{
	Addr: "127.0.0.1:8080", AppHost: "app.localhost", PortalDomain: "localhost", PublicScheme: "http", PublicPort: -1,
	DataDir: "data", DatabasePooler: "none", DatabaseConnections: 20,
	SMTPPort: 587, SMTPTLS: "starttls", MailFrom: "portal@localhost.localdomain",
	RequestTimeout: 10 * time.Second, RequestsAtOnce: 64, StopTimeout: 4 * time.Second, SlowQuery: time.Second, Templates: "compiled", LogLevel: "info", LogFormat: "text",
}

func TestDefaults(t *testing.T) {
	t.Parallel()
	empty := map[string]string{} // set, but to nothing
	for _, v := range config.Variables() {
		empty[v.Name] = ""
		if v.Secret {
			empty[v.Name+"_FILE"] = ""
		}
	}
	for name, values := range map[string]map[string]string{
		"nothing":   {},
		"nil":       nil,
		"all empty": empty,
		"unknown":   {"HOME": "/root", "PORT": "80", "addr": ":1", "ATRIUM_ADDR": ":2", "ADDR_FILE": "/etc/passwd", "SMTP_TLS_FILE": "/nowhere"},
	} {
		if got, err := config.From(values); err != nil || !reflect.DeepEqual(got, defaults) {
			t.Errorf("%s: got %+v, %v", name, got, err)
		}
	}
}

func TestEveryVariable(t *testing.T) {
	t.Parallel()
	values := map[string]string{
		"ADDR": "[::1]:0", "APP_HOST": "admin.example.com", "PORTAL_DOMAIN": "portal.example.com", "PUBLIC_SCHEME": "https", "PUBLIC_PORT": "0",
		"TRUSTED_PROXIES": "10.0.0.0/8,fd00::/8", "DATA_DIR": "/var/lib/atrium", "DATABASE_URL": "postgresql://atrium:" + "hunter2@db:6432/atrium",
		"DATABASE_POOLER": "transaction", "DATABASE_CONNECTIONS": "4", "SECRET": secret, "SMTP_HOST": "mail.example.com", "SMTP_PORT": "465",
		"SMTP_TLS": "implicit", "SMTP_USERNAME": "atrium", "SMTP_PASSWORD": "hunter2", "MAIL_FROM": "portal@example.com", "REQUEST_TIMEOUT": "1m30s", "REQUESTS_AT_ONCE": "9",
		"DRAIN_TIME": "5s", "STOP_TIMEOUT": "500ms", "LOG_LEVEL": "debug", "LOG_FORMAT": "json", "FILES_DIR": "/srv/files", "S3_ENDPOINT": "https://s3.example.com", "S3_BUCKET": "atrium",
		"S3_REGION": "eu-north-1", "S3_ACCESS_KEY": "atrium", "S3_SECRET_KEY": "hunter2",
		"STRIPE_SECRET_KEY": "rk_" + "hunter2", "STRIPE_WEBHOOK_SECRETS": "whsec_" + "old,whsec_" + "new", "STRIPE_URL": "http://127.0.0.1:12111",
		"METRICS_ADDR": "10.0.0.7:9400", "SLOW_QUERY": "250ms", "TEMPLATES": "standard",
	}
	want := config.Config{
		Addr: "[::1]:0", AppHost: "admin.example.com", PortalDomain: "portal.example.com", PublicScheme: "https", PublicPort: 0,
		TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")},
		DataDir:        "/var/lib/atrium", DatabaseURL: values["DATABASE_URL"], DatabasePooler: "transaction", DatabaseConnections: 4, Secret: secret,
		SMTPHost: "mail.example.com", SMTPPort: 465, SMTPTLS: "implicit", SMTPUsername: "atrium", SMTPPassword: "hunter2", MailFrom: "portal@example.com",
		RequestTimeout: 90 * time.Second, RequestsAtOnce: 9, DrainTime: 5 * time.Second, StopTimeout: 500 * time.Millisecond, LogLevel: "debug", LogFormat: "json",
		FilesDir: "/srv/files", S3Endpoint: "https://s3.example.com", S3Bucket: "atrium", S3Region: "eu-north-1", S3AccessKey: "atrium", S3SecretKey: "hunter2",
		StripeKey: values["STRIPE_SECRET_KEY"], StripeWebhookSecrets: strings.Split(values["STRIPE_WEBHOOK_SECRETS"], ","), StripeURL: "http://127.0.0.1:12111",
		MetricsAddr: "10.0.0.7:9400", SlowQuery: 250 * time.Millisecond, Templates: "standard",
	}
	if got, err := config.From(values); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	for _, v := range config.Variables() {
		if values[v.Name] == "" {
			t.Errorf("%s is not in this test", v.Name)
		}
	}
}

// wrongs are values that cannot be used, by variable.
var wrongs = map[string][]string{
	"ADDR":                 {"8080", ":8080", "localhost", "127.0.0.1:http", "127.0.0.1:65536", "127.0.0.1:-1", "http://127.0.0.1:8080"},
	"APP_HOST":             {"App.localhost", "app.localhost:8080", "http://app.localhost", "my_app", "-app", "app..localhost", "app.localhost."},
	"PORTAL_DOMAIN":        {"Localhost", ".localhost", "*.localhost", "localhost:8080", "local host"},
	"PUBLIC_SCHEME":        {"ftp", "HTTP", "https://"},
	"PUBLIC_PORT":          {"-2", "65536", "http", "80.5", " 80"},
	"TRUSTED_PROXIES":      {"10.0.0.0", "10.0.0.0/33", "proxy/8", "10.0.0.0/8;fd00::/8"},
	"DATABASE_URL":         {"localhost", "mysql://user:hunter2@db/atrium", "host=db password=hunter2", "://hunter2", "postgres://user:hunter2@db:port/atrium"},
	"DATABASE_POOLER":      {"session", "transaction"}, // the second for want of a DATABASE_URL
	"DATABASE_CONNECTIONS": {"3", "0", "-1", "many", "4.5", "100000000000", "99999999999999999999"},
	"SECRET":               {"hunter2", secret[:31]},
	"S3_ENDPOINT":          {"s3.example.com", "ftp://s3.example.com", "https://", "https://s3.example.com/bucket", "http://%zz"},
	"S3_BUCKET":            {"atrium"}, // for want of an S3_ENDPOINT
	"STRIPE_URL":           {"api.stripe.com", "ftp://api.stripe.com", "https://", "https://api.stripe.com/v1", "http://%zz"},
	"SMTP_PORT":            {"0", "65536", "smtp"},
	"SMTP_TLS":             {"ssl", "STARTTLS", "true"},
	"MAIL_FROM":            {"nobody", "Acme <portal@example.com>", "a@example.com, b@example.com", "@example.com"},
	"REQUEST_TIMEOUT":      {"10", "0s", "-1s", "soon"},
	"REQUESTS_AT_ONCE":     {"0", "-1", "many"},
	"DRAIN_TIME":           {"5", "-1s", "a while"},
	"STOP_TIMEOUT":         {"4", "0s", "-4s", "4 s"},
	"METRICS_ADDR":         {"9400", ":9400", "localhost", "http://127.0.0.1:9400", "127.0.0.1:bad", "127.0.0.1:65536"},
	"SLOW_QUERY":           {"1", "-1s", "slow"},
	"TEMPLATES":            {"plain", "Standard"},
	"LOG_LEVEL":            {"verbose", "INFO"},
	"LOG_FORMAT":           {"xml", "text,json"},
}

func TestWrongValues(t *testing.T) {
	t.Parallel()
	free := "DATA_DIR FILES_DIR S3_REGION S3_ACCESS_KEY S3_SECRET_KEY SMTP_HOST SMTP_USERNAME SMTP_PASSWORD STRIPE_SECRET_KEY STRIPE_WEBHOOK_SECRETS" // hold any text
	for _, v := range config.Variables() {
		if len(wrongs[v.Name]) == 0 && !strings.Contains(free, v.Name) {
			t.Errorf("%s is not in this test", v.Name)
		}
		for _, value := range wrongs[v.Name] {
			_, err := config.From(map[string]string{v.Name: value})
			var wrong config.Wrong
			if !errors.As(err, &wrong) || wrong.Name != v.Name || wrong.Allowed == "" || strings.Contains(err.Error(), "\n") {
				t.Errorf("%s=%s: got %v; want one line that names it and what is allowed", v.Name, value, err)
				continue
			}
			shown := strconv.Quote(value)
			if v.Secret {
				shown = `"••••"`
			}
			if !strings.HasPrefix(err.Error(), v.Name+" is "+shown+"; allowed is ") || v.Secret && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s=%s: the message is %v", v.Name, value, err)
			}
		}
	}
}

func TestAllThatIsWrongComesAtOnce(t *testing.T) {
	t.Parallel()
	values := map[string]string{"LOG_LEVEL": "verbose", "SMTP_PORT": "smtp", "SECRET_FILE": "/nowhere", "ADDR": "8080", "MAIL_FROM": "nobody"}
	_, err := config.From(values)
	if err == nil {
		t.Fatal("nothing is wrong")
	}
	lines := strings.Split(err.Error(), "\n")
	for name := range values {
		if !strings.Contains(err.Error(), name+" is ") {
			t.Errorf("%s is not among\n%v", name, err)
		}
	}
	if len(lines) != len(values) {
		t.Errorf("%d lines for %d faults:\n%v", len(lines), len(values), err)
	}
}

func TestSecretsFromFiles(t *testing.T) {
	t.Parallel()
	url := "postgres://atrium:hunter2@db/atrium"
	for name, c := range map[string]struct{ variable, body, want string }{
		"as it is":           {"SECRET", secret, secret},
		"ends with a line":   {"SECRET", secret + "\n", secret},
		"ends as on Windows": {"SECRET", secret + "\r\n", secret},
		"blanks are part":    {"SMTP_PASSWORD", " hunter2 \n", " hunter2 "},
		"database":           {"DATABASE_URL", url + "\n", url},
	} {
		path := filepath.Join(t.TempDir(), "secret")
		if err := os.WriteFile(path, []byte(c.body), 0o600); err != nil {
			t.Fatal(err)
		}
		got, err := config.From(map[string]string{c.variable + "_FILE": path})
		if value := map[string]string{"SECRET": got.Secret, "SMTP_PASSWORD": got.SMTPPassword, "DATABASE_URL": got.DatabaseURL}[c.variable]; err != nil || value != c.want {
			t.Errorf("%s: got %q, %v; want %q", name, value, err, c.want)
		}
	}
	short := filepath.Join(t.TempDir(), "short")
	if err := os.WriteFile(short, []byte("hunter2"), 0o600); err != nil {
		t.Fatal(err)
	}
	empty := filepath.Join(t.TempDir(), "empty")
	if err := os.WriteFile(empty, []byte("\r\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for path, name := range map[string]string{short: "SECRET", empty: "SECRET_FILE", "/nowhere/secret": "SECRET_FILE", t.TempDir(): "SECRET_FILE"} {
		_, err := config.From(map[string]string{"SECRET_FILE": path})
		var wrong config.Wrong
		if !errors.As(err, &wrong) || wrong.Name != name || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: got %v", path, err)
		}
	}
	for _, v := range config.Variables() {
		if secretName := strings.Contains(v.Name, "SECRET") || strings.Contains(v.Name, "PASSWORD") || v.Name == "DATABASE_URL"; v.Secret != secretName {
			t.Errorf("%s: secret %v", v.Name, v.Secret)
		}
	}
}

// Reads what the process has, so not beside others.
func TestRead(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, v := range config.Variables() {
		t.Setenv(v.Name, "") // as though unset
	}
	for _, c := range []struct {
		name, file, environment string
		want                    string // of ADDR; empty: an error
	}{
		{"neither", "", "", "127.0.0.1:8080"},
		{"from the file", "# a comment\nADDR=\"127.0.0.1:9001\"\nUNKNOWN=1\n", "", "127.0.0.1:9001"},
		{"the environment wins", "ADDR=127.0.0.1:9001\n", "127.0.0.1:9002", "127.0.0.1:9002"},
		{"wrong in the file", "ADDR=9001\n", "", ""},
		{"wrong in the file, right in the environment", "ADDR=9001\n", "127.0.0.1:9002", "127.0.0.1:9002"},
		{"a file that is none", "\x00 what?", "", ""},
	} {
		os.Remove(".env")
		if c.file != "" {
			if err := os.WriteFile(".env", []byte(c.file), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if c.environment == "" {
			os.Unsetenv("ADDR")
		} else {
			t.Setenv("ADDR", c.environment)
		}
		got, err := config.Read()
		if (err == nil) != (c.want != "") || err == nil && got.Addr != c.want {
			t.Errorf("%s: got %s, %v; want %s", c.name, got.Addr, err, c.want)
		}
	}
}

// A secret has two forms. Both in one place contradict each other; in two places the environment's wins, whichever it is. Reads what
// the process has, so not beside others.
func TestReadBothForms(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, v := range config.Variables() {
		t.Setenv(v.Name, "") // as though unset
	}
	for name, value := range map[string]string{"one": "postgres://one/atrium", "two": "postgres://two/atrium", "empty": ""} {
		if err := os.WriteFile(name, []byte(value+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct{ file, value, valueFile, want string }{ // of DATABASE_URL; want is "" for an error
		{"DATABASE_URL_FILE=one", "", "", "postgres://one/atrium"},
		{"DATABASE_URL_FILE=one", "postgres://three/atrium", "", "postgres://three/atrium"},
		{"DATABASE_URL_FILE=empty", "postgres://three/atrium", "", "postgres://three/atrium"},
		{"DATABASE_URL=postgres://four/atrium", "", "two", "postgres://two/atrium"},
		{"DATABASE_URL_FILE=one", "", "two", "postgres://two/atrium"},
		{"DATABASE_URL_FILE=one\nDATABASE_URL=postgres://four/atrium", "postgres://three/atrium", "", "postgres://three/atrium"},
		{"DATABASE_URL_FILE=one\nDATABASE_URL=postgres://four/atrium", "", "", ""},
		{"", "postgres://three/atrium", "two", ""},
		{"", "", "empty", ""},
		{"DATABASE_URL=postgres://four/atrium", "", "empty", ""},
	} {
		if err := os.WriteFile(".env", []byte(c.file), 0o600); err != nil {
			t.Fatal(err)
		}
		for name, value := range map[string]string{"DATABASE_URL": c.value, "DATABASE_URL_FILE": c.valueFile} {
			if t.Setenv(name, value); value == "" {
				os.Unsetenv(name)
			}
		}
		got, err := config.Read()
		var wrong config.Wrong
		switch {
		case c.want == "" && (!errors.As(err, &wrong) || wrong.Name != "DATABASE_URL_FILE" || strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "three")):
			t.Errorf("%+v: got %v", c, err)
		case c.want != "" && (err != nil || got.DatabaseURL != c.want):
			t.Errorf("%+v: got %s, %v", c, got.DatabaseURL, err)
		}
	}
}

// What is in a file that cannot be read is not told: it may be a secret. The line is.
func TestReadTellsNothingOfTheFile(t *testing.T) {
	t.Chdir(t.TempDir())
	for file, line := range map[string]string{
		"SECRET=\"hunter2\nADDR=127.0.0.1:9001\n":                      "line 1",
		"ADDR=127.0.0.1:9001\n# words\n\nhunter2\nLOG_LEVEL=info\n":    "line 4",
		"SECRET=\"two\nlines\"\n-----BEGIN hunter2\nSMTP_PORT=hunter2": "line 3",
		"ADDR=127.0.0.1:9001\nSMTP_PASSWORD='hunter2":                  "line 2",
	} {
		if err := os.WriteFile(".env", []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := config.Read(); err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), line+" ") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %v; want %s", file, err, line)
		}
	}
}

func TestAddresses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		scheme, public string
		port           int
		admin          string
		secure         bool
	}{
		{"http", "", 8080, "http://app.localhost:8080", false},
		{"http", "", 80, "http://app.localhost", false},
		{"http", "0", 8080, "http://app.localhost", false},
		{"http", "9090", 8080, "http://app.localhost:9090", false},
		{"https", "", 8080, "https://app.localhost", true},
		{"https", "0", 8080, "https://app.localhost", true},
		{"https", "8443", 8080, "https://app.localhost:8443", true},
	} {
		conf, err := config.From(map[string]string{"PUBLIC_SCHEME": c.scheme, "PUBLIC_PORT": c.public})
		if a := conf.Addresses(c.port); err != nil || a.Admin() != c.admin || a.Secure() != c.secure ||
			a.Portal("Acme", "") != strings.Replace(c.admin, "app.", "acme.", 1) || a.Portal("acme", "My.Acme.test") != strings.Replace(c.admin, "app.localhost", "my.acme.test", 1) {
			t.Errorf("%+v: got %s, %s, %v", c, a.Admin(), a.Portal("Acme", ""), err)
		}
	}
}

func TestMailServer(t *testing.T) {
	t.Parallel()
	for text, mode := range map[string]jobs.TLSMode{"starttls": jobs.MailSTARTTLS, "implicit": jobs.MailImplicit, "none": jobs.MailPlain} {
		c, err := config.From(map[string]string{"SMTP_HOST": "mail.test", "SMTP_PORT": "2525", "SMTP_TLS": text, "SMTP_USERNAME": "me", "SMTP_PASSWORD": "hunter2", "MAIL_FROM": "portal@mail.test"})
		if got, want := c.MailServer(), (jobs.MailServer{Host: "mail.test", Port: 2525, TLS: mode, Username: "me", Password: "hunter2"}); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %+v, %v", text, got, err)
		}
		if c.MailDomain() != "mail.test" {
			t.Errorf("the domain is %s", c.MailDomain())
		}
	}
}
