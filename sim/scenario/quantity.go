package scenario

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// quantity is a number with its unit, in base units in a float64. A number alone is
// refused: whether 10 means bits or bytes is what people get wrong.
type quantity struct {
	what    string // "a speed of computation"
	example string // "20 GFLOPS"
	units   []unit // the last is the base unit; canonical text uses the first that is short
	also    []unit // read, never written
	above   bool   // 0 is refused
}

type unit struct {
	name  string
	times float64 // base units
}

// The five dimensions. Bytes and rates are decimal, as links and data sheets are; Mbps are
// bits, MB/s are bytes.
var (
	speed = quantity{
		what: "a speed of computation", example: "20 GFLOPS", above: true,
		units: []unit{{"TFLOPS", 1e12}, {"GFLOPS", 1e9}, {"MFLOPS", 1e6}, {"FLOPS", 1}},
		also:  []unit{{"PFLOPS", 1e15}, {"KFLOPS", 1e3}},
	}
	bytesSize = quantity{
		what: "a size", example: "512 MB", above: true,
		units: []unit{{"GB", 1e9}, {"MB", 1e6}, {"KB", 1e3}, {"B", 1}},
		also:  []unit{{"TB", 1e12}, {"kB", 1e3}, {"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40}},
	}
	linkRate = quantity{
		what: "a rate", example: "10 Mbps", above: true,
		units: []unit{{"Gbps", 1e9 / 8}, {"Mbps", 1e6 / 8}, {"kbps", 1e3 / 8}, {"B/s", 1}},
		also:  []unit{{"Kbps", 1e3 / 8}, {"bps", 1.0 / 8}, {"KB/s", 1e3}, {"kB/s", 1e3}, {"MB/s", 1e6}, {"GB/s", 1e9}},
	}
	span = quantity{
		what: "a duration", example: "30 ms",
		units: []unit{{"h", 3600}, {"min", 60}, {"s", 1}},
		also:  []unit{{"d", 86400}, {"ms", 1e-3}, {"us", 1e-6}},
	}
	power = quantity{
		what: "a power", example: "4 W", above: true,
		units: []unit{{"kW", 1e3}, {"W", 1}},
		also:  []unit{{"mW", 1e-3}},
	}
	wait = quantity{what: span.what, example: "120 s", above: true, units: span.units, also: span.also}
)

var quantityForm = regexp.MustCompile(`^([-+]?[0-9._]*(?:[eE][-+]?[0-9]+)?)[ ]*([A-Za-z/µ]*)$`)

func (k quantity) says() string { return k.what + ` with its unit, as "` + k.example + `",` }

func (k quantity) schema() object {
	var names []string
	for _, u := range k.all() {
		names = append(names, u.name)
	}
	return object{"type": "string", "pattern": `^[0-9]*\.?[0-9]*([eE][-+]?[0-9]+)? *(` + strings.Join(names, "|") + `)$`}
}

func (k quantity) all() []unit { return append(append([]unit(nil), k.units...), k.also...) }

func (k quantity) read(c check, n *node, to any) {
	m := quantityForm.FindStringSubmatch(n.text)
	if n.shape != scalar || m == nil || m[1] == "" {
		c.want(n, k)
		return
	}
	v, ok := parseReal(m[1])
	if !ok {
		c.want(n, k)
		return
	}
	if m[2] == "" {
		c.say(n.pos, "%s was expected, found %s without a unit; known are %s", k.says(), m[1], k.names())
		return
	}
	for _, u := range k.all() {
		if u.name != m[2] {
			continue
		}
		if v < 0 || k.above && v == 0 {
			least := "of at least 0"
			if k.above {
				least = "above 0"
			}
			c.say(n.pos, "%s %s was expected, found %q", k.what, least, n.text)
			return
		}
		*to.(*float64) = scaled(v, u.times)
		return
	}
	c.say(n.pos, "%s was expected; %q is not one of its units%s", k.says(), m[2], k.nearest(m[2]))
}

// scaled is v·times, by a division where times is the inverse of a whole number, so that
// 30 ms is the same number as 0.03 s.
func scaled(v, times float64) float64 {
	if times < 1 {
		return v / (1 / times)
	}
	return v * times
}

func (k quantity) names() string {
	var out []string
	for _, u := range k.all() {
		out = append(out, u.name)
	}
	return strings.Join(out, ", ")
}

func (k quantity) nearest(name string) string {
	for _, u := range k.all() {
		if strings.EqualFold(u.name, name) {
			return fmt.Sprintf("; did you mean %q?", u.name)
		}
	}
	return "; known are " + k.names()
}

// write picks the largest unit in which the number is at least 1 and comes back exactly.
func (k quantity) write(from any) *node {
	v := *from.(*float64)
	for _, u := range k.units {
		q := v / u.times
		s := strconv.FormatFloat(q, 'g', -1, 64)
		if back, _ := strconv.ParseFloat(s, 64); q >= 1 && len(s) <= 8 && scaled(back, u.times) == v {
			return plainNode(s + " " + u.name)
		}
	}
	return plainNode(strconv.FormatFloat(v, 'g', -1, 64) + " " + k.units[len(k.units)-1].name)
}
