package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora/merge"
	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/rng"
)

// merging is what merge is asked for.
type merging struct {
	into, model, kind, sign, dtype, output string
	weights                                []float64
	density                                float64
	rank                                   int
	seed                                   uint64
	inherit                                bool
}

func newAdapterMerge() *cobra.Command {
	var f merging
	c := &cobra.Command{
		Use:   "merge FOLDER... --into FOLDER",
		Short: "make one adapter of several, or put adapters into their base",
		Long: `Make one adapter folder of several as PEFT's add_weighted_adapter does, by --kind:

  cat               factors one after the other: exact, the ranks add up
  svd               the exact sum, cut to --rank
  linear            sum of factors; has cross terms, wants equal ranks
  ties              the largest entries elect signs (--density, --sign)
  dare_linear, dare_ties
                    random entries, drawn by --seed, summed or electing
  magnitude_prune   sum of the largest entries (--density)
  ties_svd, dare_linear_svd, dare_ties_svd, magnitude_prune_svd
                    the same on the changes, not the factors, cut to --rank

With --model FOLDER, the adapter is put into that base, and --into becomes a whole
Hugging Face folder: weights in the form that they had, all other files copied. One
adapter may then be of any kind (DoRA, biases, heads, embeddings).`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return misuse("usage: %s FOLDER... --into FOLDER", c.CommandPath())
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error { return f.run(c, args) },
	}
	c.Flags().StringVar(&f.into, "into", "", "folder to write (required)")
	c.Flags().StringVar(&f.model, "model", "", "Hugging Face folder of the base to merge into")
	c.Flags().StringVar(&f.kind, "kind", "", "how several adapters are merged: "+strings.Join(merge.Kinds(), ", "))
	c.Flags().Float64SliceVar(&f.weights, "weights", nil, "a weight for each folder, as 0.7,-0.4")
	c.Flags().Float64Var(&f.density, "density", 0, "share of the entries that stay, above 0, at most 1")
	c.Flags().StringVar(&f.sign, "sign", "total", "total or frequency: whose sign ties and dare_ties elect")
	c.Flags().IntVar(&f.rank, "rank", 0, "rank of svd and *_svd; default: the largest of the adapters")
	c.Flags().Uint64Var(&f.seed, "seed", 1, "seed of the draws of dare_*")
	c.Flags().BoolVar(&f.inherit, "inherit-rslora", false, "as PEFT: if the first adapter uses rsLoRA, scale the result by √rank")
	outputFlag(c, &f.output)
	c.Flags().StringVar(&f.dtype, "dtype", "f32", "f32, bf16 or f16, of an adapter folder")
	return c
}

// check finds what is wrong with the flags before anything is read.
func (f merging) check(c *cobra.Command, folders int) error {
	switch {
	case f.into == "":
		return misuse("--into FOLDER is missing: where to write")
	case folders > 1 && f.kind == "":
		return misuse("--kind is missing: how to merge %d adapters; one of %s", folders, strings.Join(merge.Kinds(), ", "))
	case f.kind != "" && !slices.Contains(merge.Kinds(), f.kind):
		return misuse("--kind %s is no way to merge%s", f.kind, tailOf(f.kind, merge.Kinds()))
	case folders > 1 && len(f.weights) != folders, len(f.weights) > 0 && len(f.weights) != folders:
		return misuse("--weights has %s for %s: give one for each, as --weights 0.5,0.5", count(len(f.weights), "weight"), count(folders, "folder"))
	case f.kind != "" && len(f.weights) == 0:
		return misuse("--kind %s says nothing to a single adapter that is put into its base as it is: --weights 0.5 scales it", f.kind)
	case merge.NeedsDensity(f.kind) && !(f.density > 0 && f.density <= 1):
		return misuse("--density %v: %s wants the share of entries that stay, above 0, at most 1", f.density, f.kind)
	case !merge.NeedsDensity(f.kind) && c.Flags().Changed("density"):
		return misuse("--density says nothing to %s: no entries are dropped", orWord(f.kind, "a single adapter"))
	case f.sign != "total" && f.sign != "frequency":
		return misuse("--sign %s: total or frequency was expected", f.sign)
	case c.Flags().Changed("rank") && f.rank < 1:
		return misuse("--rank %d: at least 1 was expected", f.rank)
	case f.model == "" && folders == 1 && f.weights == nil:
		return misuse("one adapter and nothing to merge it with: give another, or --model FOLDER, or --weights and --kind to scale it")
	}
	return nil
}

func orWord(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

func (f merging) run(c *cobra.Command, dirs []string) error {
	dtype, err := dtypeOf(f.dtype)
	if err != nil {
		return err
	}
	if err := checkOutput(f.output); err != nil {
		return err
	}
	if err := f.check(c, len(dirs)); err != nil {
		return err
	}
	var folders []*peft.Folder
	for _, dir := range dirs {
		a, err := openAdapter(dir)
		if err != nil {
			return err
		}
		folders = append(folders, a)
	}
	merged := folders[0]
	if f.weights != nil {
		if merged, err = f.merge(c, dirs, folders); err != nil {
			return err
		}
	}
	if f.model != "" {
		err = mergeInto(f.model, f.into, merged)
	} else {
		err = writeAdapter(f.into, merged, dtype)
	}
	if err != nil {
		return err
	}
	return wrote(c, f.into, f.output)
}

// merge makes one folder of several.
func (f merging) merge(c *cobra.Command, dirs []string, folders []*peft.Folder) (*peft.Folder, error) {
	first := folders[0].Config
	var parts []merge.Part
	embeddings := map[string]bool{}
	for i, a := range folders {
		pairs, err := a.Factors()
		if err != nil {
			return nil, misuse("%s: %v", dirs[i], err)
		}
		if a.Config.Base != first.Base {
			_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: %s is for the base %q, and %s for %q\n", dirs[i], a.Config.Base, dirs[0], first.Base)
		}
		for _, l := range a.Layers {
			embeddings[l.Module] = embeddings[l.Module] || l.Embedding
		}
		parts = append(parts, merge.Part{Name: dirs[i], Weight: f.weights[i], Adapter: pairs})
	}
	if first.RSLoRA && !f.inherit {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "simrun: %s uses rsLoRA; PEFT would scale the result by √rank, which the weights do not say (--inherit-rslora does so too)\n", dirs[0])
	}
	o := merge.Options{Density: f.density, Rank: f.rank, RootScale: f.inherit && first.RSLoRA, Mask: merge.Drawn(rng.New(f.seed), f.density)}
	if f.sign == "frequency" {
		o.Sign = merge.Frequency
	}
	joined, err := merge.Merge(orWord(f.kind, "linear"), parts, o)
	if err != nil {
		return nil, misuse("%v", err)
	}
	out := peft.FromPairs(joined, first.Base, first.Task)
	for i, l := range out.Layers {
		out.Layers[i].Embedding = embeddings[l.Module]
	}
	return out, nil
}

// namesOf is for errors: at most three of them.
func namesOf(list []string) string {
	const most = 3
	if len(list) > most {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), len(list)-most)
	}
	return strings.Join(list, ", ")
}
