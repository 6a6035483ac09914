package world

import "github.com/loramesh/loramesh/sim/coordinator"

// averages are the methods that make of a round's uploads something of an adapter's size, and keep
// nothing of the rounds before: what a card does not say.
var averages = map[string]bool{
	"fedit": true, "fedit-first-client-only": true, "ffa-lora": true, "rolora": true, "lora-fair": true,
	"zeropad": true, "hetlora": true, "flexlora": true, "full-fine-tuning": true,
}

// handed is how many adapters at most a method that averages makes of a round: one, or one for
// each rank that clients have.
const handed = 8

// headBytes are beside the numbers in a blob, for each module and for all.
const headBytes = 256

// addStored adds what is stored in the rounds of a member, of whose cohort each stores so many bytes a
// round: uploads, with as much again for what they began from or are made into where the method is
// none that averages. Such a method, or one that nobody knows, is taken to keep all that it was sent
// to the end, as one does that stacks.
func (e *Estimate) addStored(m coordinator.Member, p *pool, s sample, each int64, cohort, leases int) {
	heads := int64(headBytes * (1 + s.modules))
	each += heads
	round, all := each*int64(cohort), each*int64(leases)
	kept := 4 * int64(s.controls) / int64(s.seeing) * int64(min(p.size, leases)) // by participants
	switch {
	case averages[m.Card.Name]:
		made := min(round, handed*(4*int64(s.most)+heads))
		e.Stays += 2*made + kept
		round, all = round+made, all+made*int64(rounds(m))
	default:
		e.Stays += 2*round + all + all/4
		round, all = 2*round, 2*all
	}
	if e.Stored += all; m.Regime.Flying > 0 { // who is out since long ago may store something still
		round = all
	}
	e.Round = max(e.Round, round)
}
