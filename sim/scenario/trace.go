package scenario

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/loramesh/loramesh/sim/suggest"
)

// hoursColumn is the column of a trace that says when its devices can be reached.
const hoursColumn = "available"

// mostDevices bounds a trace: each of its devices is held in memory.
const mostDevices = 1 << 20

// ReadTrace reads a file of devices, in the order of its lines; see `trace` in the reference.
// Quantities are written as in a scenario. All that is wrong is told, with its place.
func ReadTrace(name, file string, src []byte) ([]Device, []Problem) {
	var problems []Problem
	c := check{path: "devices." + name + ".trace", problems: &problems}
	if !utf8.Valid(src) {
		c.say(Position{file, 1, 1}, "a trace in UTF-8 was expected; convert the file, for example with iconv -t utf-8")
		return nil, problems
	}
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(src, []byte("\uFEFF"))))
	r.FieldsPerRecord = -1 // traced says it better
	var header []string
	var devices []Device
	for {
		cells, err := r.Read()
		if err == io.EOF {
			break
		}
		var bad *csv.ParseError
		if errors.As(err, &bad) {
			c.say(Position{file, bad.Line, bad.Column}, "%v", bad.Err)
			return nil, problems
		} else if err != nil {
			c.say(Position{file, 1, 1}, "%v", err)
			return nil, problems
		}
		at := func(i int) Position {
			line, column := r.FieldPos(i)
			return Position{file, line, column}
		}
		if header == nil {
			header = cells
			c.heads(header, at)
			continue
		}
		if len(problems) > 0 && len(devices) == 0 {
			break // of a header that is wrong nothing below can be said
		}
		devices = append(devices, c.traced(name, header, cells, at))
	}
	switch {
	case len(problems) > 0:
	case len(devices) == 0:
		c.say(Position{file, 1, 1}, "a header line with the columns flops, memory, up and down was expected, and a device on each line after it; the file has none")
	case len(devices) > mostDevices:
		c.say(Position{file, 1, 1}, "at most %d devices were expected, found %d; keep so many lines", mostDevices, len(devices))
	}
	repeated(devices)
	return devices, problems
}

// columns are those of a trace: what a class of devices is given, and the hours.
func columns() (known, must []string) {
	for _, f := range deviceTable.fields {
		if f.key == "flops" || f.must {
			must = append(must, f.key)
		}
		if f.key == "flops" || slices.Contains(f.of, "flops") {
			known = append(known, f.key)
		}
	}
	return append(known, hoursColumn), must
}

// heads checks the names of the columns.
func (c check) heads(header []string, at func(int) Position) {
	known, must := columns()
	for i, name := range header {
		switch {
		case !slices.Contains(known, name):
			c.say(at(i), "%q is not a column of a trace%s; known are %s", name, suggest.DidYouMean(name, known), strings.Join(known, ", "))
		case slices.Contains(header[:i], name):
			c.say(at(i), "columns that differ were expected, %q stands here twice", name)
		}
	}
	for _, name := range must {
		if !slices.Contains(header, name) {
			c.say(at(0), "a column %q was expected; a trace has flops, memory, up and down of each device", name)
		}
	}
}

// traced is the device of one line. An empty cell is what a class has that leaves the word out.
func (c check) traced(name string, header, cells []string, at func(int) Position) Device {
	d := Device{Name: name}
	if len(cells) != len(header) {
		c.say(at(0), "%d fields were expected, as the header has, found %d", len(header), len(cells))
		return d
	}
	for i, text := range cells {
		text = strings.TrimSpace(text)
		f := deviceTable.field(header[i])
		switch {
		case header[i] == hoursColumn:
			d.Hours = c.hours(text, at(i))
		case text != "" || f.must || f.key == "flops":
			f.kind.read(c, &node{shape: scalar, text: text, pos: at(i)}, f.to(&d))
		}
	}
	return d
}

// hours reads stretches such as "0-8 30-41.5", in order and apart.
func (c check) hours(text string, pos Position) (out []Hours) {
	for _, word := range strings.Fields(text) {
		from, until, ok := strings.Cut(word, "-")
		a, ok1 := parseReal(from)
		b, ok2 := parseReal(until)
		switch {
		case !ok || !ok1 || !ok2 || b <= a || b > maxHours:
			c.say(pos, `stretches of hours were expected, each from an hour to a later one, at most %d, as "22-30" or "0-8 30-41.5", found %q`, maxHours, shorten(word))
			return nil
		case len(out) > 0 && a < out[len(out)-1].Until:
			c.say(pos, "stretches that follow one another were expected: %q begins before the one in front of it ends, at hour %g", word, out[len(out)-1].Until)
			return nil
		}
		out = append(out, Hours{a, b})
	}
	return out
}

// maxHours bounds a trace: a year.
const maxHours = 366 * 24

// repeated gives all devices of a trace one period: as many whole days as its last hour needs.
func repeated(devices []Device) {
	last := 0.0
	for _, d := range devices {
		if n := len(d.Hours); n > 0 {
			last = max(last, d.Hours[n-1].Until)
		}
	}
	for i := range devices {
		devices[i].PeriodHours = 24 * math.Ceil(last/24)
	}
}

// Reached says whether a device of a trace can be reached at a moment, in hours from the
// beginning; a device of a class always can.
func (d Device) Reached(hour float64) bool {
	if len(d.Hours) == 0 {
		return true
	}
	hour = math.Mod(hour, d.PeriodHours)
	return slices.ContainsFunc(d.Hours, func(h Hours) bool {
		return hour >= h.From && hour < h.Until
	})
}
