package coordinator

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// opens counts how often blobs are opened.
type opens struct {
	fakeStore
	n int
}

func (o *opens) Open(method.Blob) (method.Tensors, error) {
	o.n++
	return method.Tensors{List: []method.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}}, nil
}

// A blob that several assignments of a lease bring or keep is opened once, and what it weighs counts
// for each; what is known already is not opened at all, and the next answer's is.
func TestABlobOfAnAnswerIsOpenedOnce(t *testing.T) {
	blobs := &opens{}
	m := &Machine{blobs: blobs, contents: Seen{}, brought: Seen{}, seen: Seen{"seen": {bytes: 8, whole: true}}}
	weigh := func(b method.Blob) int64 {
		o := outcome{Report: method.Report{Made: []method.Named{{Name: "x", Blob: b}}}, kept: []method.Named{{Name: "x", Blob: b}}}
		if err := m.weigh(&method.Assignment{}, &o); err != nil {
			t.Fatal(err)
		}
		return o.Up
	}
	first := weigh("b")
	if second := weigh("b"); blobs.n != 1 || first == 0 || second != first {
		t.Errorf("it was opened %d times, and travels as %d bytes and as %d", blobs.n, first, second)
	}
	if got := weigh("seen"); got != 8 || blobs.n != 1 {
		t.Errorf("what was seen travels as %d bytes, and %d were opened", got, blobs.n)
	}
	if len(m.contents) != 0 {
		t.Error("what an answer brings is remembered for the round")
	}
}
