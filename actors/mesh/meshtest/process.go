package meshtest

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// Here stands for a program: the broker runs in the process of the test.
const Here = ""

// Program builds the server that go.mod pins, and says where it lies.
func Program(t testing.TB) string {
	t.Helper()
	if testing.Short() {
		t.Skip("builds and starts a NATS server")
	}
	program := filepath.Join(t.TempDir(), "nats-server")
	out, err := exec.Command("go", "build", "-o", program, "github.com/nats-io/nats-server/v2").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// process starts a program on a port that the system chooses, until the test ends.
func process(t testing.TB, program, config string) *Broker {
	t.Helper()
	b := &Broker{t: t, dir: t.TempDir()}
	log := filepath.Join(b.dir, "log")
	all := fmt.Sprintf("listen: \"127.0.0.1:-1\"\nports_file_dir: %q\nlog_file: %q\n%s", b.dir, log, config)
	s := exec.Command(program, "-c", b.file("nats.conf", []byte(all)))
	ok(t, s.Start())
	t.Cleanup(func() {
		_ = s.Process.Kill() // it serves until then
		_ = s.Wait()
	})
	for began := time.Now(); time.Since(began) < 10*time.Second; time.Sleep(10 * time.Millisecond) {
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
