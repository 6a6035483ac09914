package mesh

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/plugins/method"
)

// Subjects are the addresses of one trial, by the name under which it runs.
//
//	sim.call                                       runs call for workers
//	sim.arrive                                     workers that have come say so, and runs call again
//	sim.hand.<name>                                the worker of that name says that there is one
//	sim.<crew>.present                             a run tells which trial is running
//	sim.<run>.brief                                workers ask what the trial is
//	sim.<run>.over                                 workers are told that it is over
//	sim.<run>.refuse                               workers say why they cannot take part
//	sim.<run>.lease                                workers pull leases
//	sim.<run>.report                               workers report
//	sim.<run>.beat                                 workers say that they live, and how far they are
//	sim.<run>.fetch                                workers fetch blobs, files and bases, piece by piece
//	sim.<run>.worker.<name>.leases                 answers to a worker's pulls
//	sim.<run>.worker.<name>.ack                    answers to its reports
//	sim.<run>.worker.<name>.fetch                  the coordinator fetches blobs that it made
//	sim.<run>.participant.<pool>.<index>.inspect   anybody looks at a participant
//	sim.<run>.participant.<pool>.<index>.snapshot  the same, and has what it is training stored
//
// Names of pools and workers hold letters, digits and dashes; see sim/scenario.
type Subjects struct{ Run string }

// The addresses that all runs share.
const (
	// Call is where runs call for workers.
	Call = "sim.call"
	// Arrive is where workers that have come say so: they need not wait for the next call.
	Arrive = "sim.arrive"
)

// Present is where a run, by the name of its crew, tells which of its trials is running.
func Present(crew string) string { return "sim." + crew + ".present" }

// Hand is where the worker of a name, if there is one, answers that there is.
func Hand(name string) string { return "sim.hand." + name }

// The addresses that all workers of a trial know.

// Brief is where workers ask what the trial is.
func (s Subjects) Brief() string { return s.of("brief") }

// Over is where workers are told that it is over.
func (s Subjects) Over() string { return s.of("over") }

// Refuse is where workers say why they cannot take part.
func (s Subjects) Refuse() string { return s.of("refuse") }

// Lease is where workers pull leases.
func (s Subjects) Lease() string { return s.of("lease") }

// Report is where workers report.
func (s Subjects) Report() string { return s.of("report") }

// Beat is where workers say that they live, and how far they are.
func (s Subjects) Beat() string { return s.of("beat") }

// Fetch is where workers fetch blobs, files and bases, piece by piece.
func (s Subjects) Fetch() string { return s.of("fetch") }

func (s Subjects) of(what string) string { return "sim." + s.Run + "." + what }

// The addresses of one worker.

// Leases is where a worker is answered what it pulled.
func (s Subjects) Leases(worker string) string { return s.of("worker." + worker + ".leases") }

// Ack is where it is answered what it reported.
func (s Subjects) Ack(worker string) string { return s.of("worker." + worker + ".ack") }

// FetchFrom is where the coordinator fetches blobs that the worker made.
func (s Subjects) FetchFrom(worker string) string { return s.of("worker." + worker + ".fetch") }

// What can be asked of a participant.
const (
	Inspect  = "inspect"
	Snapshot = "snapshot"
)

// Participant is the address of one participant; ask is [Inspect] or [Snapshot].
func (s Subjects) Participant(whom method.ID, ask string) string {
	return s.of(fmt.Sprintf("participant.%s.%d.%s", whom.Pool, whom.Index, ask))
}

// Participants is the addresses of all participants: one subscription a worker, because one
// a participant would cost 3.5 KB and a goroutine each.
func (s Subjects) Participants() string { return s.of("participant.*.*.*") }

// Whom is the participant that an address of [Subjects.Participants] names, and what is
// asked of it.
func (s Subjects) Whom(subject string) (id method.ID, ask string, ok bool) {
	words := strings.Split(subject, ".")
	if len(words) != 6 {
		return id, "", false
	}
	i, err := strconv.Atoi(words[4])
	return method.ID{Pool: words[3], Index: i}, words[5], err == nil && i >= 0 && (words[5] == Inspect || words[5] == Snapshot)
}

// Named says whether a name may be part of an address: letters, digits and dashes.
func Named(name string) bool {
	return name != "" && len(name) <= 64 && strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == ""
}
