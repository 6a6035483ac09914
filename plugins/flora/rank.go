package flora

import (
	"encoding/json"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// memory is what methods write into State.Bytes.
type memory struct {
	// Rank is that of every client so far, and never grows; for FlexLoRA, which has one for
	// each, the largest that was offered.
	Rank int `json:"rank"`
	// Turn counts RoLoRA's rounds that brought something.
	Turn int `json:"turn,omitempty"`
	// Place is where Centralised trains, once that is settled; Begun says that it has, in this
	// stage; Updates are those it was asked for in this stage.
	Place   *method.ID `json:"place,omitempty"`
	Begun   bool       `json:"begun,omitempty"`
	Updates int        `json:"updates,omitempty"`
	// Clients are the population of those with control variates.
	Clients int `json:"clients,omitempty"`
}

// equalRank is the one rank at which everyone offered trains: the parameter "rank", or
// the smallest that anyone offered so far could hold. It can fall when a smaller
// participant is first offered, and does not rise again, for the adapter has been cut by
// then. The state returned remembers it.
func equalRank(r method.PlanRequest) (rank int, state method.State, err error) {
	was, err := remembered(r.State)
	if err != nil {
		return 0, state, err
	}
	rank = was.Rank
	if stated := r.Params.Int("rank"); stated > 0 {
		rank = stated
	}
	for _, p := range r.Offered {
		switch {
		case p.Rank == 0: // no limit
		case r.Params.Int("rank") > p.Rank:
			return 0, state, fmt.Errorf("flora: rank %d is asked of every client, and %s can hold %d: lower `rank`, leave it out to take the smallest, or raise the rank of pool %q", rank, p.ID, p.Rank, p.ID.Pool)
		case rank == 0 || p.Rank < rank:
			rank = p.Rank
		}
	}
	if rank == 0 {
		return 0, state, fmt.Errorf("flora: none of the %d participants offered has a limit on its rank, so there is no smallest one: set `rank`, or give their pool a rank", len(r.Offered))
	}
	was.Rank = rank
	state, err = was.state(r.State.Holds)
	return rank, state, err
}

// remembered is what a state says; the zero value before the first round.
func remembered(s method.State) (m memory, err error) {
	if len(s.Bytes) == 0 {
		return m, nil
	}
	if err := json.Unmarshal(s.Bytes, &m); err != nil {
		return m, fmt.Errorf("flora: the state is not one of ours: %w", err)
	}
	return m, nil
}

func (m memory) state(holds []method.Blob) (method.State, error) {
	bytes, err := json.Marshal(m)
	return method.State{Bytes: bytes, Holds: holds}, err
}
