package world_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/simtest"
	"github.com/loramesh/loramesh/sim/world"
)

// Trials share what they can and nothing else.
func TestAssetsAreShared(t *testing.T) {
	cache := &simtest.Cache{}
	a := world.NewAssets(simtest.Files{}, cache, nil)
	first := simtest.World(t, simtest.Trial(t), a)
	if again := simtest.World(t, simtest.Trial(t, "seed=2", "method.0.use=fedit"), a); again.Bases[0] != first.Bases[0] || cache.Saved != 1 {
		t.Errorf("two trials on one base made %d", cache.Saved)
	}
	for _, set := range []string{"data.phrases.with.generic=61", "data.phrases.with.train=49", "bases.main.recipe.pretrain.seed=2"} {
		if other := simtest.World(t, simtest.Trial(t, set), a); other.Bases[0] == first.Bases[0] {
			t.Errorf("%s gives the same base", set)
		}
	}
	if cache.Saved != 3 { // of another training half alone, the texts to pre-train on are the same
		t.Errorf("%d bases were made, expected 3", cache.Saved)
	}
}

// Two tasks have two orders, so that of three two are the same; the one that came second says so.
func TestSameOrderIsNoted(t *testing.T) {
	a, notes := simtest.Assets(), ""
	for _, order := range []string{"0", "1", "2"} {
		w := simtest.World(t, simtest.Trial(t, "data.phrases.with.topics=2", "data.phrases.tasks={by: topic, order: "+order+"}"), a)
		for _, note := range w.Notes() {
			notes += order + ": " + note + "\n"
		}
		if order == "0" && notes != "" {
			t.Errorf("one order alone is noted: %s", notes)
		}
	}
	if n := strings.Count(notes, "tasks come in the same order at order: "); n != 1 && n != 2 || !strings.Contains(notes, "data phrases: ") {
		t.Errorf("notes %q; want that two orders are the same", notes)
	}
	other := simtest.World(t, simtest.Trial(t, "data.phrases.with.topics=2", "data.phrases.with.train=49", "data.phrases.tasks={by: topic}"), a)
	if len(other.Notes()) > 0 {
		t.Errorf("other examples in order 0: notes %q", other.Notes())
	}
}

func TestAssetsAreSafeForConcurrentUse(t *testing.T) {
	a := simtest.Assets()
	trials := simtest.Trials(t, simtest.Source+"vary: {seed: 1..3, data.phrases.limit: [30, 40]}\n")
	var wait sync.WaitGroup
	for _, trial := range trials {
		wait.Go(func() {
			w, problems, err := world.Build(trial, a)
			if err != nil || len(problems) > 0 {
				t.Error(problems, err)
				return
			}
			for i := range 4 {
				rows, err := w.Rows(0, client(i), "train")
				if err != nil {
					t.Error(err)
				}
				for _, r := range rows {
					if _, _, err := w.Sequence(w.Bases[0], r, false); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
}

func TestWhatIsNotTheScenariosFault(t *testing.T) {
	full := errors.New("disk full")
	w, problems, err := world.Build(simtest.Trial(t), world.NewAssets(simtest.Files{}, &simtest.Cache{Broken: full}, nil))
	if w != nil || len(problems) > 0 || !errors.Is(err, full) || !errors.Is(err, base.ErrCache) {
		t.Errorf("a broken cache: %v, %v", problems, err)
	}

	ctx, cancel := context.WithCancelCause(t.Context())
	stop := errors.New("stop")
	a := world.NewAssets(simtest.Files{}, &simtest.Cache{}, func(_ string, done, of int) {
		if done == 3 {
			cancel(stop)
		}
		if done > 3 {
			t.Errorf("it went on to update %d of %d", done, of)
		}
	})
	a.Until(ctx)
	w, problems, err = world.Build(simtest.Trial(t), a)
	if w != nil || len(problems) > 0 || !errors.Is(err, stop) {
		t.Errorf("stopped while pre-training: %v, %v", problems, err)
	}
}
