package actors

import (
	"bytes"
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim"
	"github.com/loramesh/loramesh/sim/ledger"
	"github.com/loramesh/loramesh/sim/plan"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/world"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// small is a scenario of two rounds with clients of unequal ranks, made in milliseconds.
const small = `
version: 1
name: small
question: Do all roads lead to one hash?
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, context: 16, pretrain: {data: phrases, tokens: 2000, batch: 8, lr: 1e-2}}
data:
  phrases: {generate: phrases, with: {topics: 4, train: 96, test: 24, clauses: 2}, by: topic}
population:
  client: {count: CLIENTS, split: iid, rank: {4: 1, 2: 1}}
method:
  - {use: flora, with: {epochs: 1, batch: 2, lr: 1e-2}, rounds: 2}
seed: 1
evaluate:
  - {every: 1, on: test, metrics: [loss, accuracy]}
`

// memory is a cache of bases that the tests of this process share.
var memory = &cache{saved: map[string][]byte{}}

type cache struct {
	mu    sync.Mutex
	saved map[string][]byte
}

func (c *cache) Load(key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	b, ok := c.saved[key]
	return b, ok, nil
}

func (c *cache) Save(key string, b []byte) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.saved[key] = b
	return nil
}

type noFiles struct{}

func (noFiles) ReadFile(string) ([]byte, error) { panic("the tests read no files") }
func (noFiles) Glob(string) ([]string, error)   { panic("the tests read no files") }

// setup makes the small scenario for so many clients, ready to run.
func setup(t testing.TB, clients string, sets ...string) (sim.Setup, *bytes.Buffer) {
	t.Helper()
	return setupOf(t, world.NewAssets(noFiles{}, memory, nil), clients, sets...)
}

// setupOf is setup with a world that is made of these.
func setupOf(t testing.TB, a *world.Assets, clients string, sets ...string) (sim.Setup, *bytes.Buffer) {
	t.Helper()
	doc, ps := scenario.Parse("small.yaml", []byte(strings.ReplaceAll(small, "CLIENTS", clients)), sets...)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	trials, ps := plan.Expand(doc)
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	m, err := builtin.Open("flora")
	if err != nil {
		t.Fatal(err)
	}
	trials, ps = plan.CheckMethods(trials, map[string]method.Card{"flora": m.Describe()})
	if len(ps) > 0 {
		t.Fatal(ps)
	}
	w, ps, err := world.Build(trials[0], a)
	if err != nil || len(ps) > 0 {
		t.Fatal(err, ps)
	}
	blobs, err := blob.Create(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = blobs.Close() })
	var lines bytes.Buffer
	book := ledger.NewBook(func(line []byte) error { lines.Write(line); return nil })
	return sim.Setup{World: w, Methods: []method.Method{m}, Plugins: []string{"builtin"}, Blobs: blobs, Book: book}, &lines
}

// reference is the ledger that sim.Run writes.
func reference(t testing.TB, clients string, sets ...string) string {
	t.Helper()
	s, lines := setup(t, clients, sets...)
	if err := sim.Run(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	return lines.String()
}

// limited is a context that ends long after any test should have, with the race detector beside other work too.
func limited(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	t.Cleanup(cancel)
	return ctx
}

// same runs the scenario with the options and holds its ledger against the reference.
func same(t *testing.T, clients string, o Options, sets ...string) sim.Progress {
	t.Helper()
	s, lines := setup(t, clients, sets...)
	var last sim.Progress
	s.Watch = func(p sim.Progress) { last = p }
	if err := Run(limited(t), s, o); err != nil {
		t.Fatal(err)
	}
	if got, want := lines.String(), reference(t, clients, sets...); got != want {
		t.Errorf("the ledger differs from that of sim.Run; its length is %d, not %d", len(got), len(want))
	}
	return last
}
