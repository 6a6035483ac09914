package mesh

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats-server/v2/server"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// mayTalk says whether a line can be opened to a broker whose user has these rights, and used.
func mayTalk(t *testing.T, p *server.Permissions) error {
	t.Helper()
	ours := meshtest.NewAuthority(t, "ours")
	ours.Sign("server", ours)
	ours.Sign("client", ours)
	config, err := server.GenTLSConfig(&server.TLSConfigOpts{CertFile: ours.Path("server.crt"), KeyFile: ours.Path("server.key"), CaFile: ours.Path("ours.crt"), Verify: true})
	if err != nil {
		t.Fatal(err)
	}
	b := meshtest.NewBroker(t, &server.Options{TLSConfig: config, TLSVerify: true, TLSMap: true, TLSTimeout: 5,
		Users: []*server.User{{Username: "CN=client", Permissions: p}}})
	c, err := Dial(Address{URL: b.URL, CA: ours.Path("ours.crt"), Cert: ours.Path("client.crt"), Key: ours.Path("client.key")}, "test", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	return errors.Join(c.MayTalk(), c.Show("service", "shows itself", nil, func() any { return nil }))
}

// Who lacks a right that is needed is told which, before anybody waits; who has those that are
// named is not.
func TestRights(t *testing.T) {
	all := []string{"sim.>", "_INBOX.>", "$SRV.>"}
	rights := func(publish, subscribe []string) *server.Permissions {
		return &server.Permissions{Publish: &server.SubjectPermission{Allow: publish}, Subscribe: &server.SubjectPermission{Allow: subscribe}}
	}
	if err := mayTalk(t, rights(all, all)); err != nil {
		t.Errorf("with all that is asked for: %v", err)
	}
	for name, p := range map[string]*server.Permissions{
		"to publish":           rights(all[1:], all),
		"to hear":              rights(all, all[1:]),
		"to be answered":       rights(all, []string{all[0], all[2]}),
		"to show what it does": rights(all, all[:2]),
	} {
		if err := mayTalk(t, p); !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), "sim.>, _INBOX.> and $SRV.>") {
			t.Errorf("without the right %s: %v", name, err)
		}
	}
}

// A broker that takes smaller messages than are sent would lose them for ever.
func TestABrokerOfSmallMessages(t *testing.T) {
	b := meshtest.NewBroker(t, &server.Options{Authorization: "secret", MaxPayload: maxPayload - 1})
	_, err := Dial(Address{URL: b.URL, Token: "secret"}, "test", nil)
	if want := fmt.Sprintf("messages of %d bytes at most (max_payload)", maxPayload-1); !errors.Is(err, ErrAddress) || !strings.Contains(err.Error(), want) {
		t.Errorf("%v; %q was expected in it", err, want)
	}
}
