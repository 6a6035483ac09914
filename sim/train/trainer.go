package train

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/world"
)

// Trainer works in one slot. It is not safe for concurrent use; its trainers of other
// slots share the world, the blobs and the merged bases.
type Trainer struct {
	world   *world.World
	blobs   method.Blobs
	merged  *Merged
	runners []*nn.Runner // memory of the last step, used again: the model's, then its teachers'
	encoder *nn.Runner   // of routers that look at whole prompts
	stands  []*beside    // what runs beside the weights in each of them
}

// New returns a trainer for one slot. merged is shared by the slots of a process.
func New(w *world.World, blobs method.Blobs, merged *Merged) *Trainer {
	return &Trainer{world: w, blobs: blobs, merged: merged}
}

// Work does one lease, its assignments in order. step, which may be nil, is told of each
// step of the work, so that others can see that it moves and stop it: an error from step
// ends the work.
func (t *Trainer) Work(req method.WorkRequest, step func(Step) error) (method.WorkResponse, error) {
	if step == nil {
		step = func(Step) error { return nil }
	}
	if len(req.Draws) != len(req.Assign) {
		return method.WorkResponse{}, fmt.Errorf("train: %d draws for %d assignments", len(req.Draws), len(req.Assign))
	}
	if h, ok := t.blobs.(holder); ok {
		defer h.Hold()()
	}
	var out method.WorkResponse
	for i, a := range req.Assign {
		j := job{req: req, assign: a, draw: req.Draws[i], step: step, keeps: &[]method.Named{}}
		rep, err := t.one(j)
		if err != nil {
			return method.WorkResponse{}, fmt.Errorf("%s, assignment %q of round %d: %w", req.Whom, a.Name, req.Round, err)
		}
		req.Kept = method.Keeping(req.Kept, *j.keeps) // the next assignment finds it
		out.Kept = append(out.Kept, *j.keeps...)
		rep.Name, rep.From, rep.Round, rep.Share = a.Name, req.Whom, req.Round, 1
		out.Reports = append(out.Reports, rep)
	}
	return out, nil
}

// holder is a store whose views must be held while they are looked at, because others
// retire blobs meanwhile.
type holder interface{ Hold() (release func()) }

// Step is how far the work on one assignment is, as it is told before each step of it.
type Step struct {
	Done, Of int
	Loss     float64 // of the step before; 0 before the first, and where nothing is trained
	// Factors are the parts in training as they are now, which only whoever is told of the
	// step may look at, and only until he returns; nil where nothing is trained.
	Factors func() []Factors
}

// Factors are those of one part.
type Factors struct {
	Name    string
	Tensors method.Tensors
}

// job is one assignment of a lease.
type job struct {
	req    method.WorkRequest
	assign method.Assignment
	draw   uint64
	step   func(Step) error
	keeps  *[]method.Named // what it keeps, in the order in which it is asked to
}

func (t *Trainer) one(j job) (method.Report, error) {
	if err := Carries(j.assign); err != nil {
		return method.Report{}, err
	}
	switch r := j.assign.Recipe.(type) {
	case method.Fit:
		return t.fit(j, r)
	case method.Score:
		return t.score(j, r)
	case method.Sample:
		return t.sample(j, r)
	case method.Probe:
		return t.probe(j, r)
	}
	panic(fmt.Sprintf("train: Carries let %T through", j.assign.Recipe))
}

// use readies a runner for a model, in memory that it has already.
func (t *Trainer) use(place int, m *nn.Model) *nn.Runner {
	for len(t.runners) <= place {
		t.runners, t.stands = append(t.runners, nil), append(t.stands, nil)
	}
	if t.runners[place] == nil {
		t.runners[place] = nn.NewRunner(m)
	} else {
		t.runners[place].Use(m)
	}
	return t.runners[place]
}
