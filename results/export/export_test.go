package export_test

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/parquet-go/parquet-go"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/export"
	"github.com/loramesh/loramesh/results/resultstest"
)

func exported(t *testing.T, format string) (*results.Run, string) {
	t.Helper()
	r, err := results.Read(resultstest.Make(t, resultstest.Small))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), format)
	if err := export.To(format, r, dir); err != nil {
		t.Fatal(err)
	}
	return r, dir
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func glob(t *testing.T, pattern string, want int) []string {
	t.Helper()
	found, err := filepath.Glob(pattern)
	if err != nil || len(found) != want {
		t.Fatalf("%s: %q, %v; want %d", pattern, found, err, want)
	}
	return found
}

func TestRefusals(t *testing.T) {
	r, dir := exported(t, "csv")
	if err := export.To("csv", r, dir); !errors.Is(err, export.ErrExport) || !strings.Contains(err.Error(), "holds other things") {
		t.Errorf("a full folder: %v", err)
	}
	if err := export.To("excel", r, t.TempDir()); !errors.Is(err, export.ErrExport) || !strings.Contains(err.Error(), "known: peft, csv") {
		t.Errorf("an unknown format: %v", err)
	}
	if err := export.To("peft", r, t.TempDir()); !errors.Is(err, export.ErrExport) || !strings.Contains(err.Error(), "one adapter") {
		t.Errorf("no adapters: %v", err)
	}
	r.Trials = nil
	if err := export.To("csv", r, t.TempDir()); !errors.Is(err, export.ErrExport) {
		t.Errorf("no trials: %v", err)
	}
}

