package linalg

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Match says whether a pattern names a module. A pattern is BLOCK.NAME, of which BLOCK is
// a number, a range "4-7" with both ends in it, or "*"; NAME is a module's name within
// its block or "*". "*" alone is every module of every block. A module outside the blocks
// ("lm_head") is meant by its own name alone. Anything else is an error that says so.
func Match(pattern, module string) (bool, error) {
	if pattern == "*" {
		pattern = "*.*"
	}
	block, name, ok := strings.Cut(pattern, ".")
	if slices.Contains(outside, pattern) {
		return pattern == module, nil
	}
	if !ok || block == "" || name == "" {
		return false, fmt.Errorf("module pattern %q: expected BLOCK.NAME as in \"*.q\" or \"4-7.v\", \"*\", or one of %s", pattern, strings.Join(outside, ", "))
	}
	low, high, err := blocks(block)
	if err != nil {
		return false, fmt.Errorf("module pattern %q: %w", pattern, err)
	}
	number, rest, ok := strings.Cut(module, ".")
	n, err := strconv.Atoi(number)
	if !ok || err != nil { // a module outside the blocks, as a head
		return false, nil
	}
	return n >= low && n <= high && (name == "*" || name == rest), nil
}

// outside are the modules that belong to no block.
var outside = []string{"embed", "lm_head", "pooler", "classifier", "pre_classifier"}

func blocks(text string) (low, high int, err error) {
	if text == "*" {
		return 0, int(^uint(0) >> 1), nil
	}
	from, to, isRange := strings.Cut(text, "-")
	if !isRange {
		to = from
	}
	low, err1 := strconv.Atoi(from)
	high, err2 := strconv.Atoi(to)
	if err1 != nil || err2 != nil || low < 0 || high < low {
		return 0, 0, fmt.Errorf("the block is %q, expected a number, a range as in \"4-7\", or \"*\"", text)
	}
	return low, high, nil
}
