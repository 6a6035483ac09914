package mesh

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"
)

// Where nobody listens who did, a thing is given up once patience is over, and not before ctx ends
// where there is no end to it.
func TestAFetchIsGivenUpWhereNobodyListens(t *testing.T) {
	a, _ := pair(t, nil)
	within, stop := context.WithTimeout(t.Context(), time.Minute) // of which nothing is waited for
	defer stop()
	if _, _, err := a.Fetch(within, Source{Subject: "gone", Patience: time.Millisecond}, "blob", "b", 9); !errors.Is(err, ErrNobody) {
		t.Errorf("with patience: %v", err)
	}
	within, stop = context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer stop()
	if _, _, err := a.Fetch(within, Source{Subject: "gone"}, "blob", "b", 9); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("without an end to it: %v", err)
	}
}

// Who listens and does not answer may have a slow line: he is asked again, however little patience
// there is, and so is one who has gone and is back.
func TestAFetchWaitsForWhoIsSlow(t *testing.T) {
	a, b := pair(t, nil)
	asked := 0
	serve := func(m Message) {
		var w Want
		if asked++; asked > 1 && json.Unmarshal(m.Data, &w) == nil { // what the first is answered gets lost
			b.Answer(m.Reply, w.Cut([]byte("slow")).encode())
		}
	}
	if err := b.Listen("slow", serve); err != nil {
		t.Fatal(err)
	}
	if got, _, err := a.Fetch(t.Context(), Source{Subject: "slow", Patience: 1}, "blob", "b", 9); string(got) != "slow" {
		t.Errorf("%q, %v", got, err)
	}
}
