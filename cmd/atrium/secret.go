package main

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"atrium/cmd/internal/config"
	"atrium/queries"
)

var (
	errOtherSecret = errors.New("SECRET is not the one that this database was set up with; give every program on one database the same")
	errNoSecret    = errors.New("SECRET is not set and DATA_DIR keeps none, and this database was set up with one; give every program on one database the same")
)

// secret is the one of the configuration, or one that is made once and kept in DATA_DIR. It refuses to go on with another than
// the database was first used with: links that wait to be mailed would be made from it and lead nowhere.
func (d *database) secret(ctx context.Context, c config.Config, now time.Time) (queries.Secret, error) {
	text, err := readSecret(c)
	if err != nil {
		return queries.Secret{}, err
	}
	if text == "" {
		if known, err := queries.KnownFingerprint(ctx, d.pool); err != nil {
			return queries.Secret{}, err
		} else if known != nil {
			return queries.Secret{}, errNoSecret
		}
		if text, err = makeSecret(secretFile(c)); err != nil {
			return queries.Secret{}, fmt.Errorf("SECRET is not set and none can be kept in DATA_DIR: %w", err)
		}
	}
	secret := queries.NewSecret(text)
	known, err := queries.New(d.pool).InstallationClaim(ctx, queries.InstallationClaimParams{SecretFingerprint: secret.Fingerprint(), Now: now})
	if err == nil && string(known) != string(secret.Fingerprint()) {
		err = errOtherSecret
	}
	return secret, err
}

// checkSecret says whether a program would go on with the secret there is, and makes none.
func checkSecret(ctx context.Context, c config.Config, d *database) (good string, err error) {
	text, err := readSecret(c)
	if err != nil {
		return "", err
	}
	known, err := queries.KnownFingerprint(ctx, d.pool)
	switch {
	case err != nil:
		return "", err
	case known == nil && text == "":
		return "the first start makes one and keeps it in " + secretFile(c), nil
	case known == nil:
		return "this database will be set up with it", nil
	case text == "":
		return "", errNoSecret
	case string(known) != string(queries.NewSecret(text).Fingerprint()):
		return "", errOtherSecret
	}
	return "the one that this database was set up with", nil
}

func secretFile(c config.Config) string { return filepath.Join(c.DataDir, "secret") }

// readSecret is the one of the configuration, or the one that DATA_DIR keeps; empty: there is none.
func readSecret(c config.Config) (string, error) {
	if c.Secret != "" {
		return c.Secret, nil
	}
	text, err := keptSecret(secretFile(c))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return text, err
}

func keptSecret(path string) (string, error) {
	kept, err := os.ReadFile(path)
	if err == nil && len(kept) < 32 {
		err = fmt.Errorf("%s holds no whole secret; remove it if no mail is waiting", path)
	}
	return string(kept), err
}

// makeSecret makes one and keeps it, or takes the one of a program that was faster.
func makeSecret(path string) (string, error) {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return keptSecret(path)
	} else if err != nil {
		return "", err
	}
	var fresh [32]byte
	rand.Read(fresh[:])
	text := base64.RawURLEncoding.EncodeToString(fresh[:])
	_, err = file.WriteString(text)
	return text, errors.Join(err, file.Close())
}
