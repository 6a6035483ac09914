package main

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func TestPluginsGetNoSecrets(t *testing.T) {
	t.Setenv("SIMRUN_TEST_TOKEN", "secret")
	for _, e := range pluginEnv() {
		if strings.Contains(e, "secret") {
			t.Errorf("a plugin is given %s", e)
		}
	}
}

// The first folder that has a name wins: those given, then $SIMRUN_PLUGIN_PATH.
func TestPluginsAreFoundInOrder(t *testing.T) {
	given, env := t.TempDir(), t.TempDir()
	for _, path := range []string{
		filepath.Join(given, "simrun-method-a"), filepath.Join(env, "simrun-method-a"), filepath.Join(env, "simrun-method-b"),
		filepath.Join(env, "other-method-c"),
	} {
		if err := os.WriteFile(path, nil, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Mkdir(filepath.Join(given, "simrun-method-folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("SIMRUN_PLUGIN_PATH", env)
	s := newShelf([]string{given, filepath.Join(given, "missing")}, true, time.Minute, slog.New(slog.DiscardHandler))
	want := []found{{"a", filepath.Join(given, "simrun-method-a")}, {"b", filepath.Join(env, "simrun-method-b")}}
	got := s.plugins()
	if len(got) != len(want) || got[0] != want[0] || got[1] != want[1] {
		t.Errorf("got %v, want %v", got, want)
	}
}
