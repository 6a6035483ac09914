package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/results"
)

// newAdapter is the parent of what can be done to adapter folders without a run, one file
// each (adapter_*.go).
func newAdapter() *cobra.Command {
	c := &cobra.Command{
		Use:   "adapter",
		Short: "look at, merge, convert and compare adapter folders as PEFT writes them",
		Long: `Work on adapter folders as PEFT writes them: adapter_config.json and
adapter_model.safetensors. The runs of simrun leave such folders under adapters/.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(newAdapterInfo(), newAdapterMerge(), newAdapterConvert(), newAdapterDiff())
	return c
}

// openAdapter reads a folder. All that can be wrong with it is the user's to mend.
func openAdapter(dir string) (*peft.Folder, error) {
	config, err := os.ReadFile(filepath.Join(dir, peft.ConfigFile))
	if err != nil {
		return nil, misuse("%s is no adapter folder: %v%s", dir, err, adapterHint(dir))
	}
	b, err := newFiles().ReadFile(filepath.Join(dir, peft.TensorsFile))
	if err != nil {
		return nil, misuse("%s is no adapter folder: %v%s", dir, err, adapterHint(dir))
	}
	file, err := safetensors.Parse(b)
	if err != nil {
		return nil, misuse("%s: %v", filepath.Join(dir, peft.TensorsFile), err)
	}
	f, err := peft.Parse(config, file)
	if err != nil {
		return nil, misuse("%s: %v", dir, err)
	}
	return f, nil
}

// dtypes are the forms in which an adapter can be written.
var dtypes = []string{"F32", "BF16", "F16"}

func dtypeOf(flag string) (string, error) {
	d := strings.ToUpper(flag)
	if !slices.Contains(dtypes, d) {
		return "", misuse("--dtype %s: f32, bf16 or f16 was expected", flag)
	}
	return d, nil
}

// writeAdapter writes a folder that must not be there yet.
func writeAdapter(dir string, f *peft.Folder, dtype string) error {
	if err := newFolder(dir); err != nil {
		return err
	}
	return putAdapter(dir, f, dtype)
}

// putAdapter writes the two files of an adapter into a folder that is there, each whole or
// not at all; the small one, by which it is an adapter, last.
func putAdapter(dir string, f *peft.Folder, dtype string) error {
	config, tensors, err := f.Encode(dtype)
	if err != nil {
		return misuse("%s: %v", dir, err)
	}
	if err := results.WriteFile(filepath.Join(dir, peft.TensorsFile), tensors); err != nil {
		return err
	}
	return results.WriteFile(filepath.Join(dir, peft.ConfigFile), config)
}

// newFolder makes a folder that is not there, or is empty.
func newFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return os.MkdirAll(dir, 0o755)
	case err != nil:
		return misuse("--into %s: %v", dir, err)
	case len(entries) > 0:
		return misuse("--into %s: the folder is there already and not empty; it is not overwritten", dir)
	}
	return nil
}

// printObject prints one JSON object, indented.
func printObject(c *cobra.Command, v any) error {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.OutOrStdout(), "%s\n", b)
	return err
}

// wrote tells of a folder that was written.
func wrote(c *cobra.Command, into, output string) error {
	if output == "json" {
		return printObject(c, map[string]string{"wrote": into})
	}
	_, err := fmt.Fprintf(c.OutOrStdout(), "wrote %s\n", into)
	return err
}
