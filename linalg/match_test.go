package linalg

import "testing"

func TestMatch(t *testing.T) {
	for _, c := range []struct {
		pattern, module string
		want, fails     bool
	}{
		{"*", "3.q", true, false}, {"*", "head", false, false}, {"lm_head", "lm_head", true, false}, {"lm_head", "3.q", false, false}, {"*.q", "3.q", true, false}, {"*.q", "3.qx", false, false},
		{"3.q", "3.q", true, false}, {"3.q", "13.q", false, false}, {"4-7.v", "4.v", true, false}, {"4-7.v", "7.v", true, false},
		{"4-7.v", "8.v", false, false}, {"2.*", "2.gate", true, false}, {"*.q", "head", false, false},
		{"3.q", "query", false, false}, {"4-7.v", "5.q", false, false},
		{"1-.q", "3.q", false, true}, {"3,4.q", "3.q", false, true},
		{"q", "3.q", false, true}, {"3", "3.q", false, true}, {"x.q", "3.q", false, true}, {"7-4.q", "5.q", false, true}, {"", "3.q", false, true}, {"-1.q", "1.q", false, true},
	} {
		got, err := Match(c.pattern, c.module)
		if got != c.want || (err != nil) != c.fails {
			t.Errorf("Match(%q, %q) = %v, %v", c.pattern, c.module, got, err)
		}
	}
}
