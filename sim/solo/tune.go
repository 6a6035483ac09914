package solo

import (
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/train"
)

// Tuning is how an adapter is trained, in the words of Transformers' Trainer and with its
// meaning: AdamW with betas 0.9 and 0.999, the mean over all labels of a batch, a
// schedule that begins at 0, gradients clipped by their norm.
type Tuning struct {
	LoRA
	Reading
	Rate     float64 // learning_rate, at its peak
	Epochs   float64 // num_train_epochs
	MaxSteps int     // max_steps; 0: as many as the epochs take
	Batch    int     // examples in a batch
	Pile     int     // gradient_accumulation_steps: batches to an update
	Warmup   float64 // warmup_ratio, of all updates
	Schedule string  // lr_scheduler_type: linear, cosine, constant, constant_with_warmup
	Clip     float64 // max_grad_norm; 0: not at all
	Decay    float64 // weight_decay
	Seed     uint64
	Best     bool // load_best_model_at_end: the epoch of the lowest validation loss is kept
}

// most is a number of examples or epochs that nobody has time for; sums of them stay exact.
const most = 1_000_000_000

// Check says what has no meaning.
func (t Tuning) Check() error {
	if err := t.LoRA.Check(); err != nil {
		return err
	}
	inf := math.Inf(1)
	switch {
	case !(t.Rate > 0 && t.Rate < inf):
		return fmt.Errorf("learning_rate is %g; expected a number above 0", t.Rate)
	case !(t.Epochs > 0 && t.Epochs < most):
		return fmt.Errorf("num_train_epochs is %g; expected a number above 0, and below 1e9", t.Epochs)
	case t.MaxSteps < 0:
		return fmt.Errorf("max_steps is %d; expected 0 (by the epochs) or more", t.MaxSteps)
	case t.Batch < 1:
		return fmt.Errorf("per_device_train_batch_size is %d; expected at least 1", t.Batch)
	case t.Pile < 1:
		return fmt.Errorf("gradient_accumulation_steps is %d; expected at least 1", t.Pile)
	case t.Batch > most/t.Pile:
		return fmt.Errorf("per_device_train_batch_size is %d and gradient_accumulation_steps %d; expected at most 1e9 examples to an update", t.Batch, t.Pile)
	case !(t.Warmup >= 0 && t.Warmup <= 1):
		return fmt.Errorf("warmup_ratio is %g; expected 0 … 1", t.Warmup)
	case t.Warmup > 0 && t.Schedule == "constant":
		return fmt.Errorf("warmup_ratio %g: the schedule constant has no warm-up; constant_with_warmup has", t.Warmup)
	case !slices.Contains(Schedules, t.Schedule):
		return fmt.Errorf("lr_scheduler_type is %q; expected one of %q", t.Schedule, Schedules)
	case !(t.Clip >= 0 && t.Clip < inf):
		return fmt.Errorf("max_grad_norm is %g; expected 0 (no clipping) or more", t.Clip)
	case !(t.Decay >= 0 && t.Decay < inf):
		return fmt.Errorf("weight_decay is %g; expected 0 or more", t.Decay)
	}
	return nil
}

// Schedules are the learning rates over time that are built.
var Schedules = []string{"linear", "cosine", "constant", "constant_with_warmup"}

// Step is one update that was made.
type Step struct {
	Step, Steps int // from 1
	Epoch       float64
	Loss        float64 // mean over the labels or answers of the batch, in nats; in regression the squared error
	Norm        float64 // of the gradient, before it was clipped
	Rate        float64
	Tokens      int // in the batch, or places of its pictures
}

// Epoch is how the adapter stood when all examples had been seen once more.
type Epoch struct {
	Epoch, Step int
	Train       float64  // mean loss over the labels of the epoch, as it went
	Valid       *nn.Loss // nil: there is nothing to validate on
}

// Course is what came of a training.
type Course struct {
	Adapter *peft.Folder
	Params  int // numbers that were trained
	Cut     int // examples that were too long and lost tokens
	Epochs  []Epoch
	Kept    int // epoch whose adapter this is, from 1
}

// Watcher is told how a training goes. An error of any ends it and is returned as it is.
type Watcher struct {
	Step  func(Step) error
	Valid func(done int) error            // examples that have been validated on
	Epoch func(Epoch, *peft.Folder) error // the folder is the watcher's to keep
}

// Training is a training that is about to run, or to go on ([Training.Resume]). It runs once.
type Training struct {
	t           Tuning
	on          *Model
	young       *young
	params      []nn.Param
	run         *nn.Runner
	adam        *nn.AdamW
	schedule    nn.Schedule
	key         rng.Key
	seqs, valid []data.Sequence
	steps       int
	at          standing
	terms       []term // once they have been asked for
}

// standing is where a training stands between two updates.
type standing struct {
	step    int         // updates that have been made
	epoch   int         // that is being gone through, from 1
	seen    int         // of its examples
	sum     nn.Loss     // over them
	dropout *rng.Stream // of the epoch
	best    []float32   // with Best: the parameters of the epoch that is kept, one behind the other
	Course
}

