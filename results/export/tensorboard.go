package export

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"os"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/results"
)

// toTensorBoard writes an event file for each trial. Steps are rounds, the wall time is
// the run's start and the virtual seconds since, so that TensorBoard's "relative" axis is
// virtual time. TensorBoard holds scalars in 32 bits.
func toTensorBoard(r *results.Run, dir string) error {
	for _, t := range r.Trials {
		folder := filepath.Join(dir, t.ID+"-"+slug(t.Head.Name, "= "))
		if err := os.Mkdir(folder, 0o755); err != nil {
			return err
		}
		begin := started(r)
		file := tfRecord(nil, event(begin, 0).text(3, "brain.Event:2"))
		for _, step := range series(t) {
			for _, n := range step {
				value := message{}.text(1, n.Key()).float(2, float32(n.Value)).
					sub(9, message{}.sub(1, message{}.text(1, "scalars")))
				file = tfRecord(file, event(at(r, n), int64(n.Step())).sub(5, message{}.sub(1, value)))
			}
		}
		name := fmt.Sprintf("events.out.tfevents.%010d.simrun", begin.Unix())
		if err := results.WriteFile(filepath.Join(folder, name), file); err != nil {
			return err
		}
	}
	return nil
}

// event begins a message tensorflow.Event.
func event(when time.Time, step int64) message {
	return message{}.double(1, float64(when.UnixNano())/1e9).whole(2, step)
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// tfRecord appends one record of a TFRecord file: its length, the masked CRC-32C of the
// length, the bytes, and the masked CRC-32C of the bytes.
func tfRecord(file []byte, record message) []byte {
	size := binary.LittleEndian.AppendUint64(nil, uint64(len(record)))
	file = append(file, size...)
	file = binary.LittleEndian.AppendUint32(file, masked(size))
	file = append(file, record...)
	return binary.LittleEndian.AppendUint32(file, masked(record))
}

// masked turns a CRC so that a CRC over data that holds CRCs stays a good one.
func masked(b []byte) uint32 {
	c := crc32.Checksum(b, castagnoli)
	return (c>>15 | c<<17) + 0xa282ead8
}
