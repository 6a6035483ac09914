package solo

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/ledger"
)

// Keys of a checkpoint's metadata.
const (
	metaTraining = "simrun.training" // a [kept] in JSON
	metaSum      = "simrun.sha256"   // of that and of the tensors' bytes
)

// kept is what a checkpoint holds beside its tensors.
type kept struct {
	Terms   []term      `json:"terms"`
	Step    int         `json:"step"`
	Epoch   int         `json:"epoch"`
	Seen    int         `json:"seen"`
	Sum     keptLoss    `json:"sum"`
	Dropout []byte      `json:"dropout"` // state of the stream
	Epochs  []keptEpoch `json:"epochs"`
	Kept    int         `json:"epoch_kept"`
	Updates int         `json:"adamw_steps"`
}

type keptLoss struct {
	Sum     ledger.Number `json:"sum"`
	Count   int           `json:"count"`
	Correct int           `json:"correct"`
}

type keptEpoch struct {
	Epoch int           `json:"epoch"`
	Step  int           `json:"step"`
	Train ledger.Number `json:"train"`
	Valid *keptLoss     `json:"valid,omitempty"`
}

// Checkpoint is a training as it stands, as a safetensors file: what is trained, the two
// moments of AdamW, the place in the order of the examples, the losses so far, and the terms,
// by which [Training.Resume] knows the training again. It may be asked for by a [Watcher],
// and once Run has returned; not if the error was the training's own.
func (r *Training) Checkpoint() ([]byte, error) {
	if r.terms == nil {
		var err error
		if r.terms, err = r.name(); err != nil {
			return nil, err
		}
	}
	k := kept{Terms: r.terms, Step: r.at.step, Epoch: r.at.epoch, Seen: r.at.seen, Sum: keepLoss(r.at.sum),
		Dropout: r.at.dropout.State(), Kept: r.at.Kept, Updates: r.adam.Steps}
	for _, e := range r.at.Epochs {
		x := keptEpoch{Epoch: e.Epoch, Step: e.Step, Train: ledger.Number(e.Train)}
		if e.Valid != nil {
			l := keepLoss(*e.Valid)
			x.Valid = &l
		}
		k.Epochs = append(k.Epochs, x)
	}
	text, err := json.Marshal(k)
	if err != nil {
		return nil, err
	}
	var ts []safetensors.Tensor
	for _, x := range []struct {
		name string
		data []float32
	}{{"params", joined(r.params)}, {"first", r.adam.First}, {"second", r.adam.Second}, {"best", r.at.best}} {
		t, err := safetensors.FromFloats(x.name, "F32", []int{len(x.data)}, x.data)
		if err != nil {
			return nil, err
		}
		ts = append(ts, t)
	}
	return safetensors.Encode(map[string]string{metaTraining: string(text), metaSum: sealed(string(text), ts)}, ts)
}

// Resume has a training that has not begun go on where a checkpoint was made, to the same
// bits. It refuses the checkpoint of a training that differs in a term, and says in which;
// and one that is not whole.
func (r *Training) Resume(content []byte) error {
	f, err := safetensors.Parse(content)
	if err != nil {
		return err
	}
	text, ok := f.Meta[metaTraining]
	if !ok {
		return errors.New("it is no checkpoint of a training: its metadata lack " + metaTraining)
	}
	if f.Meta[metaSum] != sealed(text, f.Tensors) {
		return errors.New("it is damaged: its content has another hash than it had when it was written")
	}
	var k kept
	if err := json.Unmarshal([]byte(text), &k); err != nil {
		return err
	}
	if r.terms, err = r.name(); err != nil {
		return err
	}
	if err := differ(k.Terms, r.terms); err != nil {
		return err
	}
	if !k.stands(r) {
		return fmt.Errorf("it stands nowhere in this training: update %d, epoch %d, example %d, %d epochs before it of which %d is kept, %d updates of AdamW",
			k.Step, k.Epoch, k.Seen, len(k.Epochs), k.Kept, k.Updates)
	}
	dropout, err := rng.GoOn(k.Dropout)
	if err != nil {
		return err
	}
	r.at.step, r.at.epoch, r.at.seen, r.at.sum, r.at.dropout, r.at.Kept = k.Step, k.Epoch, k.Seen, k.Sum.loss(), dropout, k.Kept
	for _, e := range k.Epochs {
		x := Epoch{Epoch: e.Epoch, Step: e.Step, Train: float64(e.Train)}
		if e.Valid != nil {
			l := e.Valid.loss()
			x.Valid = &l
		}
		r.at.Epochs = append(r.at.Epochs, x)
	}
	return r.take(f, k)
}

