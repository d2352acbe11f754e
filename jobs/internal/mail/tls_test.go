package mail

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"strings"
	"testing"
	"time"

	"atrium/jobs/mailbox"
)

// authority makes a certificate authority and a certificate of it for
// 127.0.0.1.
func authority(t *testing.T) (*x509.CertPool, *tls.Config) {
	t.Helper()
	root := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "Test authority"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), NotBefore: root.NotBefore, NotAfter: root.NotAfter,
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}}
	rootKey, rootDER := certify(t, root, root, nil)
	parent, err := x509.ParseCertificate(rootDER)
	if err != nil {
		t.Fatal(err)
	}
	key, der := certify(t, leaf, parent, rootKey)
	roots := x509.NewCertPool()
	roots.AddCert(parent)
	return roots, &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}}
}

// certify makes a key and the certificate for it, signed by itself without a
// signer.
func certify(t *testing.T, certificate, parent *x509.Certificate, signer *ecdsa.PrivateKey) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if signer == nil {
		signer = key
	}
	der, err := x509.CreateCertificate(rand.Reader, certificate, parent, key.Public(), signer)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

func TestTLSAndSignIn(t *testing.T) {
	t.Parallel()
	roots, server := authority(t)
	for _, mode := range []TLSMode{STARTTLS, Implicit} {
		t.Run(string(mode), func(t *testing.T) {
			t.Parallel()
			box := startBox(t, mailbox.Options{TLS: server, Implicit: mode == Implicit, Username: "atrium", Password: "secret"})
			with := func(password string, roots *x509.CertPool) *Sender {
				return senderTo(t, box.Addr(), func(c *Config) {
					c.TLS, c.Username, c.Password, c.Roots = mode, "atrium", password, roots
				})
			}
			s := with("secret", roots)
			if err := s.Check(t.Context()); err != nil {
				t.Errorf("check: %v", err)
			}
			send(t, s)
			send(t, s)
			if n := len(box.Messages()); n != 2 || box.Connections() != 2 {
				t.Errorf("%d mails, %d connections, want 2 and 2 (one for the check)", n, box.Connections())
			}
			if f := failure(t, with("wrong", roots).Check(t.Context()), Misconfigured); f.Code != 535 {
				t.Errorf("wrong password: %v", f)
			}
			if f := failure(t, with("secret", nil).Check(t.Context()), Deferred); !strings.Contains(f.Text, "certificate") {
				t.Errorf("unknown authority: %v", f)
			}
			if n := len(box.Messages()); n != 2 {
				t.Errorf("%d mails after the refused ones, want 2", n)
			}
		})
	}
}