func TestPEFTCopiesTheAdapters(t *testing.T) {
	dir := resultstest.Make(t, resultstest.Small)
	from := filepath.Join(dir, "adapters", "000-flora")
	if err := os.MkdirAll(from, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(from, "adapter_config.json"), []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	to := t.TempDir()
	if err := export.To("peft", r, to); err != nil {
		t.Fatal(err)
	}
	if got := read(t, filepath.Join(to, "000-flora", "adapter_config.json")); string(got) != "{}" {
		t.Errorf("%s", got)
	}
}

func TestCSVHasTheComparison(t *testing.T) {
	_, dir := exported(t, "csv")
	if text := string(read(t, filepath.Join(dir, "comparisons.csv"))); strings.Count(text, "\n") != 5 || !strings.Contains(text, "fedit,flora,test.loss,2,") {
		t.Error(text)
	}
	if rows := strings.Count(string(read(t, filepath.Join(dir, "metrics.csv"))), "\n"); rows != 151 {
		t.Errorf("metrics.csv has %d lines", rows)
	}
}

// The same numbers as in metrics.csv: 6 trials × (4 evaluations × 4 values + 3 folds × 3).
func TestParquetReadsBack(t *testing.T) {
	r, dir := exported(t, "parquet")
	type row struct {
		Trial  string  `parquet:"trial"`
		Metric string  `parquet:"metric"`
		Group  string  `parquet:"group"`
		Value  float64 `parquet:"value"`
		Round  int64   `parquet:"round"`
	}
	rows, err := parquet.ReadFile[row](filepath.Join(dir, "metrics.parquet"))
	if err != nil || len(rows) != 150 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	i := 0
	for n := range r.Numbers() {
		if rows[i].Value != n.Value || rows[i].Metric != n.Metric || rows[i].Group != n.Group || rows[i].Trial != n.Trial || rows[i].Round != int64(n.Round) {
			t.Fatalf("row %d: %+v, want %+v", i, rows[i], n)
		}
		i++
	}
}

// Records have the length and the masked checksums that TensorFlow checks; scalars are
// those of the ledger, in 32 bits.
func TestTensorBoardRecords(t *testing.T) {
	r, dir := exported(t, "tensorboard")
	files := glob(t, filepath.Join(dir, "*", "events.out.tfevents.*.simrun"), 6)
	b := read(t, files[0])
	table := crc32.MakeTable(crc32.Castagnoli)
	mask := func(x []byte) uint32 { c := crc32.Checksum(x, table); return (c>>15 | c<<17) + 0xa282ead8 }
	records := 0
	for len(b) > 0 {
		n := int(binary.LittleEndian.Uint64(b))
		if binary.LittleEndian.Uint32(b[8:]) != mask(b[:8]) || binary.LittleEndian.Uint32(b[12+n:]) != mask(b[12:12+n]) {
			t.Fatalf("record %d: checksum", records)
		}
		records++
		b = b[16+n:]
	}
	if records != 1+4*4+3*3 { // the version; each trial's numbers
		t.Errorf("%d records", records)
	}
	want := float32(r.Trials[0].Evaluations[3].Values[0].Value)
	if !strings.Contains(string(read(t, files[0])), string(binary.LittleEndian.AppendUint32([]byte("\x0a\x09test.loss\x15"), math.Float32bits(want)))) {
		t.Errorf("no event with test.loss = %v", want)
	}
}

// Every piece of the log has its kind, length and checksum, also where records cross the
// end of a block.
func TestWandBLog(t *testing.T) {
	shape := resultstest.Small
	shape.Rounds = 200 // some 80 KB: three blocks
	r, err := results.Read(resultstest.Make(t, shape))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := export.To("wandb", r, dir); err != nil {
		t.Fatal(err)
	}
	b := read(t, glob(t, filepath.Join(dir, "offline-run-*", "run-*.wandb"), 6)[0])
	if len(b) < 2*32768 || string(b[:7]) != ":W&B\xe1\xbe\x00" {
		t.Fatalf("%d bytes, head %q", len(b), b[:7])
	}
	whole, split := 0, 0
	for at := 7; at < len(b); {
		if left := 32768 - at%32768; left < 7 {
			at += left
			continue
		}
		n, kind := int(binary.LittleEndian.Uint16(b[at+4:])), b[at+6]
		sum := crc32.Update(crc32.ChecksumIEEE([]byte{kind}), crc32.IEEETable, b[at+7:at+7+n])
		if binary.LittleEndian.Uint32(b[at:]) != sum {
			t.Fatalf("piece at %d: checksum", at)
		}
		switch kind {
		case 1:
			whole++
		case 2, 3, 4:
			split++
		default:
			t.Fatalf("piece of kind %d", kind)
		}
		at += 7 + n
	}
	if split < 2 || whole < 200 {
		t.Errorf("%d whole records, %d pieces of others", whole, split)
	}
}

func TestMLflowStore(t *testing.T) {
	r, dir := exported(t, "mlflow")
	runs := glob(t, filepath.Join(dir, "*", "*", "meta.yaml"), 6)
	run := filepath.Dir(runs[0])
	if got := string(read(t, filepath.Join(run, "metrics", "test.loss"))); strings.Count(got, "\n") != 4 || !strings.HasSuffix(got, " 3\n") {
		t.Errorf("metric test.loss:\n%s", got)
	}
	glob(t, filepath.Join(run, "metrics", "test.loss topic-sea"), 1)
	glob(t, filepath.Join(run, "params", "method.0.use"), 1)
	if got := string(read(t, filepath.Join(run, "tags", "simrun.hash"))); len(got) != 64 {
		t.Errorf("hash %q", got)
	}
	if r.Plan.Question != string(read(t, filepath.Join(run, "tags", "simrun.question"))) {
		t.Error("the question is not a tag")
	}
}

func TestLaTeXEscapes(t *testing.T) {
	_, dir := exported(t, "latex")
	text := string(read(t, filepath.Join(dir, "table.tex")))
	if strings.Contains(text, "<zeropad>") || !strings.Contains(text, `\textless{}zeropad\textgreater{} \& co`) || !strings.Contains(text, `$\pm$`) {
		t.Error(text)
	}
	if rows := strings.Count(text, `\\`+"\n"); rows != 4 {
		t.Errorf("%d rows", rows)
	}
	if !strings.Contains(string(read(t, filepath.Join(dir, "comparison.tex"))), "Holm") {
		t.Error("the comparison has no notes")
	}
}
