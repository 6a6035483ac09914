package main

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/actors/mesh"
)

// stormFlag puts faults into the mesh of a process: it is how "simrun chaos" makes bad
// weather, and in no help text.
type stormFlag struct{ text string }

func (f *stormFlag) flag(c *cobra.Command) {
	c.Flags().StringVar(&f.text, "storm", "", "lose, double and delay messages, as in lose=1,double=5,delay=20,late=30ms,seed=7")
	if err := c.Flags().MarkHidden("storm"); err != nil {
		panic(err) // the flag is defined a line above
	}
}

// weather is that of one party, and its clock; nil where there is no storm.
func (f *stormFlag) weather(party string) (mesh.Weather, func() time.Time, error) {
	if f.text == "" {
		return nil, nil, nil
	}
	c, err := mesh.ParseClimate(f.text)
	if err != nil {
		return nil, nil, misuse("--storm: %v", err)
	}
	return c.Weather(party), c.Clock(party), nil
}

// flags pass the storm on to a worker.
func (f *stormFlag) flags() []string {
	if f.text == "" {
		return nil
	}
	return []string{"--storm", f.text}
}
