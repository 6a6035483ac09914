package meshtest

import (
	"crypto/rand"
	"crypto/tls"
	"net/url"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Broker is a NATS server on the loopback, and the files that open it.
type Broker struct {
	URL              string
	TokenFile, Creds string // "": it is opened otherwise
	CA, Cert, Key    string
	Secrets          []string // what must not be seen outside those files
	t                testing.TB
	dir              string
}

// Flags are those by which a command finds it.
func (b *Broker) Flags() []string {
	flags := []string{"--nats", b.URL}
	for _, f := range [][2]string{{"--token-file", b.TokenFile}, {"--creds", b.Creds}, {"--tls-ca", b.CA}, {"--tls-cert", b.Cert}, {"--tls-key", b.Key}} {
		if f[1] != "" {
			flags = append(flags, f[0], f[1])
		}
	}
	return flags
}

// NewBroker starts a server of somebody else's on the loopback, until the test ends.
func NewBroker(t testing.TB, o *server.Options) *Broker {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	ok(t, err)
	go s.Start()
	if !s.ReadyForConnections(10 * time.Second) {
		t.Fatal("the server was not ready")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return &Broker{URL: s.ClientURL(), t: t, dir: t.TempDir()}
}

// file writes what only its owner may read.
func (b *Broker) file(name string, content []byte) (path string) {
	b.t.Helper()
	path = filepath.Join(b.dir, name)
	ok(b.t, os.WriteFile(path, content, 0o600))
	return path
}

// ByToken is a broker that a token opens.
func ByToken(t testing.TB) *Broker {
	t.Helper()
	token := rand.Text()
	b := NewBroker(t, &server.Options{Authorization: token})
	b.TokenFile, b.Secrets = b.file("token", []byte(token+"\n")), []string{token}
	return b
}

// ByCertificate is a broker whose clients show a certificate, over TLS.
func ByCertificate(t testing.TB) *Broker {
	t.Helper()
	ours := NewAuthority(t, "ours")
	ours.Sign("server", ours)
	ours.Sign("client", ours)
	config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: ours.Path("server.crt"), KeyFile: ours.Path("server.key"), CaFile: ours.Path("ours.crt")})
	ok(t, err)
	config.ClientAuth = tls.RequireAndVerifyClientCert
	b := NewBroker(t, &server.Options{TLSConfig: config, TLSVerify: true, TLSTimeout: 5})
	b.CA, b.Cert, b.Key = ours.Path("ours.crt"), ours.Path("client.crt"), ours.Path("client.key")
	b.Secrets = lines(t, b.Key)
	return b
}

// WithPassword is the URL with a user and a password in it, which nobody should be given.
func (b *Broker) WithPassword(user, password string) string {
	b.t.Helper()
	u, err := url.Parse(b.URL)
	ok(b.t, err)
	u.User = url.UserPassword(user, password)
	return u.String()
}

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
