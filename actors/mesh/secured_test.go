package mesh

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nkeys"
)

// authority signs certificates for the loopback.
type authority struct {
	t    *testing.T
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t, dir: t.TempDir()}
	a.cert, a.key = a.sign(name, nil)
	return a
}

// sign makes a certificate and its key, NAME.crt and NAME.key; of nobody, signed by itself.
func (a *authority) sign(name string, by *authority) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.ok(err)
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
	a.ok(err)
	cert, err := x509.ParseCertificate(raw)
	a.ok(err)
	private, err := x509.MarshalECPrivateKey(key)
	a.ok(err)
	a.write(name+".crt", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	a.write(name+".key", pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: private}))
	return cert, key
}

func (a *authority) path(file string) string { return filepath.Join(a.dir, file) }

func (a *authority) write(file string, content []byte) {
	a.ok(os.WriteFile(a.path(file), content, 0o600))
}

func (a *authority) ok(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// broker starts a server of somebody else's on the loopback.
func broker(t *testing.T, o *server.Options) (url string) {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	if err != nil {
		t.Fatal(err)
	}
	go s.Start()
	if !s.ReadyForConnections(startWithin) {
		t.Fatal("the server was not ready")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return s.ClientURL()
}

// talks says whether a line can be opened, and something be said and heard on it.
func talks(t *testing.T, a Address) error {
	t.Helper()
	c, err := Dial(a, "test", nil)
	if err != nil {
		return err
	}
	defer c.Close()
	heard := make(chan Message, 1)
	if err := c.Listen("here", func(m Message) { heard <- m }); err != nil {
		return err
	}
	if err := c.Send("here", "", []byte("x")); err != nil {
		return err
	}
	hear(t, heard)
	return nil
}

// Over TLS both sides are known: the broker by a certificate that is trusted, whoever comes
// by a token, or by a certificate of his own.
func TestTLS(t *testing.T) {
	ours, theirs := newAuthority(t, "ours"), newAuthority(t, "theirs")
	ours.sign("server", ours)
	ours.sign("client", ours)
	theirs.sign("client", theirs)
	config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: ours.path("server.crt"), KeyFile: ours.path("server.key"), CaFile: ours.path("ours.crt")})
	if err != nil {
		t.Fatal(err)
	}
	byToken := broker(t, &server.Options{TLSConfig: config.Clone(), TLSTimeout: 5, Authorization: "secret"})
	config.ClientAuth = tls.RequireAndVerifyClientCert
	byCert := broker(t, &server.Options{TLSConfig: config, TLSVerify: true, TLSTimeout: 5})

	if err := talks(t, Address{URL: byToken, Token: "secret", CA: ours.path("ours.crt")}); err != nil {
		t.Errorf("token over TLS: %v", err)
	}
	if err := talks(t, Address{URL: byCert, CA: ours.path("ours.crt"), Cert: ours.path("client.crt"), Key: ours.path("client.key")}); err != nil {
		t.Errorf("certificate: %v", err)
	}
	for name, bad := range map[string]struct {
		address Address
		is      error
	}{
		"a broker whom nobody vouches for":   {Address{URL: byToken, Token: "secret"}, ErrBroker},
		"another authority":                  {Address{URL: byToken, Token: "secret", CA: theirs.path("theirs.crt")}, ErrBroker},
		"another token":                      {Address{URL: byToken, Token: "guess", CA: ours.path("ours.crt")}, ErrAddress},
		"no certificate where one is wanted": {Address{URL: byCert, Token: "secret", CA: ours.path("ours.crt")}, ErrBroker},
		"a stranger's certificate":           {Address{URL: byCert, CA: ours.path("ours.crt"), Cert: theirs.path("client.crt"), Key: theirs.path("client.key")}, ErrBroker},
		"no such file":                       {Address{URL: byToken, Token: "secret", CA: ours.path("missing.crt")}, ErrAddress},
		"a certificate without its key":      {Address{URL: byCert, Cert: ours.path("client.crt")}, ErrAddress},
	} {
		err := talks(t, bad.address)
		if !errors.Is(err, bad.is) {
			t.Errorf("%s: %v; %v was expected", name, err, bad.is)
		}
		if err != nil && (strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "guess")) {
			t.Errorf("%s: the error tells the token: %v", name, err)
		}
	}
}

// Credentials, as nsc writes them, open a broker that knows the account's signer; those of
// an account that it does not know open nothing.
func TestCredentials(t *testing.T) {
	operator := pairOf(t, nkeys.CreateOperator)
	known, stranger := pairOf(t, nkeys.CreateAccount), pairOf(t, nkeys.CreateAccount)
	resolver := &server.MemAccResolver{}
	account := jwt.NewAccountClaims(public(t, known))
	if err := resolver.Store(public(t, known), encode(t, account, operator)); err != nil {
		t.Fatal(err)
	}
	claims := jwt.NewOperatorClaims(public(t, operator))
	claims.Name = "test"
	url := broker(t, &server.Options{TrustedOperators: []*jwt.OperatorClaims{decode(t, encode(t, claims, operator))}, AccountResolver: resolver})
	for name, by := range map[string]nkeys.KeyPair{"known": known, "stranger": stranger} {
		user := pairOf(t, nkeys.CreateUser)
		seed, err := user.Seed()
		if err != nil {
			t.Fatal(err)
		}
		content, err := jwt.FormatUserConfig(encode(t, jwt.NewUserClaims(public(t, user)), by), seed)
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(t.TempDir(), "user.creds")
		if err := os.WriteFile(file, content, 0o600); err != nil {
			t.Fatal(err)
		}
		err = talks(t, Address{URL: url, Creds: file})
		if name == "known" && err != nil {
			t.Errorf("known: %v", err)
		}
		if name == "stranger" && !errors.Is(err, ErrAddress) {
			t.Errorf("stranger: %v; %v was expected", err, ErrAddress)
		}
	}
	if err := talks(t, Address{URL: url, Creds: filepath.Join(t.TempDir(), "none.creds")}); !errors.Is(err, ErrAddress) {
		t.Errorf("no such file: %v", err)
	}
}

func pairOf(t *testing.T, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func public(t *testing.T, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func encode(t *testing.T, c jwt.Claims, by nkeys.KeyPair) string {
	t.Helper()
	s, err := c.Encode(by)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func decode(t *testing.T, token string) *jwt.OperatorClaims {
	t.Helper()
	c, err := jwt.DecodeOperatorClaims(token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}
