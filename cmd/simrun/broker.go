package main

import (
	"errors"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors"
	"github.com/loramesh/loramesh/actors/mesh"
)

// brokerFlags say where a NATS broker is and what opens it; commands that need one share
// them. Secrets come from files.
type brokerFlags struct {
	address   mesh.Address
	tokenFile string
}

func (f *brokerFlags) flags(c *cobra.Command) {
	c.Flags().StringVar(&f.address.URL, "nats", "", "NATS broker that others run, as in nats://host:4222; several with commas between")
	c.Flags().StringVar(&f.tokenFile, "token-file", "", "file with the broker's token, readable by you alone")
	c.Flags().StringVar(&f.address.Creds, "creds", "", "file with the broker's credentials, as nsc writes it")
	c.Flags().StringVar(&f.address.CA, "tls-ca", "", "file of certificates to trust, where the system's do not do")
	c.Flags().StringVar(&f.address.Cert, "tls-cert", "", "file with a client certificate, with --tls-key")
	c.Flags().StringVar(&f.address.Key, "tls-key", "", "file with its key")
}

// given says whether a broker was named.
func (f *brokerFlags) given() bool { return f.address.URL != "" }

// checkAlone refuses flags that say what opens a broker where none was named.
func (f *brokerFlags) checkAlone() error {
	a := f.address
	for _, x := range [][2]string{{"--token-file", f.tokenFile}, {"--creds", a.Creds}, {"--tls-ca", a.CA}, {"--tls-cert", a.Cert}, {"--tls-key", a.Key}} {
		if x[1] != "" && !f.given() {
			return misuse("%s %s opens a broker, and none is named: add --nats URL, or leave it out", x[0], x[1])
		}
	}
	return nil
}

// broker is what the flags describe, checked.
func (f *brokerFlags) broker() (mesh.Address, error) {
	a := f.address
	if f.tokenFile != "" {
		var err error
		if a.Token, err = mesh.ReadToken(f.tokenFile); err != nil {
			return a, asMisuse(err)
		}
	}
	return a, asMisuse(a.Check())
}

// visit opens a line to a broker, for somebody who looks and asks.
func visit(a mesh.Address) (*mesh.Conn, error) {
	conn, err := actors.Visit(a)
	return conn, asMisuse(err)
}

// asMisuse makes what is wrong with an address the user's.
func asMisuse(err error) error {
	if errors.Is(err, mesh.ErrAddress) {
		return misuse("%v", err)
	}
	return err
}
