package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/results"
)

// live is how other processes of this user find a run that can be asked: a file in the
// cache's folder "live", beside one with the token, both readable by this user alone. They
// are no part of the run folder, which may be given away.
type live struct {
	Crew    string    `json:"crew"`
	Dir     string    `json:"dir"` // of the run, absolute
	PID     int       `json:"pid"`
	URL     string    `json:"url"`
	Token   string    `json:"token_file,omitempty"`
	Creds   string    `json:"creds,omitempty"`
	CA      string    `json:"tls_ca,omitempty"`
	Cert    string    `json:"tls_cert,omitempty"`
	Key     string    `json:"tls_key,omitempty"`
	Started time.Time `json:"started"`
}

func liveDir() (string, error) {
	cache, err := cacheDir()
	return filepath.Join(cache, "live"), err
}

// announce writes the files of a run that can be asked, and returns what takes them away.
func announce(crew, runDir string, a mesh.Address) (l live, withdraw func() error, err error) {
	dir, err := liveDir()
	if err == nil {
		err = os.MkdirAll(dir, 0o700)
	}
	if err != nil {
		return l, nil, err
	}
	if runDir, err = filepath.Abs(runDir); err != nil {
		return l, nil, err
	}
	l = live{Crew: crew, Dir: runDir, PID: os.Getpid(), URL: a.URL, Creds: a.Creds, CA: a.CA, Cert: a.Cert, Key: a.Key, Started: time.Now().UTC()}
	if a.Token != "" {
		l.Token = filepath.Join(dir, crew+".token")
		if err := os.WriteFile(l.Token, []byte(a.Token+"\n"), 0o600); err != nil {
			return l, nil, err
		}
	}
	text, err := json.MarshalIndent(l, "", "  ")
	if err != nil {
		return l, nil, err
	}
	file := filepath.Join(dir, crew+".json")
	return l, func() error {
		err := os.Remove(file)
		if l.Token != "" {
			err = errors.Join(err, os.Remove(l.Token))
		}
		return err
	}, results.WriteFile(file, text)
}

// alive lists the runs of this user that can be asked, newest first, and takes away what
// those left behind that were killed.
func alive() ([]live, error) {
	dir, err := liveDir()
	if err != nil {
		return nil, err
	}
	return aliveIn(dir)
}

// aliveIn lists those of one folder.
func aliveIn(dir string) ([]live, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.json"))
	if err != nil {
		return nil, err
	}
	var all []live
	for _, file := range files {
		text, err := os.ReadFile(file)
		if errors.Is(err, fs.ErrNotExist) {
			continue // it has just ended
		}
		if err != nil {
			return nil, err
		}
		var l live
		if json.Unmarshal(text, &l) != nil || !running(l.PID) {
			err = os.Remove(file)
			if e := os.Remove(strings.TrimSuffix(file, ".json") + ".token"); !errors.Is(e, fs.ErrNotExist) {
				err = errors.Join(err, e)
			}
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
			continue
		}
		all = append(all, l)
	}
	return all, nil
}

// address is where the run can be asked.
func (l live) address() (mesh.Address, error) {
	a := mesh.Address{URL: l.URL, Creds: l.Creds, CA: l.CA, Cert: l.Cert, Key: l.Key}
	if l.Token == "" {
		return a, nil
	}
	var err error
	a.Token, err = mesh.ReadToken(l.Token)
	return a, err
}

// findLive finds the run that a user means: by its folder, the folder's name, or the
// crew's.
func findLive(what string) (live, error) {
	all, err := alive()
	if err != nil {
		return live{}, err
	}
	dir, err := filepath.Abs(what)
	if err != nil {
		return live{}, err
	}
	var names []string
	for _, l := range all {
		if l.Dir == dir || l.Crew == what || filepath.Base(l.Dir) == what {
			return l, nil
		}
		names = append(names, filepath.Base(l.Dir))
	}
	known := "; no run can be asked now"
	if len(names) > 0 {
		known = fmt.Sprintf("; those that can are %s", strings.Join(names, ", "))
	}
	return live{}, misuse("no run %q can be asked: it has ended, or opened no port (run it with --workers, --listen or --nats)%s", what, known)
}

// flags name the broker to a command that takes [brokerFlags]; no secret is among them.
func (l live) flags() []string {
	out := []string{"--nats", l.URL}
	for _, f := range []struct{ flag, file string }{{"--token-file", l.Token}, {"--creds", l.Creds}, {"--tls-ca", l.CA}, {"--tls-cert", l.Cert}, {"--tls-key", l.Key}} {
		if f.file != "" {
			out = append(out, f.flag, f.file)
		}
	}
	return out
}
