package results

import (
	"fmt"
	"strconv"
	"strings"
)

// Keep says which checkpoints of a trial stay. The newest always does.
type Keep struct {
	Every int  // and each of so many rounds; 0: no other
	Each  bool // one is written at every round, though it goes when the next is there
}

// ParseKeep reads "last", "each", "all" or "every:n".
func ParseKeep(s string) (Keep, error) {
	switch n, counted := strings.CutPrefix(s, "every:"); {
	case s == "last":
		return Keep{}, nil
	case s == "each":
		return Keep{Each: true}, nil
	case s == "all":
		return Keep{Every: 1}, nil
	case counted:
		if every, err := strconv.Atoi(strings.TrimSpace(n)); err == nil && every > 0 {
			return Keep{Every: every}, nil
		}
	}
	return Keep{}, fmt.Errorf("last, each, all or every:n was expected, found %q", s)
}

func (k Keep) String() string {
	switch k.Every {
	case 0:
		if k.Each {
			return "each"
		}
		return "last"
	case 1:
		return "all"
	}
	return fmt.Sprintf("every:%d", k.Every)
}

// due says whether a checkpoint is written at a round, however young the last one is.
func (k Keep) due(round int) bool { return k.Each || k.stays(round) }

// stays says whether the checkpoint of a round is kept when there is a newer one.
func (k Keep) stays(round int) bool { return k.Every > 0 && round%k.Every == 0 }
