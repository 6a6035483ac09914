package methodpb

import "fmt"

// each converts a list. An empty list becomes nil, as it would after travelling.
func each[A, B any](xs []A, f func(A) B) []B {
	if len(xs) == 0 {
		return nil
	}
	out := make([]B, len(xs))
	for i, x := range xs {
		out[i] = f(x)
	}
	return out
}

// optional converts a value that may be absent.
func optional[A, B any](x *A, from func(A) *B) *B {
	if x == nil {
		return nil
	}
	return from(*x)
}

// pointer is the way back of optional.
func pointer[A, B any](p *B, to func(*B) A) *A {
	if p == nil {
		return nil
	}
	x := to(p)
	return &x
}

func texts[S ~string](xs []S) []string {
	return each(xs, func(x S) string { return string(x) })
}

func words[S ~string](xs []string) []S {
	return each(xs, func(x string) S { return S(x) })
}

func ints64(xs []int) []int64 { return each(xs, func(x int) int64 { return int64(x) }) }

func ints(xs []int64) []int { return each(xs, func(x int64) int { return int(x) }) }

// noMember accuses a value that satisfies a union without being one of its members:
// a pointer to one. In process such a pointer would work, so it is no small fault.
func noMember(x any, union string) string {
	return fmt.Sprintf("methodpb: %T is no %s: write the value, not a pointer to it", x, union)
}
