package mesh

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// Subjects are the addresses of one trial, by the name under which it runs.
//
//	sim.<run>.lease                               workers pull leases
//	sim.<run>.report                              workers report
//	sim.<run>.beat                                workers say how far they are
//	sim.<run>.worker.<name>.leases                answers to a worker's pulls
//	sim.<run>.worker.<name>.ack                   answers to its reports
//	sim.<run>.participant.<pool>.<index>.inspect  anybody looks at a participant
//
// Names of pools hold letters, digits and dashes; see sim/scenario.
type Subjects struct{ Run string }

// Lease is where workers pull.
func (s Subjects) Lease() string { return "sim." + s.Run + ".lease" }

// Report is where workers report.
func (s Subjects) Report() string { return "sim." + s.Run + ".report" }

// Beat is where workers say how far they are.
func (s Subjects) Beat() string { return "sim." + s.Run + ".beat" }

// Leases is where a worker awaits leases.
func (s Subjects) Leases(worker string) string { return s.worker(worker) + ".leases" }

// Ack is where a worker awaits acknowledgements.
func (s Subjects) Ack(worker string) string { return s.worker(worker) + ".ack" }

func (s Subjects) worker(name string) string { return "sim." + s.Run + ".worker." + name }

// Inspect is the address of one participant.
func (s Subjects) Inspect(whom method.ID) string {
	return fmt.Sprintf("sim.%s.participant.%s.%d.inspect", s.Run, whom.Pool, whom.Index)
}

// InspectAny is the addresses of all participants: one subscription a worker, because one
// a participant would cost 3.5 KB and a goroutine each.
func (s Subjects) InspectAny() string { return "sim." + s.Run + ".participant.*.*.inspect" }

// Whom is the participant that an address of [Subjects.InspectAny] names.
func (s Subjects) Whom(subject string) (method.ID, bool) {
	words := strings.Split(subject, ".")
	if len(words) != 6 {
		return method.ID{}, false
	}
	i, err := strconv.Atoi(words[4])
	return method.ID{Pool: words[3], Index: i}, err == nil && i >= 0
}
