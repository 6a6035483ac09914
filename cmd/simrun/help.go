package main

import "github.com/spf13/cobra"

// newHelp takes the place of cobra's own, which answers an unknown word with the help of
// the whole program and exit code 0.
func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [COMMAND]",
		Short: "help about a command",
		RunE: func(c *cobra.Command, args []string) error {
			about, rest, err := c.Root().Find(args)
			if err != nil {
				return misuse("%v", err)
			}
			if err := noArgs(about, rest); err != nil {
				return err
			}
			return about.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, begun string) (all []cobra.Completion, _ cobra.ShellCompDirective) {
			about, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp // there is no such command, and none below it
			}
			for _, sub := range about.Commands() {
				if !sub.Hidden {
					all = append(all, cobra.CompletionWithDesc(sub.Name(), sub.Short))
				}
			}
			return startingWith(begun, all), cobra.ShellCompDirectiveNoFileComp
		},
	}
}
