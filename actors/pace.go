package actors

import (
	"time"

	"github.com/loramesh/loramesh/plugins/method"
)

// pace is how long one waits for what. Wall time decides only what is done again.
type pace struct {
	tick    time.Duration // between looks at the clock; a worker beats as often
	answer  time.Duration // until a pull or a report is sent again
	lease   time.Duration // that a lease may stand still before others may have it
	lost    time.Duration // that a worker may be silent before its leases go to others
	dormant time.Duration // until the coordinator answers for a participant that may be awake
	away    time.Duration // that the broker may be away before the trial is given up
	call    time.Duration // without a call, after which a worker believes the trial over
	turn    time.Duration // that a worker stays with a run at least, though another is in want
	pays    time.Duration // of it, for each that it took to get ready
}

var usualPace = pace{tick: 250 * time.Millisecond, answer: 2 * time.Second, lease: time.Minute, lost: 3 * time.Second,
	dormant: 50 * time.Millisecond, away: 2 * time.Minute, call: 15 * time.Second, turn: 30 * time.Second, pays: 9}

// sabotage is called before each step of a participant's work, and may panic.
type sabotage func(whom method.ID, assignment string, step int)
