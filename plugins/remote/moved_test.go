package remote

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// hostSays is a stream on which a host gives one answer after the other.
type hostSays struct {
	methodpb.Methods_CallServer
	answers []*methodpb.FromHost
}

func (*hostSays) Send(*methodpb.FromPlugin) error { return nil }

func (h *hostSays) RecvMsg(m any) (err error) {
	wire, err := proto.Marshal(h.answers[0])
	*m.(*text), h.answers = text(wire), h.answers[1:]
	return err
}

// While a method is asked for a plan its host may keep a checkpoint, for which blobs move:
// one that was about to be mapped where it lay is found where it lies.
func TestBlobsMoveWhileAMethodThinks(t *testing.T) {
	s, err := blob.Create(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if _, err := s.NewGeneration(); err != nil {
		t.Fatal(err)
	}
	b, err := s.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "x", Shape: []int{2}, Data: []float32{1, 2}}}})
	if err != nil {
		t.Fatal(err)
	}
	lies := func() *methodpb.FromHost {
		at, err := s.Handle(b)
		if err != nil {
			t.Fatal(err)
		}
		return opened(&methodpb.Opened{Last: true, Kind: &methodpb.Opened_Segment{
			Segment: &methodpb.Segment{Path: at.Segment, Offset: at.Offset, Length: at.Length}}})
	}
	before := lies()
	g, err := s.NewGeneration()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Retire(g, s.Has); err != nil {
		t.Fatal(err)
	}
	a := &asker{stream: &hostSays{answers: []*methodpb.FromHost{before, lies()}}, reader: blob.NewReader(), room: &room{}}
	defer a.reader.Close()
	x, err := a.Open(b)
	if err != nil || x.List[0].Data[1] != 2 {
		t.Errorf("the blob that moved is %v, %v", x, err)
	}
}
