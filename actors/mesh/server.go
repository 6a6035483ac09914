package mesh

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Server is an embedded NATS server that only this process can reach.
type Server struct {
	nats  *server.Server
	token string
}

// startWithin is how long a server may take to be ready; 3 ms is usual.
const startWithin = 10 * time.Second

// Start starts a server. It opens no port, handles no signals and writes no log; even so
// every connection must show a token, so that opening a port one day opens no door.
func Start() (*Server, error) { return start(10 * time.Second) }

// start starts a server that gives up on a client which has not read for so long.
func start(writeWithin time.Duration) (*Server, error) {
	token := rand.Text()
	s, err := server.NewServer(&server.Options{ServerName: "simrun", DontListen: true, Authorization: token,
		NoSigs: true, NoLog: true, MaxPayload: 1 << 20, WriteDeadline: writeWithin})
	if err != nil {
		return nil, fmt.Errorf("mesh: the embedded server: %w", err)
	}
	go s.Start()
	if !s.ReadyForConnections(startWithin) {
		s.Shutdown()
		return nil, fmt.Errorf("mesh: the embedded server was not ready after %s", startWithin)
	}
	return &Server{nats: s, token: token}, nil
}

// Close ends the server and all connections that are left. It returns when it is gone.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}
