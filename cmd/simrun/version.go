package main

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/kernel"
)

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "print the version, and the numeric contract that hashes depend on",
		Args:  noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintf(c.OutOrStdout(), "simrun %s\n%s %s/%s\nnumeric contract %s, kernels %s\nwith products in bf16 %s, %s\n",
				versionText(), runtime.Version(), runtime.GOOS, runtime.GOARCH, contract(), kernel.CPU(), kernel.ContractWith(kernel.Rounded), kernel.RoundedCPU())
			return err
		},
	}
}
