package results

import (
	"fmt"
	"strconv"
	"strings"
)

// Keep says which checkpoints of a trial stay. The newest always does.
type Keep struct {
	Every int // and each of so many rounds; 0: no other
}

// ParseKeep reads "last", "all" or "every:n".
func ParseKeep(s string) (Keep, error) {
	switch n, counted := strings.CutPrefix(s, "every:"); {
	case s == "last":
		return Keep{}, nil
	case s == "all":
		return Keep{Every: 1}, nil
	case counted:
		if every, err := strconv.Atoi(strings.TrimSpace(n)); err == nil && every > 0 {
			return Keep{Every: every}, nil
		}
	}
	return Keep{}, fmt.Errorf("last, all or every:n was expected, found %q", s)
}

func (k Keep) String() string {
	switch k.Every {
	case 0:
		return "last"
	case 1:
		return "all"
	}
	return fmt.Sprintf("every:%d", k.Every)
}

// stays says whether the checkpoint of a round is kept when there is a newer one.
func (k Keep) stays(round int) bool { return k.Every > 0 && round%k.Every == 0 }
