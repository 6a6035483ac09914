package remote

import (
	"errors"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

// Nobody waits for memory to be given back but the end, which is told what was not.
func TestFreeingIsBesideTheCalls(t *testing.T) {
	before := goleak.IgnoreCurrent()
	f := beginFreeing()
	slow, freed := make(chan struct{}), 0
	f.hand(nil)
	f.hand(func() error { <-slow; freed++; return errors.New("the first") })
	f.hand(func() error { freed++; return errors.New("the second") }) // while the first takes its time
	close(slow)
	err := f.end()
	if freed != 2 || err == nil || !strings.Contains(err.Error(), "the first") || !strings.Contains(err.Error(), "the second") {
		t.Errorf("%d freed, %v", freed, err)
	}
	goleak.VerifyNone(t, before)
}

func TestFreeingNothing(t *testing.T) {
	before := goleak.IgnoreCurrent()
	if err := beginFreeing().end(); err != nil {
		t.Error(err)
	}
	goleak.VerifyNone(t, before)
}
