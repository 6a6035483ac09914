package export

import (
	"encoding/json"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/results"
)

// Fields of wandb_internal.Record, as wandb/proto/wandb_internal.proto numbers them.
const (
	recNum     = 1
	recHistory = 2
	recSummary = 3
	recRun     = 17
	recExit    = 18
	recHeader  = 21
	recFooter  = 22
)

// toWandB writes an offline run for each trial: offline-run-TIME-ID/run-ID.wandb, the
// transaction log that "wandb sync" uploads. A step of the history is a round.
func toWandB(r *results.Run, dir string) error {
	for _, t := range r.Trials {
		id := t.Hash[:8]
		folder := filepath.Join(dir, fmt.Sprintf("offline-run-%s-%s", started(r).Format("20060102_150405"), id))
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		log, err := wandbLog(r, t, id)
		if err != nil {
			return err
		}
		if err := results.WriteFile(filepath.Join(folder, "run-"+id+".wandb"), log); err != nil {
			return err
		}
	}
	return nil
}

func wandbLog(r *results.Run, t *results.Trial, id string) ([]byte, error) {
	w := newLevelLog()
	num := int64(0)
	put := func(field int, m message) {
		num++
		w.add(message{}.whole(recNum, num).sub(field, m))
	}
	put(recHeader, message{}.sub(1, message{}.text(1, "0.19.0").text(2, "0.9.0"))) // producer, least consumer
	put(recRun, wandbRun(r, t, id))
	last := message{}
	for _, step := range series(t) {
		m := message{}
		item := func(key string, v any) error {
			b, err := json.Marshal(v)
			if err != nil {
				return fmt.Errorf("%w: %s of trial %s: %v", ErrExport, key, t.ID, err)
			}
			i := message{}.text(1, key).text(16, string(b))
			m, last = m.sub(1, i), last.sub(1, i)
			return nil
		}
		for _, n := range step {
			if err := item(n.Key(), jsonNumber(n.Value)); err != nil {
				return nil, err
			}
		}
		end := step[len(step)-1]
		for key, v := range map[string]any{"_step": end.Step(), "_timestamp": float64(at(r, end).UnixNano()) / 1e9, "_runtime": end.TimeSec} {
			if err := item(key, v); err != nil {
				return nil, err
			}
		}
		put(recHistory, m.sub(2, message{}.whole(1, int64(end.Step()))))
	}
	put(recSummary, last)
	put(recExit, message{}.whole(1, 0).whole(2, int64(t.End.Now)))
	put(recFooter, message{})
	return w.file, nil
}

func wandbRun(r *results.Run, t *results.Trial, id string) message {
	config := message{}
	for _, f := range facts(r, t) {
		b, _ := json.Marshal(f[1]) // a text always has a form
		config = config.sub(1, message{}.text(1, f[0]).text(16, string(b)))
	}
	begin := started(r)
	return message{}.text(1, id).text(3, r.Plan.Name).sub(4, config).text(6, t.Head.Arm).text(8, t.Head.Name).text(9, r.Plan.Question).
		sub(17, stamp(begin))
}

// stamp is a google.protobuf.Timestamp.
func stamp(t time.Time) message {
	return message{}.whole(1, t.Unix()).whole(2, int64(t.Nanosecond()))
}

// jsonNumber gives numbers that JSON has no word for the words that wandb reads.
func jsonNumber(x float64) any {
	switch {
	case math.IsNaN(x):
		return "NaN"
	case math.IsInf(x, 1):
		return "Infinity"
	case math.IsInf(x, -1):
		return "-Infinity"
	}
	return x
}

// levelLog is a log file as LevelDB lays it out: blocks of 32 KiB, records in them whole
// or in pieces, each piece with a CRC-32 of its kind and bytes, its length, and its kind.
type levelLog struct{ file []byte }

const (
	blockSize  = 32 << 10
	pieceHead  = 7
	pieceWhole = 1
	pieceFirst = 2
	pieceMid   = 3
	pieceLast  = 4
)

// newLevelLog begins with wandb's own head: ":W&B", a magic number, version 0.
func newLevelLog() *levelLog { return &levelLog{[]byte{':', 'W', '&', 'B', 0xE1, 0xBE, 0}} }

func (l *levelLog) add(record message) {
	for first := true; first || len(record) > 0; first = false {
		left := blockSize - len(l.file)%blockSize
		if left < pieceHead {
			l.file = append(l.file, make([]byte, left)...)
			left = blockSize
		}
		n := min(len(record), left-pieceHead)
		kind := byte(pieceMid)
		switch whole := n == len(record); {
		case first && whole:
			kind = pieceWhole
		case first:
			kind = pieceFirst
		case whole:
			kind = pieceLast
		}
		sum := crc32.Update(crc32.ChecksumIEEE([]byte{kind}), crc32.IEEETable, record[:n])
		l.file = append(l.file, byte(sum), byte(sum>>8), byte(sum>>16), byte(sum>>24), byte(n), byte(n>>8), kind)
		l.file = append(l.file, record[:n]...)
		record = record[n:]
	}
}
