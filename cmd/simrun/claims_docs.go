package main

import (
	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/claims"
)

func newClaimsDocs() *cobra.Command {
	return &cobra.Command{
		Use:   "docs FILE",
		Short: "write the page of all claims with what was seen",
		Long: `Write a page, in Markdown, of all claims with what was seen of them: those that this
program was built with. docs/claims.md of the sources is made so; after --record:

  go run ./cmd/simrun claims docs docs/claims.md`,
		Args: exactly(1, "FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			return results.WriteFile(args[0], []byte(claims.Markdown()))
		},
	}
}
