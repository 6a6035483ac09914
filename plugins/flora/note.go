package flora

import (
	"encoding/json"
	"fmt"

	"github.com/loramesh/loramesh/plugins/method"
)

// noted is what methods note about a participant.
type noted struct {
	Turn int `json:"turn,omitempty"` // its last, counted from 1
	Rank int `json:"rank,omitempty"` // at which it trains from now on
}

// noteOf reads a note; the zero value where there is none.
func noteOf(p method.Participant) (n noted, err error) {
	if len(p.Note) == 0 {
		return n, nil
	}
	if err := json.Unmarshal(p.Note, &n); err != nil {
		return n, fmt.Errorf("flora: the note about %s is not one of ours: %w", p.ID, err)
	}
	return n, nil
}

func (n noted) about(id method.ID) (method.Note, error) {
	text, err := json.Marshal(n)
	return method.Note{About: id, Text: text}, err
}
