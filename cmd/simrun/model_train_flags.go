package main

import (
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/solo"
)

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

// check refuses what cannot be asked for, whatever the model and the examples are.
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
