package remote

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"testing"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// spoken is a stream on which the host says these messages, and nothing more.
type spoken struct {
	methodpb.Methods_CallServer
	ctx   context.Context
	texts []string
}

func (s *spoken) Context() context.Context        { return s.ctx }
func (s *spoken) Send(*methodpb.FromPlugin) error { return nil }

func (s *spoken) RecvMsg(m any) error {
	if len(s.texts) == 0 {
		return io.EOF
	}
	*m.(*text), s.texts = text(s.texts[0]), s.texts[1:]
	return nil
}

// still is a method that looks at nothing.
type still struct{}

func (still) Describe() method.Card { return method.Card{Name: "still"} }
func (still) Plan(context.Context, method.PlanRequest) (out method.PlanResponse, _ error) {
	return out, nil
}
func (still) Fold(context.Context, method.FoldRequest) (out method.FoldResponse, _ error) {
	return out, nil
}

// A plan that follows a fold and is no plan ends the stream with the reason, be it nothing at all.
func TestASequelThatIsNoPlanIsRefused(t *testing.T) {
	first, err := begin(&methodpb.Begin{Method: "still", Sequel: true, Request: &methodpb.Begin_Fold{Fold: &methodpb.FoldRequest{}}})
	if err != nil {
		t.Fatal(err)
	}
	batch := string(methodpb.MarshalBatch(methodpb.Reports{Pass: firstPass, Last: true}))
	for _, sequel := range []string{"", batch} {
		gone, reader := beginFreeing(), blob.NewReader()
		s := &server{set: []method.Method{still{}}}
		err = s.one(&spoken{ctx: t.Context(), texts: []string{string(first), batch, sequel}}, reader, &room{}, gone)
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("a sequel of %d bytes: %v", len(sequel), err)
		}
		if err := errors.Join(gone.end(), reader.Close()); err != nil {
			t.Error(err)
		}
	}
}

// Whoever asks when the call is over is told so, knows nothing any more of where blobs lay, and gives
// no memory to those who call next.
func TestLateAskersLookAtNothing(t *testing.T) {
	store, err := blob.Create(filepath.Join(t.TempDir(), "blobs"))
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	b, err := store.Put(method.Tensors{List: []method.Tensor{{Name: "x", Shape: []int{1}, Data: []float32{1}}}})
	if err != nil {
		t.Fatal(err)
	}
	h := newHost(store, nil)
	batch := &methodpb.Reports{List: []method.Report{{Made: []method.Named{{Name: "x", Blob: b}}}}}
	h.place(batch)
	reader, shared := blob.NewReader(), &room{listed: make([]placed, 0, 8)}
	defer reader.Close()
	a := newAsker(nil, reader, shared, nil)
	a.learn(batch)
	if _, err := a.Open(b); err != nil {
		t.Fatal(err)
	}
	a.end()
	if _, err := a.Open(b); !errors.Is(err, errOver) {
		t.Errorf("a blob is opened after the call: %v", err)
	}
	next := newAsker(nil, reader, shared, nil)
	next.learn(batch)
	next.learn(batch)
	a.learn(&methodpb.Reports{List: []method.Report{{Made: []method.Named{{Name: "y", Blob: "late"}}}}, Paths: []string{"late"}, Places: []methodpb.Spot{{Path: 1}}})
	if next.listed[0].blob != b || next.listed[1].blob != b {
		t.Errorf("what comes late is written over what the next call knows: %v", next.listed)
	}
	if a.done(batch); shared.reports != nil {
		t.Error("the next call is given memory that is looked at")
	}
}

// Where blobs lie is remembered of the last batches: a fold over ten thousand participants holds no more
// than one over a thousand. Each is at hand while its batch is looked at.
func TestPlacesOfManyAreForgotten(t *testing.T) {
	a := newAsker(nil, nil, &room{}, nil)
	for n := range 20 {
		batch := &methodpb.Reports{Paths: []string{"segment"}}
		for i := range maxBatch {
			name := fmt.Sprint(n*maxBatch + i)
			batch.List = append(batch.List, method.Report{Made: []method.Named{{Name: "lora", Blob: method.Blob(name)}}, Began: []method.Named{{Name: "lora", Blob: "same"}}})
			batch.Places = append(batch.Places, methodpb.Spot{Path: 1, Offset: int64(n*maxBatch + i)}, methodpb.Spot{Path: 1})
		}
		a.learn(batch)
		for i, r := range batch.List {
			if at, known := a.place(r.Made[0].Blob); !known || at.Offset != int64(n*maxBatch+i) {
				t.Fatalf("blob %d of batch %d lies at %v (%t)", i, n, at, known)
			}
		}
		if most := len(a.listed) + len(a.places); most > 6*maxBatch {
			t.Fatalf("%d places are remembered after %d batches", most, n+1)
		}
	}
}
