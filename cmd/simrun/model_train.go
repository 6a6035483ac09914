package main

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/solo"
)

// tuning is what train is asked for.
type tuning struct {
	model             modelFlags
	rows              rowFlags
	how               solo.Tuning
	into, base, dtype string
	problem           string
	validFile, save   string
	valid             float64
	every             int // updates from checkpoint to checkpoint
	resume            bool
	output            string
	quiet             bool
}

// trainedObject is what `model train -o json` prints.
type trainedObject struct {
	Adapter   string        `json:"adapter"`
	Params    int           `json:"params"`
	Examples  int           `json:"examples"`
	Held      int           `json:"examples_held_out"`
	Truncated int           `json:"truncated"`
	Kept      int           `json:"epoch_kept"`
	Epochs    []epochObject `json:"epochs"`
}

type epochObject struct {
	Epoch int           `json:"epoch"`
	Step  int           `json:"step"`
	Train ledger.Number `json:"train_loss"`
	Valid *lossObject   `json:"valid,omitempty"`
}

func newModelTrain() *cobra.Command {
	var f tuning
	c := &cobra.Command{
		Use:   "train --model DIR --data FILE --into DIR",
		Short: "fine-tune one LoRA adapter on examples; what comes out is a PEFT folder",
		Long: `Train one LoRA adapter on the examples of a file (see "simrun model score --help" for
how they are read), on one core. Flags have the names, meanings and defaults of PEFT's
LoraConfig and Transformers' TrainingArguments. --into becomes an adapter folder as
PEFT writes it, which loads there and in "simrun model" and "simrun adapter".

An encoder's head is trained with it and saved whole (modules_to_save). One without a
head gets one for the classes that the answers name; --problem-type makes a new one.

With --valid or --valid-file, loss and accuracy on examples that are not trained on are
measured after each epoch. The same flags, files and seed give the same bits.

A training that was interrupted, by Ctrl-C or in any other way, goes on by the same command
with --resume, to the same bits. It goes on from a checkpoint in --into, which is written
after every --save-steps updates and at Ctrl-C, and taken away at the end. With another
model, other examples or other options of training it would be another training; --resume
refuses it, and says in what they differ.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return f.run(c) },
	}
	f.model.flags(c)
	f.rows.flags(c)
	f.flags(c)
	return c
}

func (f *tuning) flags(c *cobra.Command) {
	s, h := c.Flags(), &f.how
	s.StringVar(&f.into, "into", "", "folder to write (required)")
	s.StringVar(&f.base, "base-name", "", "what the folder calls its base (base_model_name_or_path); default: --model as given")
	s.StringVar(&f.dtype, "dtype", "f32", "f32, bf16 or f16, of the folder's tensors")
	s.IntVar(&h.Rank, "r", 8, "rank")
	s.Float64Var(&h.Alpha, "lora-alpha", 8, "the change is scaled by alpha/r")
	s.StringSliceVar(&h.Targets, "target-modules", nil, `modules, as q_proj,v_proj, "*.q", or all-linear (default: queries and values)`)
	s.Float64Var(&h.Dropout, "lora-dropout", 0, "share of the adapter's input that is zeroed while training")
	s.BoolVar(&h.RSLoRA, "use-rslora", false, "scale by alpha/√r")
	s.BoolVar(&h.DoRA, "use-dora", false, "train lengths of the weights' rows, too (DoRA)")
	s.StringVar(&f.problem, "problem-type", "", "new head for an encoder: "+strings.Join(base.Problems, ", ")+" (default: the one that it has, or classes)")
	s.Float64Var(&h.Rate, "learning-rate", 5e-5, "at its peak")
	s.Float64Var(&h.Epochs, "num-train-epochs", 3, "passes over the examples; may be a fraction")
	s.IntVar(&h.MaxSteps, "max-steps", 0, "updates in all, whatever the epochs say; 0: by the epochs")
	s.IntVar(&h.Batch, "per-device-train-batch-size", 8, "examples in a batch")
	s.IntVar(&h.Pile, "gradient-accumulation-steps", 1, "batches to an update")
	s.Float64Var(&h.Warmup, "warmup-ratio", 0, "share of the updates in which the rate rises")
	s.StringVar(&h.Schedule, "lr-scheduler-type", "linear", strings.Join(solo.Schedules, ", "))
	s.Float64Var(&h.Clip, "max-grad-norm", 1, "larger gradients are shrunk to it; 0: never")
	s.Float64Var(&h.Decay, "weight-decay", 0, "AdamW's")
	s.Uint64Var(&h.Seed, "seed", 42, "of the start, the order and the dropout")
	s.Float64Var(&f.valid, "valid", 0, "share of the examples to validate on, chosen by their content")
	s.StringVar(&f.validFile, "valid-file", "", "file of examples to validate on")
	s.BoolVar(&h.Best, "load-best-model-at-end", false, "keep the epoch of the lowest validation loss, not the last")
	s.StringVar(&f.save, "save-strategy", "no", "no, or epoch: an adapter folder checkpoint-STEP in --into after each")
	s.IntVar(&f.every, "save-steps", 500, "updates from checkpoint to checkpoint, from which --resume goes on; 0: none")
	s.BoolVar(&f.resume, "resume", false, "go on with the training that was interrupted in --into")
	s.BoolVarP(&f.quiet, "quiet", "q", false, "no progress")
	outputFlag(c, &f.output)
}

func (f *tuning) check() (dtype string, err error) {
	if err := checkOutput(f.output); err != nil {
		return "", err
	}
	if err := f.model.check(); err != nil {
		return "", err
	}
	if err := f.rows.check(); err != nil {
		return "", err
	}
	if dtype, err = dtypeOf(f.dtype); err != nil {
		return "", err
	}
	if err := (solo.Head{Problem: f.problem}).Check(); err != nil {
		return "", misuse("%v", err)
	}
	if err := f.how.Check(); err != nil {
		return "", misuse("%v", err)
	}
	switch {
	case f.into == "":
		return "", misuse("--into DIR is missing: where to write the adapter")
	case f.how.Targets != nil && len(f.how.Targets) == 0:
		return "", misuse("--target-modules is empty: name modules, as q_proj,v_proj, or leave the flag out")
	case f.save != "no" && f.save != "epoch":
		return "", misuse("--save-strategy %s: no or epoch was expected; checkpoints to go on from are written with either (--save-steps)", f.save)
	case f.every < 0:
		return "", misuse("--save-steps %d: expected 0 (no checkpoints) or more", f.every)
	case !(f.valid >= 0 && f.valid < 1):
		return "", misuse("--valid %g: expected 0 … 1, below 1", f.valid)
	case f.valid > 0 && f.validFile != "":
		return "", misuse("--valid and --valid-file were both given; expected one of them")
	case f.how.Best && f.valid == 0 && f.validFile == "":
		return "", misuse("--load-best-model-at-end needs --valid or --valid-file")
	}
	return dtype, nil
}

func (f *tuning) run(c *cobra.Command) error {
	dtype, err := f.check()
	if err != nil {
		return err
	}
	if err := f.place(); err != nil {
		return err
	}
	examples, valid, err := f.examples()
	if err != nil {
		return err
	}
	m, err := f.model.open(c, true, &solo.Head{Problem: f.problem, Examples: examples, Seed: f.how.Seed})
	if err != nil {
		return err
	}
	if f.how.Reading, err = f.rows.reading(m); err != nil {
		return err
	}
	training, err := m.Tune(examples, valid, f.how)
	if err != nil {
		return misuse("%v", err)
	}
	k, err := f.keep(training)
	if err != nil {
		return err
	}
	step, _ := training.Step()
	show := newTrainShow(newDisplay(c.ErrOrStderr(), f.quiet), step)
	defer show.clear()
	course, err := training.Run(orWord(f.base, f.model.dir), f.watcher(c.Context(), show, k, dtype))
	if err != nil {
		return k.broke(c.Context(), err)
	}
	if err := putAdapter(f.into, course.Adapter, dtype); err != nil {
		return k.lost("the adapter", err)
	}
	if err := k.clear(); err != nil {
		return err
	}
	o := f.trained(course, len(examples), len(valid), m.Net.Config())
	if f.output == "json" {
		return printObject(c, o)
	}
	show.clear()
	return o.print(c.OutOrStdout())
}

// watcher shows how the training goes, writes what is to be written on the way, and ends it
// with ctx.
func (f *tuning) watcher(ctx context.Context, show *trainShow, k *keep, dtype string) solo.Watcher {
	return solo.Watcher{
		Step: func(s solo.Step) error {
			show.step(s)
			if ctx.Err() == nil && f.every > 0 && s.Step%f.every == 0 {
				return k.save()
			}
			return context.Cause(ctx)
		},
		Valid: func(int) error { return context.Cause(ctx) },
		Epoch: func(e solo.Epoch, a *peft.Folder) error {
			show.epoch(e)
			if f.save == "no" {
				return nil
			}
			if err := k.epoch(e, a, dtype); err != nil || f.every == 0 {
				return err
			}
			return k.save() // else the folder would lie there, and nothing to go on from
		},
	}
}

// examples reads those to train on and those to validate on.
func (f *tuning) examples() (examples, valid []data.Example, err error) {
	set, err := f.rows.load(f.rows.data, f.how.Seed)
	if err != nil {
		return nil, nil, err
	}
	if f.validFile != "" {
		held, err := f.rows.load(f.validFile, f.how.Seed)
		if err != nil {
			return nil, nil, err
		}
		return set.Train, held.Train, nil
	}
	all := make([]int, len(set.Train))
	for i := range all {
		all[i] = i
	}
	trained, held := data.Holdout(set, all, f.valid)
	for _, i := range trained {
		examples = append(examples, set.Train[i])
	}
	for _, i := range held {
		valid = append(valid, set.Train[i])
	}
	if f.valid > 0 && len(valid) == 0 {
		return nil, nil, misuse("--valid %g holds out none of %s; expected a larger share", f.valid, count(len(all), "example"))
	}
	return examples, valid, nil
}

func (f *tuning) trained(c *solo.Course, examples, held int, model nn.Config) trainedObject {
	o := trainedObject{Adapter: f.into, Params: c.Params, Examples: examples, Held: held, Truncated: c.Cut, Kept: c.Kept}
	for _, e := range c.Epochs {
		x := epochObject{Epoch: e.Epoch, Step: e.Step, Train: ledger.Number(e.Train)}
		if e.Valid != nil {
			l := lossOf(*e.Valid, model)
			x.Valid = &l
		}
		o.Epochs = append(o.Epochs, x)
	}
	return o
}

func (o trainedObject) print(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0) // Flush tells of errors
	_, _ = fmt.Fprintln(w, "epoch\tsteps\ttrain loss\tvalid loss\tvalid accuracy")
	for _, e := range o.Epochs {
		valid := "–\t–"
		if e.Valid != nil {
			valid = fmt.Sprintf("%.4f\t%s", float64(e.Valid.Loss), orDash("%.4f", e.Valid.Accuracy))
		}
		kept := ""
		if e.Epoch == o.Kept && len(o.Epochs) > 1 {
			kept = "\tkept"
		}
		_, _ = fmt.Fprintf(w, "%d\t%d\t%.4f\t%s%s\n", e.Epoch, e.Step, float64(e.Train), valid, kept)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if o.Truncated > 0 {
		if _, err := fmt.Fprintf(out, "%s too long and lost tokens (--max-length)\n", wereCut(o.Truncated)); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(out, "trained %d numbers on %s\nwrote %s\n", o.Params, count(o.Examples, "example"), o.Adapter)
	return err
}
