package data_test

import (
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/deprecated"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Values are written as their columns mean them, and not as the numbers that stand for them.
func TestParquetMeanings(t *testing.T) {
	type meant struct {
		Date  int32            `parquet:"date,date"`
		Milli time.Time        `parquet:"milli,timestamp(millisecond)"`
		Nano  time.Time        `parquet:"nano,timestamp(nanosecond)"`
		Clock int64            `parquet:"clock,time(microsecond)"`
		Price int32            `parquet:"price,decimal(2:9)"`
		Sum   int64            `parquet:"sum,decimal(3:18)"`
		U32   uint32           `parquet:"u32"`
		U64   uint64           `parquet:"u64"`
		ID    [16]byte         `parquet:"id,uuid"`
		Old   deprecated.Int96 `parquet:"old"`
		Text  string           `parquet:"text"`
		Small int8             `parquet:"small"`
	}
	at := time.Date(1969, 12, 31, 23, 59, 58, 250_000_000, time.UTC)
	noon := uint64(12 * time.Hour)
	x := meant{-1, at, at.Add(1), int64(3*3600+4*60+5) * 1e6, -5, 1234567, 1<<32 - 1, 1<<64 - 1, [16]byte{0xab, 15: 1},
		deprecated.Int96{uint32(noon), uint32(noon >> 32), 2440588 + 366}, "as it is", -3}
	d := scenario.Data{Name: "x", File: "x.parquet", Template: "{date}", Columns: map[string]string{"answer": "text"}}
	set, err := data.Load(d, disk{"x.parquet": parquetOf(t, []meant{x})}, 1)
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"date": "1969-12-31", "milli": "1969-12-31T23:59:58.25Z", "nano": "1969-12-31T23:59:58.250000001Z", "clock": "03:04:05",
		"price": "-0.05", "sum": "1234.567", "u32": "4294967295", "u64": "18446744073709551615",
		"id": "ab000000-0000-0000-0000-000000000001", "old": "1971-01-02T12:00:00", "text": "as it is", "small": "-3",
	} {
		if got := set.Train[0].Columns[name]; got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

// A decimal of many digits is bytes in two's complement.
func TestParquetLongDecimals(t *testing.T) {
	schema := parquet.NewSchema("row", parquet.Group{
		"sum":  parquet.Decimal(2, 20, parquet.FixedLenByteArrayType(9)),
		"text": parquet.String(),
	})
	var b strings.Builder
	w := parquet.NewWriter(&b, schema)
	for _, bytes := range [][]byte{{0, 0, 0, 0, 0, 0, 0, 1, 44}, {255, 255, 255, 255, 255, 255, 255, 255, 255}} {
		if err := w.Write(map[string]any{"sum": bytes, "text": "t"}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	d := scenario.Data{Name: "x", File: "x.parquet", Template: "{sum}", Columns: map[string]string{"answer": "text"}}
	set, err := data.Load(d, disk{"x.parquet": b.String()}, 1)
	if err != nil {
		t.Fatal(err)
	}
	if set.Train[0].Prompt != "3.00" || set.Train[1].Prompt != "-0.01" {
		t.Errorf("got %q and %q", set.Train[0].Prompt, set.Train[1].Prompt)
	}
}

func TestParquetWithoutMeaning(t *testing.T) {
	type raw struct {
		Q string  `parquet:"q"`
		H [2]byte `parquet:"half"`
	}
	type flat struct {
		Q string `parquet:"q"`
	}
	d := scenario.Data{Name: "x", File: "x.parquet", Template: "{q}", Columns: map[string]string{"answer": "q"}}
	for text, want := range map[string]string{
		parquetOf(t, []raw{{"a", [2]byte{0, 56}}}): `x.parquet: column "half" is of 2 bytes each that are no text, date or decimal`,
		parquetOf(t, []flat{}):                     "x.parquet: no rows in the file",
	} {
		if _, err := data.Load(d, disk{"x.parquet": text}, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v\nwant %s", err, want)
		}
	}
}
