package mesh

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
)

// Address says where a broker is and what opens it. Its secrets come from files, so that
// no list of processes shows them, and no method of it prints them.
type Address struct {
	URL   string // nats://host:4222, or several with commas between: the servers of a cluster
	Token string `json:"-"`
	Creds string // file of credentials, as nsc writes it
	CA    string // file of certificates to trust; "": the system's
	Cert  string // file of the client's certificate, with Key
	Key   string
}

// ErrAddress is wrapped by errors that are the address's fault.
var ErrAddress = errors.New("the address of the broker")

// Check says what is wrong with an address before anything is dialled.
func (a Address) Check() error {
	fail := func(format string, args ...any) error {
		return fmt.Errorf("%w: %s", ErrAddress, fmt.Sprintf(format, args...))
	}
	for part := range strings.SplitSeq(a.URL, ",") {
		u, err := url.Parse(strings.TrimSpace(part))
		switch {
		case err != nil || u.Host == "":
			return fail("a URL as nats://host:4222 was expected")
		case u.User != nil:
			return fail("it carries a user or a token, which every list of processes would show; put it into a file, and name that by --token-file or --creds")
		case strings.Trim(u.Path, "/") != "" || u.RawQuery != "" || u.Fragment != "" || u.ForceQuery:
			return fail("more follows its host and port than a broker's URL has; what opens it is named by --token-file, --creds, or --tls-cert and --tls-key")
		case u.Scheme != "nats" && u.Scheme != "tls":
			return fail("scheme %q: nats or tls was expected", u.Scheme)
		case (a.Cert == "") != (a.Key == ""):
			return fail("--tls-cert and --tls-key go together")
		case a.Token == "" && a.Creds == "" && a.Cert == "":
			return fail("nothing opens it: name a --token-file, --creds, or --tls-cert and --tls-key")
		}
	}
	for _, secret := range [][2]string{{"credentials", a.Creds}, {"key", a.Key}} {
		if secret[1] != "" {
			if err := private(secret[0], secret[1]); err != nil {
				return fmt.Errorf("%w: %w", ErrAddress, err)
			}
		}
	}
	return a.read()
}

// read reads the files that open it, as a line will that is opened: what is wrong in them is
// the user's, and is no broker's fault.
func (a Address) read() error {
	var o nats.Options
	for _, set := range a.options() {
		if err := set(&o); err != nil {
			return fmt.Errorf("%w: --creds: %w", ErrAddress, err)
		}
	}
	if o.SignatureCB != nil {
		if _, err := o.SignatureCB([]byte("anything")); err != nil {
			return fmt.Errorf("%w: --creds: %w; credentials as nsc writes them were expected", ErrAddress, err)
		}
	}
	if o.RootCAsCB != nil {
		if _, err := o.RootCAsCB(); err != nil {
			return fmt.Errorf("%w: --tls-ca: %w; certificates in PEM were expected", ErrAddress, err)
		}
	}
	if o.TLSCertCB != nil {
		if _, err := o.TLSCertCB(); err != nil {
			return fmt.Errorf("%w: --tls-cert and --tls-key: %w", ErrAddress, err)
		}
	}
	return nil
}

// options are what opens it, as the line's library takes it.
func (a Address) options() (options []nats.Option) {
	if a.Token != "" {
		options = append(options, nats.Token(a.Token))
	}
	if a.Creds != "" {
		options = append(options, nats.UserCredentials(a.Creds))
	}
	if a.CA != "" {
		options = append(options, nats.RootCAs(a.CA))
	}
	if a.Cert != "" {
		options = append(options, nats.ClientCert(a.Cert, a.Key))
	}
	return options
}

// private refuses a file that others than its owner may read.
func private(what, path string) error {
	info, err := os.Stat(path)
	if err == nil && info.Mode().Perm()&0o077 != 0 {
		err = fmt.Errorf("others may read the %s in %s (mode %#o): chmod 600 it", what, path, info.Mode().Perm())
	}
	return err
}

// ReadToken reads a token from a file that only its owner may read.
func ReadToken(path string) (string, error) {
	if err := private("token", path); err != nil {
		return "", fmt.Errorf("%w: %w", ErrAddress, err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(b))
	if token == "" || len(token) > 4096 || strings.ContainsAny(token, " \t\r\n") {
		return "", fmt.Errorf("%w: %s: one token on one line was expected", ErrAddress, path)
	}
	return token, nil
}

// Dial opens a line to a broker elsewhere. weather may be nil.
func Dial(a Address, name string, weather Weather) (*Conn, error) {
	if err := a.Check(); err != nil {
		return nil, err
	}
	c, err := dial(a.URL, name, weather, a.options()...)
	if err != nil {
		return nil, a.explain(err)
	}
	if err := c.carries(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// explain says what a failed connection means, in words that name the cure and no secret.
func (a Address) explain(err error) error {
	var op *net.OpError
	var unverified *tls.CertificateVerificationError
	switch {
	case errors.As(err, &unverified):
		return fmt.Errorf("%w: %s shows a certificate that is not to be trusted (%w): is that the right broker? Then name by --tls-ca who signed it", ErrHandshake, a.URL, unverified.Err)
	case errors.As(err, &op) && op.Op == "remote error", errors.Is(err, nats.ErrTLS): // the former is an alert, as TLS calls it
		return fmt.Errorf("%w: %s broke the handshake off (%w): does it want another certificate of yours, by --tls-cert and --tls-key?", ErrHandshake, a.URL, err)
	case errors.As(err, new(tls.RecordHeaderError)), errors.Is(err, nats.ErrSecureConnRequired), errors.Is(err, nats.ErrSecureConnWanted):
		return fmt.Errorf("%w: %s and this end do not agree on TLS (%w): is tls:// or --tls-ca missing, or too much?", ErrHandshake, a.URL, err)
	case errors.Is(err, nats.ErrAuthorization), errors.Is(err, nats.ErrAuthExpired):
		return fmt.Errorf("%w: %s refuses what opens it: is the token or the credentials file that of this broker?", ErrAddress, a.URL)
	case errors.Is(err, nats.ErrNoServers), errors.As(err, &op):
		return fmt.Errorf("%w: nobody answers at %s (%v): is the broker running, and the port right?", ErrBroker, a.URL, err)
	case errors.Is(err, nats.ErrTimeout):
		return fmt.Errorf("%w: %s did not answer within %s", ErrBroker, a.URL, dialWithin)
	case errors.Is(err, os.ErrNotExist), errors.Is(err, os.ErrPermission):
		return fmt.Errorf("%w: %w", ErrAddress, err)
	}
	return fmt.Errorf("%w: %s: %w", ErrBroker, a.URL, err)
}

// ErrBroker is wrapped by errors of a broker that cannot be reached.
var ErrBroker = errors.New("the broker")

// ErrHandshake is an ErrBroker of one that is there, and with which there is no talking.
var ErrHandshake = fmt.Errorf("%w is not spoken to", ErrBroker)

// dialWithin is how long one attempt to connect may take.
const dialWithin = 5 * time.Second
