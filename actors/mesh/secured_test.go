package mesh

import (
	"crypto/tls"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

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
	ours, theirs := meshtest.NewAuthority(t, "ours"), meshtest.NewAuthority(t, "theirs")
	ours.Sign("server", ours)
	ours.Sign("client", ours)
	theirs.Sign("client", theirs)
	config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: ours.Path("server.crt"), KeyFile: ours.Path("server.key"), CaFile: ours.Path("ours.crt")})
	if err != nil {
		t.Fatal(err)
	}
	byToken := meshtest.NewBroker(t, &server.Options{TLSConfig: config.Clone(), TLSTimeout: 5, Authorization: "secret"}).URL
	config.ClientAuth = tls.RequireAndVerifyClientCert
	byCert := meshtest.NewBroker(t, &server.Options{TLSConfig: config, TLSVerify: true, TLSTimeout: 5}).URL

	plain := meshtest.NewBroker(t, &server.Options{Authorization: "secret"}).URL

	if err := talks(t, Address{URL: byToken, Token: "secret", CA: ours.Path("ours.crt")}); err != nil {
		t.Errorf("token over TLS: %v", err)
	}
	if err := talks(t, Address{URL: byCert, CA: ours.Path("ours.crt"), Cert: ours.Path("client.crt"), Key: ours.Path("client.key")}); err != nil {
		t.Errorf("certificate: %v", err)
	}
	for name, bad := range map[string]struct {
		address Address
		is      error
	}{
		"a broker whom nobody vouches for":   {Address{URL: byToken, Token: "secret"}, ErrHandshake},
		"another authority":                  {Address{URL: byToken, Token: "secret", CA: theirs.Path("theirs.crt")}, ErrHandshake},
		"another token":                      {Address{URL: byToken, Token: "guess", CA: ours.Path("ours.crt")}, ErrAddress},
		"no certificate where one is wanted": {Address{URL: byCert, Token: "secret", CA: ours.Path("ours.crt")}, ErrHandshake},
		"a stranger's certificate":           {Address{URL: byCert, CA: ours.Path("ours.crt"), Cert: theirs.Path("client.crt"), Key: theirs.Path("client.key")}, ErrHandshake},
		"a broker without TLS":               {Address{URL: plain, Token: "secret", CA: ours.Path("ours.crt")}, ErrHandshake},
		"nobody":                             {Address{URL: "nats://127.0.0.1:1", Token: "secret"}, ErrBroker},
		"no such file":                       {Address{URL: byToken, Token: "secret", CA: ours.Path("missing.crt")}, ErrAddress},
		"a certificate without its key":      {Address{URL: byCert, Cert: ours.Path("client.crt")}, ErrAddress},
	} {
		err := talks(t, bad.address)
		if !errors.Is(err, bad.is) || bad.is == ErrBroker && errors.Is(err, ErrHandshake) {
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
	b, stranger := meshtest.ByCredentials(t, meshtest.Here)
	if err := talks(t, Address{URL: b.URL, Creds: b.Creds}); err != nil {
		t.Errorf("known: %v", err)
	}
	if err := talks(t, Address{URL: b.URL, Creds: stranger}); !errors.Is(err, ErrAddress) {
		t.Errorf("stranger: %v; %v was expected", err, ErrAddress)
	}
	if err := talks(t, Address{URL: b.URL, Creds: filepath.Join(t.TempDir(), "none.creds")}); !errors.Is(err, ErrAddress) {
		t.Errorf("no such file: %v", err)
	}
	if err := os.Chmod(b.Creds, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := talks(t, Address{URL: b.URL, Creds: b.Creds}); !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), "chmod 600") {
		t.Errorf("credentials that others may read: %v", err)
	}
}
