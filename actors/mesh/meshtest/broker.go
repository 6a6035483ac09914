package meshtest

import (
	"crypto/rand"
	"fmt"
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
	slow             func() int
}

// SlowConsumers is how many clients the server says that it gave up for reading too slowly.
func (b *Broker) SlowConsumers() int { return b.slow() }

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

// NewBroker starts a server of somebody else's on the loopback, in this process, until the test ends.
func NewBroker(t testing.TB, o *server.Options) *Broker {
	t.Helper()
	o.Host, o.Port, o.NoSigs, o.NoLog = "127.0.0.1", server.RANDOM_PORT, true, true
	s, err := server.NewServer(o)
	ok(t, err)
	go s.Start()
	if !s.ReadyForConnections(time.Minute) {
		t.Fatal("the server was not ready")
	}
	t.Cleanup(func() { s.Shutdown(); s.WaitForShutdown() })
	return &Broker{URL: s.ClientURL(), t: t, dir: t.TempDir(), slow: func() int { return int(s.NumSlowConsumersClients()) }}
}

// open starts a broker by the text of its configuration, as a process of the program, or here.
func open(t testing.TB, program, config string) *Broker {
	t.Helper()
	if program != Here {
		return process(t, program, config)
	}
	file := filepath.Join(t.TempDir(), "nats.conf")
	ok(t, os.WriteFile(file, []byte(config), 0o600))
	o, err := server.ProcessConfigFile(file)
	ok(t, err)
	return NewBroker(t, o)
}

// file writes what only its owner may read.
func (b *Broker) file(name string, content []byte) (path string) {
	b.t.Helper()
	path = filepath.Join(b.dir, name)
	ok(b.t, os.WriteFile(path, content, 0o600))
	return path
}

// ByToken is a broker that a token opens.
func ByToken(t testing.TB, program string) *Broker { t.Helper(); return byToken(t, program, "") }

// Impatient is a broker that a token opens, and that gives a client up once a megabyte waits for
// it, beside what the system holds on the way.
func Impatient(t testing.TB, program string) *Broker {
	t.Helper()
	return byToken(t, program, "max_pending: 1MB")
}

// byToken is ByToken with more in the configuration.
func byToken(t testing.TB, program, more string) *Broker {
	t.Helper()
	token := rand.Text()
	b := open(t, program, fmt.Sprintf("authorization { token: %q }\n%s\n", token, more))
	b.TokenFile, b.Secrets = b.file("token", []byte(token+"\n")), []string{token}
	return b
}

// ByTokenOverTLS is one that shows a certificate itself.
func ByTokenOverTLS(t testing.TB, program string) *Broker {
	t.Helper()
	ours := NewAuthority(t, "ours")
	ours.Sign("server", ours)
	b := byToken(t, program, fmt.Sprintf("tls { cert_file: %q, key_file: %q, timeout: 5 }", ours.Path("server.crt"), ours.Path("server.key")))
	b.CA = ours.Path("ours.crt")
	return b
}

// ByCertificate is a broker whose clients show a certificate, over TLS.
func ByCertificate(t testing.TB, program string) *Broker {
	t.Helper()
	ours := NewAuthority(t, "ours")
	ours.Sign("server", ours)
	ours.Sign("client", ours)
	b := open(t, program, fmt.Sprintf("tls { cert_file: %q, key_file: %q, ca_file: %q, verify: true, timeout: 5 }\n", ours.Path("server.crt"), ours.Path("server.key"), ours.Path("ours.crt")))
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
