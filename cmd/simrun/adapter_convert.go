package main

import (
	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora/peft"
)

// conversion is what convert is asked for.
type conversion struct {
	into, dtype, scaling, start, output string
	rank                                int
}

func newAdapterConvert() *cobra.Command {
	var f conversion
	c := &cobra.Command{
		Use:   "convert FOLDER --into FOLDER",
		Short: "write an adapter folder in another form",
		Long: `Write an adapter folder in another form; the change that it makes stays, but for
rounding and for what a smaller rank cannot hold.

  --start FOLDER   an adapter whose start moved the base (PiSSA, OLoRA, …) becomes a
                   plain one for the base as it was, at the sum of both ranks; FOLDER
                   was saved straight after the initialisation
  --rank N         cut every module of a larger rank to the nearest of rank N (SVD)
  --scaling rslora or plain
                   state the same scales by alpha/√rank or by alpha/rank
  --dtype f32, bf16 or f16
                   the form in which factors are written`,
		Args: exactly(1, "FOLDER --into FOLDER"),
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args[0]) },
	}
	c.Flags().StringVar(&f.into, "into", "", "folder to write (required)")
	c.Flags().StringVar(&f.dtype, "dtype", "f32", "f32, bf16 or f16")
	c.Flags().StringVar(&f.scaling, "scaling", "", "rslora or plain; default: as it is")
	c.Flags().StringVar(&f.start, "start", "", "folder saved straight after the initialisation")
	outputFlag(c, &f.output)
	c.Flags().IntVar(&f.rank, "rank", 0, "largest rank to keep; default: all")
	return c
}

func (f conversion) run(c *cobra.Command, dir string) error {
	dtype, err := dtypeOf(f.dtype)
	if err == nil {
		err = checkOutput(f.output)
	}
	switch {
	case err != nil:
		return err
	case f.into == "":
		return misuse("--into FOLDER is missing: where to write")
	case f.scaling != "" && f.scaling != "rslora" && f.scaling != "plain":
		return misuse("--scaling %s: rslora or plain was expected", f.scaling)
	case c.Flags().Changed("rank") && f.rank < 1:
		return misuse("--rank %d: at least 1 was expected", f.rank)
	}
	a, err := openAdapter(dir)
	if err != nil {
		return err
	}
	if a, err = f.apply(a, dir); err != nil {
		return err
	}
	if err := writeAdapter(f.into, a, dtype); err != nil {
		return err
	}
	return wrote(c, f.into, f.output)
}

// apply does what was asked for, in the order of the help.
func (f conversion) apply(a *peft.Folder, dir string) (*peft.Folder, error) {
	if f.start != "" {
		begun, err := openAdapter(f.start)
		if err != nil {
			return nil, err
		}
		if a, err = a.Since(begun); err != nil {
			return nil, misuse("%s since %s: %v", dir, f.start, err)
		}
	}
	if f.rank > 0 {
		cut, err := a.Truncated(f.rank)
		if err != nil {
			return nil, misuse("%s: %v", dir, err)
		}
		a = cut
	}
	switch f.scaling {
	case "rslora":
		a = a.WithRSLoRA()
	case "plain":
		a = a.Plain()
	}
	return a, nil
}
