package scenario

import (
	"strings"
	"testing"
)

func TestQuantities(t *testing.T) {
	for _, c := range []struct {
		kind quantity
		text string
		want float64
		back string
	}{
		{speed, "20 GFLOPS", 2e10, "20 GFLOPS"},
		{speed, "1.5TFLOPS", 1.5e12, "1.5 TFLOPS"},
		{speed, "3e9 FLOPS", 3e9, "3 GFLOPS"},
		{speed, "2 PFLOPS", 2e15, "2000 TFLOPS"},
		{bytesSize, "512 MB", 5.12e8, "512 MB"},
		{bytesSize, "1 GiB", 1 << 30, "1.073741824e+09 B"},
		{bytesSize, "7 B", 7, "7 B"},
		{linkRate, "10 Mbps", 1.25e6, "10 Mbps"},
		{linkRate, "10 MB/s", 1e7, "80 Mbps"},
		{linkRate, "100 bps", 12.5, "12.5 B/s"},
		{span, "30 ms", 0.03, "0.03 s"},
		{span, "120s", 120, "2 min"},
		{span, "2h", 7200, "2 h"},
		{span, "1 d", 86400, "24 h"},
		{span, "0 s", 0, "0 s"},
		{span, "7 us", 7e-6, "7e-06 s"},
	} {
		var v float64
		var problems []Problem
		c.kind.read(check{problems: &problems}, &node{text: c.text}, &v)
		if len(problems) > 0 || v != c.want {
			t.Errorf("%s: got %v, want %v, %v", c.text, v, c.want, problems)
		}
		back := c.kind.write(&v).text
		if back != c.back {
			t.Errorf("%s: written as %s, want %s", c.text, back, c.back)
		}
		var again float64
		c.kind.read(check{problems: &problems}, &node{text: back}, &again)
		if again != v || len(problems) > 0 {
			t.Errorf("%s: written as %s, which reads as %v, %v", c.text, back, again, problems)
		}
	}
}

// Numbers are JSON's, with underscores; what YAML 1.1 reads into texts is left alone.
func TestNumbers(t *testing.T) {
	for text, want := range map[string]string{
		"1": "1", "-3": "-3", "+4": "4", "1_000": "1000", "0": "0",
		"1e-4": "0.0001", "1E3": "1000.0", ".5": "0.5", "5.": "5.0", "-1.5e+2": "-150.0",
		"017": "problem", "1__0": "problem", "0x10": "problem", "1e": "problem", "1e999": "problem", "1:30": "problem",
		"true": "true", "yes": "text", "1e400000": "problem", "e3": "text", ".": "text", "nan": "text", ".inf": "text", "-": "text",
	} {
		var problems []Problem
		v := values{}.value(check{problems: &problems}, &node{text: text}, false)
		got := "problem"
		if _, isText := v.(string); len(problems) == 0 && isText {
			got = "text"
		} else if len(problems) == 0 {
			got = valueNode(v).text
		}
		if got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// Whatever a text is, it is written so that it is read again.
func FuzzTexts(f *testing.F) {
	for _, s := range []string{"", "a", "5", "1e-4", "true", "null", "~", "a: b", "- a", "# a", "a #b", " a", "a ", "\n", "\t", "\"", "\\", "'", "{a}", "[a]", "*a", "&a", "!a", "%a", "@a", "`a", "é", "\u0085", "\u2028", "\x01", "1..8", "20 GFLOPS", "\ufeff"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if strings.ToValidUTF8(s, "") != s || len(s) > 1000 || strings.ContainsAny(s, "\r\x00") {
			t.Skip("not text that a YAML file can hold")
		}
		for name, src := range map[string]string{"block": "a: " + quote(s) + "\n", "flow": "a: {b: [" + quote(s) + ", x]}\n"} {
			root, problems := parseYAML("f", []byte(src))
			if len(problems) > 0 {
				t.Fatalf("%s: %q is written as %s: %v", name, s, quote(s), problems)
			}
			n := root.get("a")
			if name == "flow" {
				n = n.get("b").items[0]
			}
			if n.text != s || n.isNull() {
				t.Fatalf("%s: %q is written as %s and read as %q", name, s, quote(s), n.text)
			}
		}
	})
}
