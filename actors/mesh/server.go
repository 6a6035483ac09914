package mesh

import (
	"crypto/rand"
	"fmt"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// Server is an embedded NATS server. Unless it was asked to listen, only this process can
// reach it.
type Server struct {
	nats  *server.Server
	token string
	open  bool
}

// startWithin is how long a server may take to be ready; 3 ms is usual.
const startWithin = 10 * time.Second

// Start starts a server. It opens no port, or, if it is to listen, one of the loopback
// that the system chooses. It handles no signals and writes no log; every connection must
// show a random token, those within the process too.
func Start(listen bool) (*Server, error) { return start(listen, 10*time.Second) }

// start starts a server that gives up on a client which has not read for so long.
func start(listen bool, writeWithin time.Duration) (*Server, error) {
	token := rand.Text()
	s, err := server.NewServer(&server.Options{ServerName: "simrun", DontListen: !listen, Host: "127.0.0.1", Port: server.RANDOM_PORT,
		Authorization: token, NoSigs: true, NoLog: true, MaxPayload: maxPayload, MaxPending: 256 << 20, WriteDeadline: writeWithin})
	if err != nil {
		return nil, fmt.Errorf("mesh: the embedded server: %w", err)
	}
	go s.Start()
	for began := time.Now(); !s.ReadyForConnections(time.Millisecond); time.Sleep(time.Millisecond) { // asked for longer, it looks every 25 ms
		if time.Since(began) > startWithin {
			s.Shutdown()
			return nil, fmt.Errorf("mesh: the embedded server was not ready after %s", startWithin)
		}
	}
	return &Server{nats: s, token: token, open: listen}, nil
}

// maxPayload bounds one message; ours have at most [PartBytes] and a little.
const maxPayload = 1 << 20

// Address is where other processes reach the server, the token included; the zero Address
// of one that does not listen.
func (s *Server) Address() Address {
	if !s.open {
		return Address{}
	}
	return Address{URL: s.nats.ClientURL(), Token: s.token}
}

// Connect opens a line from within this process. weather may be nil: all goes well.
func (s *Server) Connect(name string, weather Weather) (*Conn, error) {
	c, err := dial("", name, weather, nats.InProcessServer(s.nats), nats.Token(s.token))
	if err != nil {
		return nil, fmt.Errorf("mesh: a connection to the embedded server: %w", err)
	}
	return c, nil
}

// Close ends the server and all connections that are left. It returns when it is gone.
func (s *Server) Close() {
	s.nats.Shutdown()
	s.nats.WaitForShutdown()
}
