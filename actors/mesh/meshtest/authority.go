package meshtest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority signs certificates for the loopback.
type Authority struct {
	t    testing.TB
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// NewAuthority makes one whose own certificate is NAME.crt.
func NewAuthority(t testing.TB, name string) *Authority {
	t.Helper()
	a := &Authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign(name, nil)
	return a
}

// Sign makes a certificate and its key, NAME.crt and NAME.key, that by vouches for.
func (a *Authority) Sign(name string, by *Authority) { a.t.Helper(); a.sign(name, by) }

// sign is Sign; of nobody, a certificate signs itself.
func (a *Authority) sign(name string, by *Authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	ok(a.t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}, KeyUsage: x509.KeyUsageDigitalSignature}
	parent, signer := template, key
	if by == nil {
		template.IsCA, template.BasicConstraintsValid, template.KeyUsage = true, true, x509.KeyUsageCertSign
	} else {
		parent, signer = by.cert, by.key
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	ok(a.t, err)
	cert, err := x509.ParseCertificate(raw)
	ok(a.t, err)
	private, err := x509.MarshalECPrivateKey(key)
	ok(a.t, err)
	a.write(name+".crt", &pem.Block{Type: "CERTIFICATE", Bytes: raw})
	a.write(name+".key", &pem.Block{Type: "EC PRIVATE KEY", Bytes: private})
	return cert, key
}

// Path is where one of its files lies.
func (a *Authority) Path(file string) string { return filepath.Join(a.dir, file) }

func (a *Authority) write(file string, block *pem.Block) {
	a.t.Helper()
	ok(a.t, os.WriteFile(a.Path(file), pem.EncodeToMemory(block), 0o600))
}

// lines are the lines of a file that are no headings: each is a secret by itself.
func lines(t testing.TB, file string) (all []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	ok(t, err)
	for line := range bytes.Lines(text) {
		if line = bytes.TrimSpace(line); len(line) >= 16 && line[0] != '-' {
			all = append(all, string(line))
		}
	}
	return all
}