// stands says whether a training comes by where it stood.
func (k *kept) stands(r *Training) bool {
	if k.Epoch < 1 || len(k.Epochs) != k.Epoch-1 || k.Seen < 0 || k.Seen > len(r.seqs) || k.Updates != k.Step {
		return false
	}
	for i, e := range k.Epochs {
		if e.Epoch != i+1 || (e.Valid != nil) != (len(r.valid) > 0) || i*r.updates() >= r.steps {
			return false
		}
	}
	size := r.t.Batch * r.t.Pile
	step := len(k.Epochs)*r.updates() + (k.Seen+size-1)/size
	if k.Seen == 0 {
		step = min(step, r.steps) // the last epoch may have been a part of one
	}
	best := k.Kept == len(k.Epochs) || r.t.Best && k.Kept > 0 && k.Kept < len(k.Epochs)
	return best && k.Step == step && step <= r.steps && (k.Seen%size == 0 || k.Seen == len(r.seqs))
}

// take puts the tensors of a checkpoint in their places.
func (r *Training) take(f *safetensors.File, k kept) error {
	held := map[string][]float32{}
	for _, name := range []string{"params", "first", "second", "best"} {
		t, ok := f.Get(name)
		want := r.at.Params
		if (name == "first" || name == "second") && k.Updates == 0 || name == "best" && (!r.t.Best || len(k.Epochs) == 0) {
			want = 0
		}
		if n := t.Len(); !ok || n != want {
			return fmt.Errorf("tensor %q has %d numbers; %d were expected", name, n, want)
		}
		data, err := t.Floats()
		if err != nil {
			return err
		}
		if len(data) > 0 {
			held[name] = append([]float32(nil), data...) // the file's memory is not ours
		}
	}
	spread(r.params, held["params"])
	r.adam.Steps, r.adam.First, r.adam.Second, r.at.best = k.Updates, held["first"], held["second"], held["best"]
	return nil
}

// Step is how many updates have been made, and Steps how many will be in all.
func (r *Training) Step() (step, steps int) { return r.at.step, r.steps }

// recall makes the adapter of the epoch that is kept, if a training goes on that has one.
func (r *Training) recall(base string) (err error) {
	if len(r.at.Epochs) == 0 {
		return nil
	}
	if r.at.best != nil {
		defer spread(r.params, joined(r.params))
		spread(r.params, r.at.best)
	}
	r.at.Adapter, err = r.young.folder(base)
	return err
}

// joined are the numbers of all parameters, one parameter behind the other.
func joined(params []nn.Param) (all []float32) {
	for _, p := range params {
		all = append(all, p.Value...)
	}
	return all
}

// spread is the way back.
func spread(params []nn.Param, all []float32) {
	for _, p := range params {
		all = all[copy(p.Value, all):]
	}
}

func keepLoss(l nn.Loss) keptLoss { return keptLoss{ledger.Number(l.Sum), l.Count, l.Correct} }

func (k keptLoss) loss() nn.Loss {
	return nn.Loss{Sum: float64(k.Sum), Count: k.Count, Correct: k.Correct}
}

// sealed is the hash of a checkpoint's content.
func sealed(text string, ts []safetensors.Tensor) string {
	sum := sha256.New()
	sum.Write([]byte(text))
	for _, t := range ts {
		sum.Write([]byte(t.Name))
		sum.Write(t.Bytes)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
