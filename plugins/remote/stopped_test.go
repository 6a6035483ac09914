//go:build unix

package remote_test

import (
	"syscall"
	"testing"
	"time"
)

// A plugin whose process is stopped does not keep the host from ending.
func TestCloseOfAStoppedProcess(t *testing.T) {
	p := open(t, "good")
	if err := signal(p.Pid(), syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	begun := time.Now()
	p.Close()
	if took := time.Since(begun); took > time.Minute { // two seconds, as a rule
		t.Errorf("took %v", took)
	}
}
