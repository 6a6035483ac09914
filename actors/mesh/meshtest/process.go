package meshtest

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
)

// Here stands for a program: the broker runs in the process of the test.
const Here = ""

// Main is the program of a NATS server, as its own main has it, at the version that go.mod pins. A
// TestMain gives it the name nats-server: see [Program]. It ends with the process that started it.
func Main() {
	EndWithParent()
	flags := flag.NewFlagSet("nats-server", flag.ExitOnError)
	o, err := server.ConfigureOptions(flags, os.Args[1:], server.PrintServerAndExit, flags.Usage, server.PrintTLSHelpAndDie)
	if err != nil {
		server.PrintAndDie("nats-server: " + err.Error())
	}
	s, err := server.NewServer(o)
	if err != nil {
		server.PrintAndDie("nats-server: " + err.Error())
	}
	s.ConfigureLogger()
	if err := server.Run(s); err != nil {
		server.PrintAndDie("nats-server: " + err.Error())
	}
	s.WaitForShutdown()
}

// Program says where [Main] lies, for a test that takes a while.
func Program(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("starts NATS servers and workers")
	}
	path, err := exec.LookPath("nats-server")
	if err != nil {
		t.Fatalf("a TestMain with testscript.Main(m, map[string]func(){\"nats-server\": meshtest.Main}) was expected: %v", err)
	}
	return path
}

// process starts a program on a port that the system chooses, until the test ends.
func process(t testing.TB, program, config string) *Broker {
	t.Helper()
	b := &Broker{t: t, dir: t.TempDir()}
	log := filepath.Join(b.dir, "log")
	b.slow = func() int {
		said, err := os.ReadFile(log)
		ok(t, err)
		return strings.Count(string(said), "Slow Consumer Detected")
	}
	all := fmt.Sprintf("listen: \"127.0.0.1:-1\"\nports_file_dir: %q\nlog_file: %q\n%s", b.dir, log, config)
	s := exec.Command(program, "-c", b.file("nats.conf", []byte(all)))
	ok(t, s.Start())
	t.Cleanup(func() {
		_ = s.Process.Kill() // it serves until then
		_ = s.Wait()
	})
	for began := time.Now(); time.Since(began) < time.Minute; time.Sleep(10 * time.Millisecond) {
		var ports struct{ Nats []string }
		files, err := filepath.Glob(filepath.Join(b.dir, "*.ports"))
		ok(t, err)
		if len(files) == 0 {
			continue
		}
		text, err := os.ReadFile(files[0])
		if err == nil && json.Unmarshal(text, &ports) == nil && len(ports.Nats) > 0 { // else it is being written
			b.URL = ports.Nats[0]
			return b
		}
	}
	said, err := os.ReadFile(log)
	t.Fatalf("the server names no port; it said:\n%s (%v)", said, err)
	return nil
}
