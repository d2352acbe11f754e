package config

import (
	"cmp"
	"errors"
	"net"
	"net/mail"
	"net/url"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"atrium/jobs"
	"atrium/jobs/filestore"
)

var hostName = regexp.MustCompile(`^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$`)

// check looks at what the type of a field cannot say.
func (c Config) check() error {
	var faults []error
	wrong := func(bad bool, name, value, allowed string) {
		if bad {
			faults = append(faults, Wrong{name, value, allowed})
		}
	}
	wrong(!isAddress(c.Addr), "ADDR", c.Addr, "host:port, such as 127.0.0.1:8080")
	wrong(!hostName.MatchString(c.AppHost), "APP_HOST", c.AppHost, "a host name in lower case, without port")
	wrong(!hostName.MatchString(c.PortalDomain), "PORTAL_DOMAIN", c.PortalDomain, "a domain in lower case, without port")
	wrong(c.Secret != "" && len(c.Secret) < 32, "SECRET", "••••", "at least 32 characters")
	wrong(c.RequestTimeout <= 0, "REQUEST_TIMEOUT", c.RequestTimeout.String(), "longer than 0s")
	wrong(c.DrainTime < 0, "DRAIN_TIME", c.DrainTime.String(), "0s or longer")
	wrong(c.StopTimeout <= 0, "STOP_TIMEOUT", c.StopTimeout.String(), "longer than 0s")
	wrong(c.SlowQuery < 0, "SLOW_QUERY", c.SlowQuery.String(), "0s or longer")
	wrong(c.MetricsAddr != "" && !isAddress(c.MetricsAddr), "METRICS_ADDR", c.MetricsAddr, "host:port, such as 127.0.0.1:9400")
	database, err := url.Parse(c.DatabaseURL)
	wrong(c.DatabaseURL != "" && (err != nil || !strings.HasPrefix(database.Scheme, "postgres")), "DATABASE_URL", "••••", "postgres://user:password@host:port/database")
	wrong(c.DatabasePooler == "transaction" && c.DatabaseURL == "", "DATABASE_POOLER", c.DatabasePooler, "none, unless DATABASE_URL is set")
	storage, err := url.Parse(c.S3Endpoint)
	noStorage := err != nil || storage.Host == "" || storage.Scheme != "https" && storage.Scheme != "http" || strings.Trim(storage.Path, "/") != ""
	wrong(c.S3Endpoint != "" && noStorage, "S3_ENDPOINT", c.S3Endpoint, "https://host or http://host:port, without a path")
	wrong(!noStorage && c.S3Bucket == "", "S3_BUCKET", c.S3Bucket, "the name of a bucket, since S3_ENDPOINT is set")
	wrong(c.S3Endpoint == "" && c.S3Bucket != "", "S3_BUCKET", c.S3Bucket, "none, unless S3_ENDPOINT is set")
	stripe, err := url.Parse(c.StripeURL)
	noStripe := err != nil || stripe.Host == "" || stripe.Scheme != "https" && stripe.Scheme != "http" || strings.Trim(stripe.Path, "/") != ""
	wrong(c.StripeURL != "" && noStripe, "STRIPE_URL", c.StripeURL, "https://host or http://host:port, without a path")
	from, err := mail.ParseAddress(c.MailFrom)
	wrong(err != nil || from.Address != c.MailFrom, "MAIL_FROM", c.MailFrom, "an e-mail address")
	return errors.Join(faults...)
}

// isAddress says whether a program can be told to listen there.
func isAddress(text string) bool {
	host, port, err := net.SplitHostPort(text)
	_, wrong := strconv.ParseUint(port, 10, 16)
	return err == nil && wrong == nil && host != ""
}

// MailDomain is right of the @ of MAIL_FROM.
func (c Config) MailDomain() string { return c.MailFrom[strings.LastIndexByte(c.MailFrom, '@')+1:] }

// MailServer is where mails go.
func (c Config) MailServer() jobs.MailServer {
	return jobs.MailServer{Host: c.SMTPHost, Port: c.SMTPPort, Username: c.SMTPUsername, Password: c.SMTPPassword,
		TLS: map[string]jobs.TLSMode{"starttls": jobs.MailSTARTTLS, "implicit": jobs.MailImplicit, "none": jobs.MailPlain}[c.SMTPTLS]}
}

// Files is where uploaded files are kept.
func (c Config) Files() (filestore.Store, error) {
	if c.S3Endpoint != "" {
		return filestore.NewBucket(filestore.BucketConfig{Endpoint: c.S3Endpoint, Name: c.S3Bucket, Region: c.S3Region, AccessKey: c.S3AccessKey, SecretKey: c.S3SecretKey})
	}
	return filestore.NewFolder(c.FilesFolder())
}

// FilesFolder is the folder for them where no server is set.
func (c Config) FilesFolder() string { return cmp.Or(c.FilesDir, filepath.Join(c.DataDir, "files")) }

// Addresses is how links are made when the program listens on the given port.
func (c Config) Addresses(port int) jobs.Addresses {
	a := jobs.Addresses{Scheme: c.PublicScheme, AppHost: c.AppHost, PortalDomain: c.PortalDomain}
	switch {
	case c.PublicPort > 0:
		a.Port = ":" + strconv.Itoa(c.PublicPort)
	case c.PublicPort < 0 && c.PublicScheme == "http" && port != 80:
		a.Port = ":" + strconv.Itoa(port)
	}
	return a
}
