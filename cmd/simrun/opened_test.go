package main

import (
	"bufio"
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/actors/mesh/meshtest"
)

// However a broker is opened, the hash is that of a run without one; and whoever brings what does
// not open it is told so, as a run and as a worker, with the code of who is at fault.
func TestOneHashHoweverABrokerIsOpened(t *testing.T) {
	t.Parallel()
	program := meshtest.Program(t)
	dir, cache := workbench(t), t.TempDir()
	want := hashIn(t, dir, cache, "--engine", "inline")
	theirs := meshtest.NewAuthority(t, "theirs")
	theirs.Sign("client", theirs)
	credentials, stranger := meshtest.ByCredentials(t, program)
	another := meshtest.ByToken(t, program).TokenFile
	for name, way := range map[string]struct {
		to    *meshtest.Broker
		wrong []opening
	}{
		"token": {meshtest.ByToken(t, program), []opening{
			{"--token-file", another, 2, "refuses what opens it"}, {"--token-file", "none", 2, "no such file"}}},
		"token over TLS": {meshtest.ByTokenOverTLS(t, program), []opening{
			{"--token-file", another, 2, "refuses what opens it"}, {"--tls-ca", theirs.Path("theirs.crt"), 7, "name by --tls-ca who signed it"},
			{"--tls-ca", "", 7, "name by --tls-ca who signed it"}, {"--tls-ca", "none.crt", 2, "no such file"}, {"--tls-ca", "tiny.yaml", 2, "tiny.yaml"}}},
		"credentials": {credentials, []opening{
			{"--creds", stranger, 2, "refuses what opens it"}, {"--creds", "none.creds", 2, "no such file"}, {"--creds", another, 2, "credentials"}}},
		"certificate": {meshtest.ByCertificate(t, program), []opening{
			{"--tls-cert", "", 2, "go together"}, {"--tls-key", theirs.Path("client.key"), 2, "does not match"}, {"--tls-cert", "none.crt", 2, "no such file"}}},
	} {
		t.Run(name, func(t *testing.T) {
			flags := way.to.Flags()
			for _, w := range way.wrong {
				for _, command := range [][]string{{"run", "tiny.yaml", "--out", "never"}, {"worker"}} {
					w.refused(t, dir, cache, append(command, w.instead(flags)...))
				}
			}
			if _, err := os.Stat(filepath.Join(dir, "never")); err == nil {
				t.Error("a run that nothing opens for has made a folder")
			}
			workersAt(t, 1, flags...)
			if got := hashIn(t, dir, cache, flags...); got != want {
				t.Errorf("hash %s, not %s", got, want)
			}
			if files := telltales(t, filepath.Join(dir, "runs"), way.to.Secrets); len(files) > 0 {
				t.Errorf("secrets lie in %q", files)
			}
		})
	}
}

// opening is a flag with a value that opens nothing, or left out, and what is to be said of it.
type opening struct {
	flag, value string // "": without it
	code        int
	says        string
}

// instead are a broker's flags with it in the place of what opens.
func (o opening) instead(flags []string) []string {
	at := slices.Index(flags, o.flag)
	if o.value == "" {
		return slices.Delete(slices.Clone(flags), at, at+2)
	}
	return slices.Replace(slices.Clone(flags), at+1, at+2, o.value)
}

// refused runs a command, which must end with the code and say so.
func (o opening) refused(t *testing.T, dir, cache string, args []string) {
	t.Helper()
	c, _ := simrunIn(t, dir, cache, args...)
	var said bytes.Buffer
	c.Stderr = &said
	if err := c.Run(); codeText(err) != strconv.Itoa(o.code) || !strings.Contains(said.String(), o.says) {
		t.Errorf("%s with %s %q: %v, %d and %q were expected; it said:\n%s", args[0], o.flag, o.value, err, o.code, o.says, said.String())
	}
}

// A run for which nobody works says so, and how that ends; so it does of whoever cannot.
func TestARunWithoutWorkersSaysSo(t *testing.T) {
	if testing.Short() {
		t.Skip("waits for nobody to come")
	}
	b := meshtest.ByToken(t, meshtest.Here)
	run, _ := simrunIn(t, workbench(t), t.TempDir(), append([]string{"run", "tiny.yaml"}, b.Flags()...)...)
	run.Stderr = nil
	pipe, err := run.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	started(t, run)
	var said bytes.Buffer
	for lines := bufio.NewScanner(pipe); lines.Scan(); { // nobody ever comes: it ends when it has said so
		if said.WriteString(lines.Text() + "\n"); strings.Contains(lines.Text(), "no worker has come yet: start one") {
			if err := run.Process.Signal(os.Interrupt); err != nil {
				t.Error(err)
			}
		}
	}
	if err := run.Wait(); codeText(err) != "4" || strings.Count(said.String(), "no worker has come yet: start one") != 1 {
		t.Errorf("%v; it said:\n%s", err, said.String())
	}
	show := &display{out: &said}
	warn := slog.New(&notices{show: show, told: map[string]bool{}})
	for range 2 {
		warn.Info("nothing")
		warn.Warn("a worker cannot take part", "why", "it is old")
	}
	if n := strings.Count(said.String(), "a worker cannot take part; why: it is old\n"); n != 1 || strings.Contains(said.String(), "nothing") {
		t.Errorf("told %d times:\n%s", n, said.String())
	}
}
