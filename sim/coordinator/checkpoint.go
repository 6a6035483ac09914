package coordinator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// checkpointVersion is raised when a machine of the version before would misread a
// checkpoint, or this one would misread one of theirs. Version 1 had no likenesses, and is read.
const checkpointVersion = 2

// Checkpoint is a machine between two rounds, or after the end, as a value: what cannot be
// found out again from the trial itself. Its bytes are canonical: lists in a fixed order,
// no host in them. What the caller adds, such as where the ledger stands, is not its business.
type Checkpoint struct {
	Version int            `json:"version"`
	Ended   bool           `json:"ended"`
	Stage   int            `json:"stage"`  // of the scenario, from 0
	Member  int            `json:"member"` // of the chain, from 0
	Round   int            `json:"round"`  // plans asked before it
	Local   int            `json:"local"`  // of them, the member's in this stage
	Folded  int            `json:"folded"`
	Now     method.Seconds `json:"now"` // virtual
	Turn    int            `json:"turn"`
	Empty   int            `json:"empty"` // rounds in a row without a report
	Up      int64          `json:"up"`    // bytes
	Down    int64          `json:"down"`  // bytes
	Flops   float64        `json:"flops"`
	Start   keptModel      `json:"start"`
	Deploy  keptModel      `json:"deploy"`
	Chain   []keptMember   `json:"chain"`
	Drawn   []keptPoint    `json:"drawn"`
	Book    []keptPerson   `json:"book"`   // in participant order
	Flying  []keptFlight   `json:"flying"` // in order of turn and participant
}

// keptMember is what one member of the chain has come to.
type keptMember struct {
	State    method.State    `json:"state"`
	Deployed *keptDeployment `json:"deployed"`
	Init     []keptInit      `json:"init,omitempty"`
}

type keptDeployment struct {
	Model keptModel `json:"model"`
	Start keptModel `json:"start"`
	Base  string    `json:"base"`
}

// keptPoint is the point that an evaluation's curve was last given.
type keptPoint struct {
	Ask    int    `json:"ask"`
	Folded int    `json:"folded"`
	Model  string `json:"model"`
}

// keptPerson is what the book says of one participant.
type keptPerson struct {
	Pool  string `json:"pool"`
	Index int    `json:"index"`
	Like  int    `json:"like,omitempty"` // its past is that of the one so many places before; see [Checkpoint.Shared]
	*Owned
	*Past
}

type keptTask struct {
	Member int    `json:"member"`
	Name   string `json:"name"`
	Times  int    `json:"times"`
}

// keptFlight is a lease that is out, with its answer if that has come.
type keptFlight struct {
	Turn   int            `json:"turn"`
	Round  int            `json:"round"` // that asked
	Folded int            `json:"folded"`
	Given  int            `json:"given"`
	Opened method.Seconds `json:"opened"`
	Down   []int64        `json:"down"` // bytes, by assignment
	Lease  keptLease      `json:"lease"`
	Answer *keptAnswer    `json:"answer"` // nil: not known yet
}

// ParseCheckpoint reads what [Checkpoint.Encode] wrote.
func ParseCheckpoint(b []byte) (c Checkpoint, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var head struct {
		Version int `json:"version"`
	}
	if err := json.Unmarshal(b, &head); err != nil {
		return c, fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	if head.Version < 1 || head.Version > checkpointVersion {
		return c, fmt.Errorf("the checkpoint has version %d; this simrun reads versions 1 to %d", head.Version, checkpointVersion)
	}
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("the checkpoint cannot be read: %w", err)
	}
	if d.More() {
		return c, errors.New("the checkpoint cannot be read: more follows where it should end")
	}
	c.Version = checkpointVersion
	return c, c.unshare()
}

// Encode is the checkpoint as one line of JSON.
func (c Checkpoint) Encode() ([]byte, error) { return json.Marshal(c.Shared()) }

// Deployed is the model that would answer a user, as it was when the checkpoint was taken.
func (c Checkpoint) Deployed() method.Model { return method.Model(c.Deploy) }

// Names lists the blobs that a machine which goes on from here may open, each once: what
// must stay alive as long as the checkpoint.
func (c Checkpoint) Names() []method.Blob {
	var all []any
	all = append(all, method.Model(c.Start), method.Model(c.Deploy))
	for _, k := range c.Chain {
		all = append(all, k.State)
		for _, i := range k.Init {
			all = append(all, method.InitAt(i))
		}
		if k.Deployed != nil {
			all = append(all, method.Model(k.Deployed.Model), method.Model(k.Deployed.Start))
		}
	}
	for _, p := range c.Book {
		if p.Owned != nil {
			all = append(all, p.Kept)
		}
	}
	for _, f := range c.Flying {
		all = append(all, method.WorkRequest(f.Lease))
		if f.Answer != nil {
			all = append(all, method.WorkResponse(*f.Answer))
		}
	}
	var out []method.Blob
	seen := map[method.Blob]bool{}
	for _, v := range all {
		for _, b := range method.BlobsIn(v) {
			if !seen[b] {
				seen[b] = true
				out = append(out, b)
			}
		}
	}
	return out
}
