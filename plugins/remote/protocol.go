package remote

import (
	"context"
	"errors"
	"os"

	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

const (
	// ProtocolVersion is what this package speaks. It rises when a message changes its
	// meaning; new fields alone do not need it.
	ProtocolVersion = 2

	maxMessageBytes = 64 << 20
	windowBytes     = 16 << 20      // on their way at once; gRPC need not find out by pings what a socket carries
	firstBatch      = 64            // reports in the first message of a pass after the first
	maxBatch        = 1024          // and in later ones, doubling
	maxChunkBytes   = 1 << 20       // of a blob that is not mapped
	maxBlobBytes    = blob.MaxBytes // that a plugin may put
	firstPass       = 1             // over the reports, whose first batch comes unasked
	service         = "methods"     // under which go-plugin dispenses us
)

// handshake is no secret: it keeps a person from starting a plugin by hand and a host
// from starting something else.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "SIMRUN_PLUGIN",
	MagicCookieValue: "b7c5d1de-0b07-4c37-9a55-methods",
}

// Handshake is how a host and a plugin know each other, for programs that serve without
// [Serve].
func Handshake() plugin.HandshakeConfig { return handshake }

// IsPlugin says whether this process was started by a host, to serve.
func IsPlugin() bool { return os.Getenv(handshake.MagicCookieKey) == handshake.MagicCookieValue }

// versions are the protocols that both sides can speak, best last.
func versions(served methodpb.MethodsServer) map[int]plugin.PluginSet {
	return map[int]plugin.PluginSet{ProtocolVersion: {service: &bridge{served: served}}}
}

// bridge is what go-plugin wants: it registers the server in the plugin's process, and
// gives the host a client. served is nil in the host.
type bridge struct {
	plugin.NetRPCUnsupportedPlugin
	served methodpb.MethodsServer
}

var _ plugin.GRPCPlugin = (*bridge)(nil)

func (b *bridge) GRPCServer(_ *plugin.GRPCBroker, s *grpc.Server) error {
	if b.served == nil {
		return errors.New("remote: a host cannot serve")
	}
	methodpb.RegisterMethodsServer(s, b.served)
	return nil
}

func (b *bridge) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return methodpb.NewMethodsClient(conn), nil
}
