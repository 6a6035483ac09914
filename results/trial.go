package results

import (
	"fmt"
	"os"

	"github.com/loramesh/loramesh/sim/ledger"
)

// Trial is what a report needs of one ledger: everything but the reports themselves,
// which are only counted, so that ten thousand participants cost as little as eight.
type Trial struct {
	ID   string
	Hash string // of the ledger
	Head ledger.Trial

	Folds       []ledger.Fold
	FoldCosts   []Cost   // what had been spent when each closed
	Queue       []Queued // of each, what was out when its round opened, and how old what it took was
	Evaluations []ledger.Evaluate
	End         ledger.End

	Work     map[string]Work // by participant: "client/3"
	Whom     []string        // the participants of Work, in order of first appearance
	Missing  []ledger.Missing
	Warnings []Warning

	spent Cost
	queue queue // of the round that is open
	begun []begun
}

// Work is what one participant did over the whole trial.
type Work struct {
	Reports  int
	Missing  int
	Examples int
	Up, Down int64   // bytes
	Spent    float64 // virtual seconds
	Energy   float64 // J
}

// Cost is what all participants together have spent so far.
type Cost struct {
	Up, Down int64   // bytes
	Flops    float64 // by the cost model
	Examples int64   // used
	Energy   float64 // J; 0: no device says what power it draws
}

// Warning is a text that was raised, and how often.
type Warning struct {
	Text  string
	Times int
}

// ReadTrial digests the ledger of one trial. The chain is checked on the way.
func ReadTrial(dir, id string) (*Trial, error) {
	file, err := os.Open(ledgerPath(dir, id))
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	t := &Trial{ID: id, Work: map[string]Work{}}
	last := ""
	for l, err := range ledger.Read(file) {
		if err != nil {
			return nil, fmt.Errorf("trial %s: %w", id, err)
		}
		t.take(l)
		last = l.Kind
	}
	if last != ledger.KindEnd {
		return nil, fmt.Errorf("trial %s: %w: it has no %q line; the trial did not finish", id, ledger.ErrBroken, ledger.KindEnd)
	}
	return t, nil
}

func (t *Trial) take(l ledger.Line) {
	t.Hash = l.Hash
	switch is := l.Is.(type) {
	case ledger.Trial:
		t.Head = is
	case ledger.Plan:
		t.queue.opened(is)
		t.entered(is)
	case ledger.Report:
		t.queue.came(is)
		w := t.work(is.From)
		w.Reports++
		w.Examples += is.Examples
		w.Up += is.Up
		w.Down += is.Down
		w.Spent += float64(is.Spent)
		w.Energy += is.Energy
		t.Work[is.From] = w
		t.spent.Up += is.Up
		t.spent.Down += is.Down
		t.spent.Flops += is.Flops
		t.spent.Examples += int64(is.Examples)
		t.spent.Energy += is.Energy
		t.warn(is.Warnings)
	case ledger.Missing:
		w := t.work(is.From)
		w.Missing++
		w.Down += is.Down
		w.Energy += is.Energy
		t.Work[is.From] = w
		t.spent.Down += is.Down
		t.spent.Flops += is.Flops
		t.spent.Energy += is.Energy
		t.Missing = append(t.Missing, is)
	case ledger.Fold:
		t.Folds = append(t.Folds, is)
		t.FoldCosts = append(t.FoldCosts, t.spent)
		t.Queue = append(t.Queue, t.queue.closed(is))
		t.warn(is.Warnings)
	case ledger.Evaluate:
		t.Evaluations = append(t.Evaluations, is)
	case ledger.End:
		t.End = is
	}
}

func (t *Trial) work(who string) Work {
	w, met := t.Work[who]
	if !met {
		t.Whom = append(t.Whom, who)
	}
	return w
}

func (t *Trial) warn(texts []string) {
next:
	for _, text := range texts {
		for i := range t.Warnings {
			if t.Warnings[i].Text == text {
				t.Warnings[i].Times++
				continue next
			}
		}
		t.Warnings = append(t.Warnings, Warning{Text: text, Times: 1})
	}
}
