package world

import "github.com/loramesh/loramesh/sim/scenario"

// Parts is the division by largest remainder.
func Parts(shares []scenario.Share, n int) []int { return parts(shares, n) }
