package actors

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

// brief is all that a worker of another process must know to take part in a trial. What a
// world is made of beyond it (files, bases) it fetches by name, unless it has it. There is
// no code in it: a worker does what its own binary can do.
type brief struct {
	Protocol int      // of this package
	Contract string   // of the numbers
	Scenario []byte   // of the trial, with every default
	Hash     string   // of it
	World    string   // what the world is made of, by content
	Dir      string   // where the run was started: what paths are relative to
	Host     string   // on which the coordinator runs
	Spool    string   // folder for blobs of workers on that host; "": none
	Null     bool     // nothing is trained
	Proof    string   // content of a file in that folder: who can read it is on that host
	Common   []common // weights that all on that host share
}

// protocol is the version of what coordinator and workers say to each other.
const protocol = 5

// proofFile lies in the spool.
const proofFile = "proof"

// newBrief describes a trial.
func newBrief(w *world.World, stock *Stock, spool, proof string, null bool) (brief, error) {
	dir, err := os.Getwd()
	b := brief{Protocol: protocol, Contract: w.Contract(), Scenario: w.Trial.Scenario.Resolved(), Hash: w.Trial.Hash, World: w.Content(),
		Dir: dir, Host: hostID(), Spool: spool, Proof: proof, Null: null}
	if spool != "" {
		b.Common = stock.common(w)
	}
	if spool != "" && err == nil {
		b.Spool, err = filepath.Abs(spool)
	}
	return b, err
}

func (b brief) encode() []byte {
	out, err := json.Marshal(b)
	if err != nil {
		panic(fmt.Sprintf("actors: a brief cannot be encoded: %v", err)) // nothing in it can fail
	}
	return out
}

// readBrief reads a brief and refuses one that this binary cannot do justice to.
func readBrief(data []byte) (b brief, err error) {
	if err := json.Unmarshal(data, &b); err != nil {
		return b, fmt.Errorf("the brief cannot be read: %w", err)
	}
	switch {
	case b.Protocol != protocol:
		return b, fmt.Errorf("the run speaks version %d of the protocol, this worker %d: use one version of simrun for both", b.Protocol, protocol)
	case !kernel.KnownContract(b.Contract):
		return b, fmt.Errorf("the run's numbers are of contract %q, this worker's of %q: use one version of simrun for both", b.Contract, kernel.ContractWith(kernel.Rounded, kernel.RoundedHalf))
	}
	return b, nil
}

// near says whether the coordinator runs on this host, and its files are ours to read.
func (b brief) near() bool {
	if b.Spool == "" || b.Host == "" || b.Host != hostID() {
		return false
	}
	proof, err := os.ReadFile(filepath.Join(b.Spool, proofFile))
	return err == nil && string(proof) == b.Proof
}

// hostID names this host until it is started again; "" where the system has no such name.
func hostID() string {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return ""
	}
	return string(id)
}

// build makes the world that a brief describes, and insists that it is the coordinator's.
func (b brief) build(a *world.Assets) (*world.World, error) {
	doc, problems := scenario.Parse("brief", b.Scenario)
	if len(problems) > 0 {
		return nil, fmt.Errorf("the brief's scenario: %s", problems[0])
	}
	trials, problems := plan.Expand(doc)
	if len(problems) > 0 || len(trials) != 1 {
		return nil, fmt.Errorf("the brief's scenario makes %d trials, 1 was expected (%v)", len(trials), problems)
	}
	if trials[0].Hash != b.Hash {
		return nil, fmt.Errorf("the brief's scenario has the hash %.12s…, and it says %.12s…", trials[0].Hash, b.Hash)
	}
	w, problems, err := world.Build(trials[0], a)
	if err != nil {
		return nil, err
	}
	if len(problems) > 0 {
		return nil, errors.New(problems[0].String())
	}
	if got := w.Content(); got != b.World {
		return nil, fmt.Errorf("the base or the data here are not those of the run: their content is %.12s…, the run's %.12s…", got, b.World)
	}
	return w, nil
}

// The kinds of things that are fetched by name, beside blobs.
const (
	wantBlob  = "blob"
	wantFile  = "file"
	wantFiles = "files"
	wantBase  = "base"
)
