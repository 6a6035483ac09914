package data

import (
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// parquetText writes a value as its column means it.
type parquetText func(parquet.Value) string

// parquetTextOf is how the values of a column are written: dates and times as in ISO 8601,
// decimals with their point, numbers without a sign as such, and texts and other numbers as they
// stand. A column of bytes of one length, without a meaning that says what they are, is refused.
func parquetTextOf(t parquet.Type) (parquetText, error) {
	var meaning format.LogicalTypeValue
	if l := t.LogicalType(); l != nil {
		meaning = l.Value
	}
	switch m := meaning.(type) {
	case *format.DateType:
		return func(v parquet.Value) string {
			return time.Unix(0, 0).UTC().AddDate(0, 0, int(v.Int32())).Format(time.DateOnly)
		}, nil
	case *format.TimeType:
		unit := parquetUnit(m.Unit)
		return func(v parquet.Value) string {
			n := v.Int64()
			if v.Kind() == parquet.Int32 {
				n = int64(v.Int32())
			}
			return time.Unix(0, 0).UTC().Add(time.Duration(n) * unit).Format("15:04:05.999999999")
		}, nil
	case *format.TimestampType:
		return timestampText(parquetUnit(m.Unit), m.IsAdjustedToUTC), nil
	case *format.DecimalType:
		return func(v parquet.Value) string { return decimalText(v, int(m.Scale)) }, nil
	case *format.IntType:
		if !m.IsSigned {
			return unsignedText, nil
		}
	case *format.UUIDType:
		return func(v parquet.Value) string {
			b := v.ByteArray()
			return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
		}, nil
	case nil:
		switch t.Kind() {
		case parquet.Int96:
			return int96Text, nil
		case parquet.FixedLenByteArray:
			return nil, fmt.Errorf("is of %d bytes each that are no text, date or decimal; expected a column that is, so convert it or leave it out when writing the file", t.Length())
		}
	}
	return parquet.Value.String, nil
}

func parquetUnit(u format.TimeUnit) time.Duration {
	switch u.Value.(type) {
	case *format.MilliSeconds:
		return time.Millisecond
	case *format.MicroSeconds:
		return time.Microsecond
	}
	return time.Nanosecond
}

// timestampText writes moments since 1970, with a Z where the column's are of UTC.
func timestampText(unit time.Duration, utc bool) parquetText {
	layout := "2006-01-02T15:04:05.999999999"
	if utc {
		layout += "Z"
	}
	per := int64(time.Second / unit)
	return func(v parquet.Value) string {
		n := v.Int64()
		return time.Unix(n/per, n%per*int64(unit)).UTC().Format(layout)
	}
}

// int96Text writes what older writers have for timestamps: nanoseconds of a day, and its Julian
// number.
func int96Text(v parquet.Value) string {
	const epoch = 2440588 // the Julian day of 1970-01-01
	x := v.Int96()
	nanos, day := int64(x[0])|int64(x[1])<<32, int64(int32(x[2]))
	return time.Unix((day-epoch)*24*60*60, nanos).UTC().Format("2006-01-02T15:04:05.999999999")
}

func unsignedText(v parquet.Value) string {
	if v.Kind() == parquet.Int32 {
		return fmt.Sprint(v.Uint32())
	}
	return fmt.Sprint(v.Uint64())
}

// decimalText puts the point into an unscaled whole number, which is of 4 or 8 bytes, or of any
// number of them in two's complement.
func decimalText(v parquet.Value, scale int) string {
	n := new(big.Int)
	switch v.Kind() {
	case parquet.Int32:
		n.SetInt64(int64(v.Int32()))
	case parquet.Int64:
		n.SetInt64(v.Int64())
	default:
		b := v.ByteArray()
		if n.SetBytes(b); len(b) > 0 && b[0] >= 0x80 {
			n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(8*len(b))))
		}
	}
	sign := ""
	if n.Sign() < 0 {
		sign = "-"
	}
	digits := n.Abs(n).String()
	if scale <= 0 {
		return sign + digits + strings.Repeat("0", -scale)
	}
	if len(digits) <= scale {
		digits = strings.Repeat("0", scale+1-len(digits)) + digits
	}
	return sign + digits[:len(digits)-scale] + "." + digits[len(digits)-scale:]
}
