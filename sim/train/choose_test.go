package train_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
)

// examples are those that a blob carries.
func (r rig) examples(b method.Blob) []data.Example {
	r.t.Helper()
	x, err := r.blobs.Open(b)
	if err != nil {
		r.t.Fatal(err)
	}
	c, err := data.ParseCollection(x)
	if err != nil {
		r.t.Fatal(err)
	}
	return c.Examples
}

// numbered are n examples of another text than the rig's own, with a column "y" of 0 and 1
// by turns.
func (r rig) numbered(n int) method.Blob {
	r.t.Helper()
	own, err := r.world.Rows(0, method.ID{Pool: "client"}, "train")
	if err != nil {
		r.t.Fatal(err)
	}
	var c data.Collection
	for i := range n {
		e := own[i%len(own)].Example()
		e.Columns, e.Hash = map[string]string{"y": string(rune('0' + i%2))}, uint64(1000+i)
		c.Examples = append(c.Examples, e)
	}
	b, err := r.blobs.Put(c.Tensors())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

func sample(d method.Data, count int) method.Assignment {
	return method.Assignment{Name: "draw", Recipe: method.Sample{Data: d, Count: count, Into: "buffer"}}
}

// Examples are drawn into a set that grows, is kept, and is learned from beside others.
func TestSeedsAreDrawnAndReplayed(t *testing.T) {
	r := newRig(t)
	reports, kept := r.lease(nil, 1, sample(method.Data{}, 3), sample(method.Data{Draw: method.InOrder}, 2))
	buffer := r.examples(method.KeptAs(kept, "buffer"))
	if len(buffer) != 5 || len(reports[0].Made) != 0 || value(t, reports[1], "kept.buffer", "").Value != 5 {
		t.Fatalf("%d examples are kept, and made is %v", len(buffer), reports[0].Made)
	}
	own, err := r.world.Rows(0, method.ID{Pool: "client"}, "train")
	if err != nil {
		t.Fatal(err)
	}
	if buffer[3].Hash != own[0].Example().Hash || buffer[4].Answer != own[1].Example().Answer {
		t.Error("in order, those drawn are not the first")
	}
	mixed := fit(func(f *method.Fit, _ *method.LoRA) {
		f.Data.From = []method.Source{{Name: "train", Share: 3}, {Name: "buffer", Share: 1}}
	})
	plain, _ := r.lease(kept, 1, keep(fit()))
	replayed, _ := r.lease(kept, 1, keep(mixed))
	if replayed[0].Examples != 15 || replayed[0].Blob("lora") == plain[0].Blob("lora") {
		t.Errorf("with five examples of a buffer, %d are used", replayed[0].Examples)
	}
	none, _ := r.lease(nil, 1, keep(mixed))
	if none[0].Blob("lora") != plain[0].Blob("lora") || len(none[0].Warnings) != 1 || !strings.Contains(none[0].Warnings[0], `no set "buffer"`) {
		t.Errorf("without a buffer yet it warns %q, and does something else", none[0].Warnings)
	}
	up := sample(method.Data{}, 2)
	up.Upload = []string{"buffer"}
	if reports, _ = r.lease(nil, 1, up); len(reports[0].Made) != 1 || len(r.examples(reports[0].Made[0].Blob)) != 2 {
		t.Errorf("it was to upload its seeds, and made %v", reports[0].Made)
	}
}

// A reservoir holds so many, whatever passes, and remembers how many did.
func TestReservoirsKeepTheirSize(t *testing.T) {
	r := newRig(t)
	var kept []method.Named
	counts := map[uint64]int{}
	for draw := range 60 {
		kept = nil
		for range 2 {
			_, kept = r.lease(kept, uint64(draw+1), sample(method.Data{Draw: method.Reservoir}, 4))
		}
		for _, e := range r.examples(method.KeptAs(kept, "buffer")) {
			counts[e.Hash]++
		}
	}
	x, err := r.blobs.Open(method.KeptAs(kept, "buffer"))
	if err != nil {
		t.Fatal(err)
	}
	if c, err := data.ParseCollection(x); err != nil || len(c.Examples) != 4 || c.Seen != 2*rowsEach {
		t.Errorf("it holds %d of %d seen, %v", len(c.Examples), c.Seen, err)
	}
	if len(counts) != rowsEach {
		t.Errorf("of %d examples %d were ever kept", rowsEach, len(counts))
	}
}

// Conditions choose, of the data's columns, of what a method says and of what a Score left.
func TestConditionsChoose(t *testing.T) {
	r := newRig(t)
	set := []method.Source{{Blob: r.numbered(10)}}
	where := func(column, is string, x float64) method.Fit {
		return fit(func(f *method.Fit, _ *method.LoRA) {
			f.Data = method.Data{From: set, Where: []method.Cond{{Column: column, Is: is, Value: x}}}
		})
	}
	for _, c := range []struct {
		f    method.Fit
		want int
	}{{where("y", "=", 1), 5}, {where("y", "!=", 1), 5}, {where("y", ">", 0.5), 5}, {where("y", "<", 2), 10}} {
		if rep := r.do(0, 1, c.f); rep.Examples != c.want {
			t.Errorf("%+v chose %d of 10 examples", c.f.Data.Where, rep.Examples)
		}
	}
	if _, err := r.try(0, 1, where("z", "=", 1)); err == nil || !strings.Contains(err.Error(), `no example has the column "z"`) {
		t.Errorf("of a column that is not there: %v", err)
	}
	flags, err := r.blobs.Put(linalg.Tensors{List: []linalg.Tensor{{Name: "flag", Shape: []int{10}, Data: []float32{0, 0, 0, 0, 0, 0, 0, 1, 1, 1}}}})
	if err != nil {
		t.Fatal(err)
	}
	flagged := where("flag", "=", 1)
	flagged.Data.Columns = []method.Named{{Name: "flag", Blob: flags}}
	if rep := r.do(0, 1, flagged); rep.Examples != 3 {
		t.Errorf("a method flags 3 examples, and %d are chosen", rep.Examples)
	}
	score := method.Assignment{Name: "score", Recipe: method.Score{Model: main, Metrics: []string{"loss"}, Column: "hard"}}
	reports, kept := r.lease(nil, 1, score)
	mean := value(t, reports[0], "loss", "").Value
	hard := fit(func(f *method.Fit, _ *method.LoRA) {
		f.Data.Where = []method.Cond{{Column: "hard", Is: ">", Value: mean}}
	})
	after, _ := r.lease(kept, 1, keep(hard))
	if n := after[0].Examples; n < 1 || n >= rowsEach || value(t, after[0], "loss.first", "").Value <= mean {
		t.Errorf("%d of %d examples are harder than the mean, with a first loss of %g; the mean is %g", n, rowsEach, value(t, after[0], "loss.first", "").Value, mean)
	}
}

// An example that weighs two counts as if it were there twice, and one that weighs nothing as
// if it were not; a term may be of some examples only.
func TestWeights(t *testing.T) {
	r := newRig(t)
	once, some := []method.Source{{Blob: r.numbered(10)}}, []method.Cond{{Column: "y", Is: "=", Value: 1}}
	b := func(d method.Data, list ...method.Term) []float32 {
		return r.pair(r.do(0, 1, fit(sgd, oneStep, terms(list...), func(f *method.Fit, _ *method.LoRA) { f.Data = d })).Blob("lora"), "0.q").B
	}
	chosen := b(method.Data{From: once, Where: some}, ce(1))
	term := ce(1)
	term.Where = some
	nearly(t, "a term of some examples", b(method.Data{From: once}, term), chosen)
	off := method.Data{From: once, Weigh: []method.Weigh{{Where: []method.Cond{{Column: "y", Is: "=", Value: 0}}, Times: 0}}}
	nearly(t, "the others weigh nothing", b(off, ce(1)), chosen)
	twice := method.Data{From: once, Weigh: []method.Weigh{{Where: some, Times: 2}}}
	doubled := method.Data{From: []method.Source{once[0], {Blob: r.odd(10)}}}
	nearly(t, "half of them twice", b(twice, ce(1)), b(doubled, ce(1)))
}

// odd are those of [rig.numbered] whose y is 1.
func (r rig) odd(n int) method.Blob {
	r.t.Helper()
	var c data.Collection
	for i, e := range r.examples(r.numbered(n)) {
		if i%2 == 1 {
			c.Examples = append(c.Examples, e)
		}
	}
	b, err := r.blobs.Put(c.Tensors())
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}

// Draws by groups: all of them equally often, or as many of each as the smallest has; and
// sources by their shares of every batch.
func TestDrawsByGroupsAndShares(t *testing.T) {
	r := newRig(t)
	odd := r.odd(6)
	groups := func(d method.Data) (zero, one float64) {
		d.From, d.By = []method.Source{{Blob: r.numbered(9)}, {Blob: odd}}, []string{"y"} // 5 with y = 0, 7 with y = 1
		reports, kept := r.lease(nil, 1, sample(d, 0))
		for _, e := range r.examples(method.KeptAs(kept, "buffer")) {
			if e.Columns["y"] == "0" {
				zero++
			} else {
				one++
			}
		}
		_ = reports
		return zero, one
	}
	if a, b := groups(method.Data{Draw: method.Subsampled}); a != 5 || b != 5 {
		t.Errorf("cut to the smallest group there are %g and %g", a, b)
	}
	if a, b := groups(method.Data{Draw: method.Balanced}); a != 6 || b != 6 {
		t.Errorf("balanced there are %g and %g", a, b)
	}
	reports, kept := r.lease(nil, 1, sample(method.Data{From: []method.Source{{Blob: r.numbered(10), Share: 0.25}, {Name: "train", Share: 0.75}}}, 8))
	foreign := 0
	for _, e := range r.examples(method.KeptAs(kept, "buffer")) {
		if e.Hash >= 1000 && e.Hash < 2000 {
			foreign++
		}
	}
	if foreign != 2 || reports[0].Examples != 20 {
		t.Errorf("a quarter of 8 is %d, of %d", foreign, reports[0].Examples)
	}
}

// A column travels with its examples, wherever they stand.
func TestColumnsAreUploaded(t *testing.T) {
	r := newRig(t)
	score := method.Assignment{Name: "score", Upload: []string{"right"}, Recipe: method.Score{Model: main, Metrics: []string{"exact-match"}, Column: "right"}}
	reports, kept := r.lease(nil, 1, score)
	if len(reports[0].Made) != 1 || len(kept) != 1 || kept[0].Name != "right" {
		t.Fatalf("made %v, kept %v", reports[0].Made, kept)
	}
	x, err := r.blobs.Open(kept[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, v := range x.List[0].Data {
		sum += float64(v)
	}
	if want := value(t, reports[0], "exact-match", "").Value; math.Abs(sum/rowsEach-want) > 1e-9 || !slices.Equal(x.List[1].Shape, []int{rowsEach, 4}) {
		t.Errorf("the mean of the column is %g, the metric %g; rows are %v", sum/rowsEach, want, x.List[1].Shape)
	}
}

// A reservoir keeps, with each example that comes in, what a model made of it then; a Fit can
// hold a model to that. It forgets less of the set, and another base is refused.
func TestLogitsAreKeptAndRecalled(t *testing.T) {
	r := newRig(t)
	first := r.do(0, 1, fit(func(f *method.Fit, _ *method.LoRA) { f.Epochs = 20 })).Made[0].Blob
	model := method.Model{Base: "main", Attach: []method.Attach{{Name: "lora", From: method.From{Blob: first}, Scale: 1}}}
	hold := method.Assignment{Name: "hold", Upload: []string{method.Nothing}, Recipe: method.Sample{Model: model, Data: method.Data{Draw: method.Reservoir}, Count: 4, Into: "memory", Logits: true}}
	reps, kept := r.lease(nil, 1, hold)
	if v := value(t, reps[0], "kept.memory", ""); v.Value != 4 {
		t.Errorf("it holds %g examples", v.Value)
	}
	floats := 4 * value(t, reps[0], "kept.memory.bytes", "").Value
	hold.Recipe = method.Sample{Data: method.Data{Draw: method.Reservoir}, Count: 4, Into: "plain"}
	hold.Upload = []string{method.Nothing}
	if bare, _ := r.lease(nil, 1, hold); !(4*value(t, bare[0], "kept.plain.bytes", "").Value < floats) {
		t.Error("logits take no room")
	}
	b := method.KeptAs(kept, "memory")
	of := func(source float64) []method.Cond {
		return []method.Cond{{Column: "source", Is: "=", Value: source}}
	}
	loss := func(alpha float64) (own, recall float64) {
		f := fit(from(first))
		f.Data = method.Data{From: []method.Source{{Name: "train", Share: 0.5}, {Name: "memory", Share: 0.5}}}
		f.Objective = []method.Term{{Weight: 1, Loss: method.CrossEntropy{}, Where: of(0)}, {Weight: alpha, Loss: method.Recall{}}}
		f.Epochs, f.Optimiser.LR = 10, 3e-2
		out, err := r.work(method.WorkRequest{Whom: method.ID{Pool: "client", Index: 1}, Draws: []uint64{1}, Kept: kept, Assign: []method.Assignment{{Name: "fit", Recipe: f}}})
		if err != nil {
			t.Fatal(err)
		}
		if alpha > 0 {
			recall = value(t, out.Reports[0], "recall", "").Value
		}
		m := model
		m.Attach = []method.Attach{{Name: "lora", From: method.From{Blob: out.Reports[0].Made[0].Blob}, Scale: 1}}
		return value(t, r.do(0, 1, method.Score{Model: m, Data: method.Data{From: []method.Source{{Blob: b}}}, Metrics: []string{"loss"}}), "loss", "").Value, recall
	}
	free, _ := loss(0)
	held, squared := loss(0.1)
	if !(held < free) || !(squared > 0) {
		t.Errorf("held to its logits the model has loss %g on the set (squared distance %g), free %g", held, squared, free)
	}
	x, err := r.blobs.Open(b)
	if err != nil {
		t.Fatal(err)
	}
	set, err := data.ParseCollection(x)
	if err != nil {
		t.Fatal(err)
	}
	set.Examples[0].Logits = set.Examples[0].Logits[1:]
	short, err := r.blobs.Put(set.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	f := fit()
	f.Data = method.Data{From: []method.Source{{Blob: short}}}
	f.Objective = []method.Term{{Weight: 1, Loss: method.Recall{}}}
	if _, err := r.try(0, 1, f); err == nil || !strings.Contains(err.Error(), "the set was kept of another base") {
		t.Errorf("logits of another size: %v", err)
	}
}
