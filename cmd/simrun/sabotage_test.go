package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

// badPlugin is a plugin with the fault that its argument names.
func badPlugin() { remotetest.Main(os.Args[1]) }

// sabotage FILE BEFORE AFTER replaces the first BEFORE in a file.
func sabotage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: sabotage FILE BEFORE AFTER")
	}
	before := ts.ReadFile(args[0])
	after := strings.Replace(before, args[1], args[2], 1)
	if before == after {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(after), 0o644))
}

// codeText is the exit code behind an error of os/exec.
func codeText(err error) string {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return "0"
	case errors.As(err, &exit):
		return strconv.Itoa(exit.ExitCode())
	}
	return err.Error()
}

// replaceOnce insists that there is something to replace.
func replaceOnce(s, before, after string) string {
	if !strings.Contains(s, before) {
		panic(fmt.Sprintf("%q has no %q", s, before))
	}
	return strings.Replace(s, before, after, 1)
}

func mustJSON(v any) []byte {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}
