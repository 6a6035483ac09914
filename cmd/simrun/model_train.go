package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/solo"
)

// tuning is what train is asked for (model_train_flags.go).
type tuning struct {
	model             modelFlags
	rows              rowFlags
	how               solo.Tuning
	into, base, dtype string
	release           func() error // of the folder, once it is locked
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

func (f *tuning) run(c *cobra.Command) error {
	dtype, err := f.check()
	if err != nil {
		return err
	}
	if err := f.place(); err != nil {
		return err
	}
	defer f.leave()
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
	if err := k.finish(course.Adapter, dtype); err != nil {
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
