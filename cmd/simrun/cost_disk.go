package main

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/coordinator"
	"github.com/loramesh/loramesh/sim/world"
)

// What a run leaves on the disk beside its tensors, about, and rather more than less.
const (
	leaseBytes      = 1 << 10   // a report's line
	roundBytes      = 6 << 10   // lines of a round, and the same numbers in a table
	moduleBytes     = 1 << 10   // what a round's line and table say of a module
	pageBytes       = 128 << 10 // of the report, before its curves
	atBytes         = 16 << 10  // of a checkpoint
	whomBytes       = 128       // of a checkpoint, for each who has taken part
	checkpointFiles = 4         // at once: the newest, the one that comes, and two that are to be written over
)

// disk adds up the most that can lie there at once: what all trials leave, and of the one that takes
// most its bases and what it stores on the way, until that is thrown away or written over.
type disk struct {
	keep       results.Keep
	standing   []results.Standing // of trials that are gone on with, of which those that have ended store nothing more
	left, once int64
}

// add adds trial number i.
func (d *disk) add(i int, e world.Estimate, f coordinator.Fixed) {
	modules := 0
	for _, b := range f.Bases {
		modules = max(modules, len(b.Modules))
	}
	d.left += int64(e.Leases)*leaseBytes + int64(e.Rounds)*(roundBytes+int64(modules)*moduleBytes)
	files := int64(checkpointFiles)
	stays := e.Stays
	if d.keep.Every > 0 { // each of those names what it needs
		files += int64(e.Rounds / d.keep.Every)
		stays = max(stays, e.Stored)
	}
	d.left += files*(atBytes+whomBytes*int64(e.Leases)/int64(max(1, e.Rounds))) + min(2*stays, stays+e.Round) // once more: what is exported
	if i >= len(d.standing) || !d.standing[i].Done() {
		d.once = max(d.once, e.Base+d.heap(e))
	}
}

// heap is what lies there that nobody needs any more. Between two checkpoints a round is stored, or as
// many as come to [results.HeapBytes]; it goes with the checkpoint after the next. So three times as
// much may lie there, in files of which some wait to be written over, and are as large as they ever
// were. Before the first checkpoint some lies where what is needed to the end does.
func (d *disk) heap(e world.Estimate) int64 {
	if e.Stored == 0 {
		return 0
	}
	grown, first := e.Round, int64(0)
	if d.keep.Each || d.keep.Every == 1 {
		grown += blob.GenerationBytes
	} else {
		grown *= (results.HeapBytes + e.Round - 1) / e.Round
		first = min(grown, 2*blob.SegmentBytes)
	}
	return min(e.Stored, first+3*grown+blob.MaxSpares*min(blob.SegmentBytes, grown))
}

// most is the sum.
func (d *disk) most() int64 {
	sum := d.left + d.once + pageBytes
	if d.keep.Each {
		sum += results.JournalBytes
	}
	return sum
}

// roomy refuses a run for which the disk has no room beside what the run has written already.
func (c cost) roomy(dir string, written int64) error {
	there, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	for {
		if _, err := os.Stat(there); err == nil || there == filepath.Dir(there) {
			break
		}
		there = filepath.Dir(there)
	}
	free, known, err := freeBytes(there)
	need := c.Disk - written
	if err != nil || !known || free >= need {
		return err
	}
	more := ""
	if written > 0 {
		more = "more "
	}
	return &os.PathError{Op: fmt.Sprintf("the run may take %s %sof disk, and %s are free (--no-space-check runs it all the same):",
		results.Bytes(float64(need)), more, results.Bytes(float64(free))), Path: there, Err: syscall.ENOSPC}
}
