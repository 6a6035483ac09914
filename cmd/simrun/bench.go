package main

import "github.com/spf13/cobra"

// newBench is the parent of the measurements, one file each (bench_*.go). Each prints a
// table, or with -o json one object, with the processor's model beside every figure; those
// that have a peer elsewhere take turns with it through --serve: a request a line on stdin,
// an answer a line on stdout.
func newBench(benches ...*cobra.Command) *cobra.Command {
	c := &cobra.Command{
		Use:   "bench",
		Short: "measure this build on this machine",
		Long: `bench measures this build on this machine. Let nothing else run meanwhile: the
figures are of wall time.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	c.AddCommand(append(benches, newBenchGEMM(), newBenchNull(), newBenchScale(), newBenchRoute(), newBenchRun())...)
	c.AddCommand(newBenchFold(), newBenchBenchstat())
	return c
}