// Tune readies the training of one adapter on examples, to be validated on others after each
// epoch. What is wrong with options or examples is found here.
func (m *Model) Tune(examples, valid []data.Example, t Tuning) (*Training, error) {
	if err := t.Check(); err != nil {
		return nil, err
	}
	if len(examples) == 0 {
		return nil, fmt.Errorf("there are no examples to train on")
	}
	if t.Best && len(valid) == 0 {
		return nil, fmt.Errorf("load_best_model_at_end needs examples to validate on; there are none")
	}
	r := &Training{t: t, on: m, key: rng.New(t.Seed).At("tune")}
	var err error
	if r.young, err = t.begin(m.Net, r.key.At("init")); err != nil {
		return nil, err
	}
	r.params = r.young.params()
	if err := r.read(m, examples, valid); err != nil {
		return nil, err
	}
	if r.run, err = m.Runner(); err != nil {
		return nil, err
	}
	if err = r.run.Attach(r.young.branches...); err != nil {
		return nil, err
	}
	if len(m.head) > 0 {
		r.young.head = r.run.TrainBase(func(name string) bool { return slices.Contains(m.head, name) })
		r.params = append(r.params, r.young.head...)
	}
	if r.steps = t.MaxSteps; r.steps == 0 {
		r.steps = int(math.Ceil(t.Epochs * float64(r.updates())))
	}
	name := t.Schedule
	if name == "constant_with_warmup" {
		name = "constant"
	}
	r.schedule = nn.Schedule{Name: name, Warmup: int(math.Ceil(t.Warmup * float64(r.steps))), Total: r.steps, FromZero: true}
	r.adam = nn.NewAdamW(0.9, 0.999, 1e-8, t.Decay)
	for _, p := range r.params {
		r.at.Params += len(p.Value)
	}
	r.enter(1)
	return r, nil
}

// read encodes the examples.
func (r *Training) read(m *Model, examples, valid []data.Example) error {
	for _, x := range []struct {
		from []data.Example
		to   *[]data.Sequence
	}{{examples, &r.seqs}, {valid, &r.valid}} {
		seqs, cut, err := m.Read(x.from, r.t.Reading)
		if err != nil {
			return err
		}
		*x.to = seqs
		for _, c := range cut {
			if c {
				r.at.Cut++
			}
		}
	}
	return nil
}

// Run trains. base is how the folder names the model that it is for.
func (r *Training) Run(base string, watch Watcher) (*Course, error) {
	if err := r.recall(base); err != nil {
		return nil, err
	}
	for r.at.step < r.steps || r.at.seen > 0 {
		e, err := r.pass(watch)
		if err != nil {
			return nil, err
		}
		f, err := r.young.folder(base)
		if err != nil {
			return nil, err
		}
		if r.keeps(e) {
			r.at.Adapter, r.at.Kept = f, e.Epoch
			if r.t.Best {
				r.at.best = joined(r.params)
			}
		}
		r.at.Epochs = append(r.at.Epochs, e)
		r.enter(e.Epoch + 1)
		if err := watch.Epoch(e, f); err != nil {
			return nil, err
		}
	}
	return &r.at.Course, nil
}

// keeps says whether the adapter of an epoch that has ended takes the place of the one before.
func (r *Training) keeps(e Epoch) bool {
	for _, x := range r.at.Epochs {
		if r.t.Best && !(e.Valid.Mean() < x.Valid.Mean()) {
			return false
		}
	}
	return true
}

// enter begins an epoch.
func (r *Training) enter(epoch int) {
	r.at.epoch, r.at.seen, r.at.sum = epoch, 0, nn.Loss{}
	r.at.dropout = r.key.At("dropout", epoch).Stream()
}

// updates in an epoch.
func (r *Training) updates() int {
	size := r.t.Batch * r.t.Pile
	return (len(r.seqs) + size - 1) / size
}

// pass goes through what is left of an epoch's examples in an order of the epoch's own, or as
// far as there are steps, and validates.
func (r *Training) pass(watch Watcher) (e Epoch, err error) {
	at, order := &r.at, r.key.At("order", r.at.epoch).Stream().Perm(len(r.seqs))
	for at.seen < len(order) && at.step < r.steps {
		var seqs []data.Sequence
		hi := min(at.seen+r.t.Batch*r.t.Pile, len(order))
		s := Step{Step: at.step + 1, Steps: r.steps, Epoch: float64(at.epoch-1) + float64(hi)/float64(len(order))}
		for _, i := range order[at.seen:hi] {
			seqs = append(seqs, r.seqs[i])
			s.Tokens += r.seqs[i].Places(r.young.net.Config())
		}
		b := data.Join(r.young.net.Config(), seqs)
		b.Dropout = at.dropout
		l, err := r.update(b, &s)
		if err != nil {
			return e, err
		}
		at.seen = hi
		at.sum.Sum += l.Sum
		at.sum.Count += l.Count
		if err := watch.Step(s); err != nil {
			return e, err
		}
	}
	e = Epoch{Epoch: at.epoch, Step: at.step, Train: at.sum.Mean()}
	if len(r.valid) > 0 {
		_, l, err := score(r.run, r.valid, watch.Valid)
		if err != nil {
			return e, err
		}
		e.Valid = &l
	}
	return e, (train.Progress{Step: at.step, Steps: r.steps, Rate: r.t.Rate}).Left(r.params)
}

// update makes one step of the optimiser.
func (r *Training) update(b nn.Batch, s *Step) (nn.Loss, error) {
	nn.ZeroGrads(r.params)
	l, _, err := r.run.Learn(b, nil)
	if err != nil {
		return l, err
	}
	s.Loss, s.Rate = l.Mean(), r.t.Rate*r.schedule.Rate(r.at.step)
	if s.Norm = nn.GradNorm(r.params); r.t.Clip > 0 {
		nn.ClipNorm(r.params, r.t.Clip)
	}
	if err := (train.Progress{Step: s.Step, Steps: r.steps, Rate: r.t.Rate}).Diverged(l, s.Norm, r.params); err != nil {
		return l, err
	}
	r.adam.Step(r.params, s.Rate)
	r.at.step++
	return l, nil
}
