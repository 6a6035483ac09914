package main

import (
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
)

// broker is a NATS server in a process of its own, with JetStream.
type broker struct {
	program, dir string
	url, token   string
	port         string
	process      *exec.Cmd
}

// startBroker starts a server on a free port of the loopback, behind a random token.
func startBroker(program, dir string) (*broker, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	l, err := listenLow()
	if err != nil {
		return nil, err
	}
	b := &broker{program: program, dir: dir, token: filepath.Join(dir, "token"), url: "nats://" + l.Addr().String()}
	_, b.port, _ = strings.Cut(l.Addr().String(), ":")
	if err := l.Close(); err != nil {
		return nil, err
	}
	token := rand.Text()
	config := fmt.Sprintf("listen: \"127.0.0.1:%s\"\nauthorization { token: %q }\njetstream { store_dir: %q }\nmax_pending: 8MB\nlog_file: %q\n",
		b.port, token, filepath.Join(dir, "store"), b.log())
	if err := errors.Join(os.WriteFile(b.token, []byte(token+"\n"), 0o600), os.WriteFile(filepath.Join(dir, "nats.conf"), []byte(config), 0o600)); err != nil {
		return nil, err
	}
	return b, b.start()
}

// listenWithin bounds the time in which a server must listen; a fraction of a second is usual.
const listenWithin = time.Minute

// start starts the process and waits until somebody listens.
func (b *broker) start() error {
	b.process = exec.Command(b.program, "-c", filepath.Join(b.dir, "nats.conf"))
	if err := b.process.Start(); err != nil {
		return err
	}
	for began := time.Now(); time.Since(began) < listenWithin; time.Sleep(25 * time.Millisecond) {
		if c, err := net.Dial("tcp", "127.0.0.1:"+b.port); err == nil {
			return c.Close()
		}
	}
	b.stop()
	return fmt.Errorf("%s does not listen on port %s", b.program, b.port)
}

// restart kills the process, waits a while, and starts another.
func (b *broker) restart(away time.Duration, over <-chan struct{}) error {
	b.stop()
	select {
	case <-over:
	case <-time.After(away):
	}
	return b.start()
}

func (b *broker) stop() {
	_ = b.process.Process.Kill() // it may have ended
	_ = b.process.Wait()         // with the signal that killed it
}

func (b *broker) log() string { return filepath.Join(b.dir, "log") }

// slowConsumers is how many clients the server's log says that it gave up, since they did not take
// what they were sent.
func (b *broker) slowConsumers() (int, error) {
	said, err := os.ReadFile(b.log())
	return strings.Count(string(said), "Slow Consumer Detected"), err
}

// cutOff has a process stand still until the server gives it up: all parties of the trial are
// sent, at an address at which nobody heeds it, more than a server holds for one that does not
// read. No error means that it did.
func (b *broker) cutOff(pid int, over <-chan struct{}) (err error) {
	token, err := mesh.ReadToken(b.token)
	if err != nil {
		return err
	}
	conn, err := mesh.Dial(mesh.Address{URL: b.url, Token: token}, "ballast", nil)
	if err != nil {
		return err
	}
	defer conn.Close()
	calls := make(chan string, 1)
	if err := conn.Listen(mesh.Call, func(m mesh.Message) {
		if c, ok := mesh.Decode[mesh.Calling](m.Data); ok {
			select {
			case calls <- c.Run:
			default:
			}
		}
	}); err != nil {
		return err
	}
	before, err := b.slowConsumers()
	if err != nil {
		return err
	}
	select {
	case run := <-calls: // before the process stands still: it may be the one that calls
		if err := notify(pid, pause); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, notify(pid, goOn)) }()
		return b.overload(conn, mesh.Subjects{Run: run}.Participant(method.ID{Pool: "nobody"}, mesh.Inspect), before, over)
	case <-over:
	case <-time.After(overloadWithin):
	}
	return errors.New("no run has called")
}

// overloadWithin bounds the time in which a server must have had enough of a client; a second or
// two are usual, on a machine that has nothing else to do.
const overloadWithin = time.Minute

// overload sends to a subject until the server has given up more clients than before.
func (b *broker) overload(conn *mesh.Conn, subject string, before int, over <-chan struct{}) error {
	ballast := make([]byte, mesh.PartBytes)
	for began := time.Now(); time.Since(began) < overloadWithin; {
		for range 64 {
			if err := conn.Send(subject, "", ballast); err != nil {
				return err
			}
		}
		if now, err := b.slowConsumers(); err != nil || now > before {
			return err
		}
		select {
		case <-over:
			return errors.New("the run is over")
		case <-time.After(time.Millisecond):
		}
	}
	return fmt.Errorf("the broker has given up nobody within %s", overloadWithin)
}
