package nn

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"regexp"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/linalg/numtest"
)

func (g *golden) runner(t *testing.T, p padded, branches ...*Branch) *Runner {
	t.Helper()
	r := NewRunner(g.model)
	if err := r.Attach(branches...); err != nil {
		t.Fatal(err)
	}
	if err := r.Forward(p.batch); err != nil {
		t.Fatal(err)
	}
	return r
}

func (g *golden) forward(t *testing.T, set string) {
	p, c, stem := g.set(t, set), g.model.config, "forward."+set+"."
	r := g.runner(t, p)
	if c.Decoder != (Decoder{}) {
		g.forwardPair(t, p, r, stem)
		return
	}
	g.Close(t, stem+"hidden.embed", p.spread(r.Hidden(0), c.Width))
	for l := range c.Layers {
		g.Close(t, fmt.Sprintf("%shidden.layer%d", stem, l), p.spread(r.Hidden(l+1), c.Width))
	}
	final := r.Final(nil)
	g.Close(t, stem+"hidden.final", p.spread(final, c.Width))
	g.Close(t, stem+"features.mean", r.Features(nil, false))
	g.Close(t, stem+"features.unit", r.Features(nil, true))
	logits := r.Logits(nil)
	total, each := r.Loss()
	g.Close(t, stem+"loss", []float32{float32(total.Mean())})
	g.Close(t, stem+"logits", g.layOut(p, logits))
	if c.Answer.Outputs > 0 {
		var own []float32
		for _, l := range each {
			own = append(own, float32(-l.Sum))
		}
		g.Close(t, stem+"label_logprobs", own)
		return
	}

	// label_logprobs stand at the label's own place, one behind the row that predicts it.
	own := make([]float32, r.rows)
	for at, x := range r.LogProbs(nil) {
		if r.labels[at] != Ignore {
			own[at+1] = float32(x)
		}
	}
	g.Close(t, stem+"label_logprobs", p.spread(own, 1))
}

// layOut puts logits as the vectors have them: among padding, or one row per sequence.
func (g *golden) layOut(p padded, logits []float32) []float32 {
	switch {
	case g.model.config.Answer.Outputs > 0:
		return logits
	case p.said != nil:
		return p.spreadSaid(logits, g.model.config.Vocab)
	}
	return p.spread(logits, g.model.config.Vocab)
}

func (g *golden) lora(t *testing.T, which string) {
	p, a, stem := g.inputs(t), g.adapter(t, which), "lora."+which+"."
	r, params := g.attach(t, a)
	if err := r.Forward(p.batch); err != nil {
		t.Fatal(err)
	}
	g.Close(t, stem+"logits", g.layOut(p, r.Logits(nil)))
	total, _ := r.Backward(nil)
	g.Close(t, stem+"loss", []float32{float32(total.Mean())})
	for _, x := range params {
		if name := stem + "grad.base_model.model." + x.Name; g.Has(name) {
			g.Close(t, name, x.Grad)
		}
	}
	for _, b := range a.branches {
		nameA, nameB, nameM := g.peftNames(b)
		g.Close(t, stem+"grad."+nameA, b.GradA)
		g.Close(t, stem+"grad."+nameB, b.GradB)
		if b.Magnitude != nil {
			g.Close(t, stem+"grad."+nameM, b.GradMagnitude)
		}
	}
}

func (g *golden) merge(t *testing.T, which string) {
	p, a, stem := g.inputs(t), g.adapter(t, which), "merge."+which+"."
	deltas := map[string][]float64{}
	for _, b := range a.branches {
		out, in := len(b.B)/b.Rank, len(b.A)/b.Rank
		d := make([]float64, out*in)
		for i := range out {
			for k := range b.Rank {
				for j := range in {
					d[i*in+j] += float64(b.Scale) * float64(b.B[i*b.Rank+k]) * float64(b.A[k*in+j])
				}
			}
		}
		if b.Magnitude != nil {
			g.stretch(t, b, d)
		}
		deltas[b.Module] = d
	}
	headed, err := g.model.With(a.head)
	if err != nil {
		t.Fatal(err)
	}
	merged, err := WithDelta(headed, deltas)
	if err != nil {
		t.Fatal(err)
	}
	r := NewRunner(merged)
	if err := r.Forward(p.batch); err != nil {
		t.Fatal(err)
	}
	g.Close(t, stem+"logits", g.layOut(p, r.Logits(nil)))
	for _, m := range merged.Modules() {
		if name := stem + "weight." + m.HF; g.Has(name) {
			if m.Of == "" {
				g.Close(t, name, tensorOf(merged, m.HF+".weight"))
			}
		}
	}
}

// stretch turns the change of a plain LoRA into that of a DoRA: rows of W + d get the
// magnitudes as lengths.
func (g *golden) stretch(t *testing.T, b *Branch, d []float64) {
	w, err := g.model.Weight(b.Module)
	if err != nil {
		t.Fatal(err)
	}
	in := len(d) / len(b.Magnitude)
	for i, m := range b.Magnitude {
		var square float64
		for j := range in {
			d[i*in+j] += float64(w[i*in+j])
			square += d[i*in+j] * d[i*in+j]
		}
		for j := range in {
			d[i*in+j] = d[i*in+j]*float64(m)/math.Sqrt(square) - float64(w[i*in+j])
		}
	}
}

func tensorOf(m *Model, name string) []float32 {
	x, _ := m.Tensors().Get(name)
	return x.Data
}

func (g *golden) full(t *testing.T) {
	p := g.set(t, "right")
	r := NewRunner(g.model)
	params := r.TrainBase(nil)
	if err := r.Forward(p.batch); err != nil {
		t.Fatal(err)
	}
	total, _ := r.Backward(nil)
	g.Close(t, "full.loss", []float32{float32(total.Mean())})
	for _, x := range params {
		g.Close(t, "full.grad."+x.Name, x.Grad)
	}
}

// kd: this model with adapter-all learns from another, at each temperature found.
func (g *golden) kd(t *testing.T) {
	p := g.set(t, "right")
	teacher := p.gather(t, g.Tensor(t, "kd.teacher_logits"))
	for tau := 1; g.Has(fmt.Sprintf("kd.t%d.loss", tau)); tau++ {
		a, stem := g.adapter(t, "all"), fmt.Sprintf("kd.t%d.", tau)
		a.train()
		r := g.runner(t, p, a.branches...)
		total, _ := r.Distill(teacher, float64(tau), nil)
		g.Close(t, stem+"loss", []float32{float32(total.Mean())})
		for _, b := range a.branches {
			nameA, nameB, _ := g.peftNames(b)
			g.Close(t, stem+"grad."+nameA, b.GradA)
			g.Close(t, stem+"grad."+nameB, b.GradB)
		}
	}
}

type goldenOptimizer struct {
	Name     string
	LR       float64
	Betas    [2]float64
	Eps      float64
	Decay    float64 `json:"weight_decay"`
	Schedule string
	Warmup   int     `json:"warmup_steps"`
	Total    int     `json:"total_steps"`
	Clip     float64 `json:"clip_norm"`
}

// schedule reads the file's description.
func (o goldenOptimizer) schedule(t *testing.T) Schedule {
	s := Schedule{Warmup: o.Warmup, Total: o.Total, FromZero: true}
	_, after, _ := strings.Cut(o.Schedule, "then")
	switch {
	case strings.Contains(after, "cosine"):
		s.Name = "cosine"
	case strings.Contains(after, "constant"):
		s.Name = "constant"
	case strings.Contains(after, "linear"):
		s.Name = "linear"
	default:
		t.Fatalf("no schedule like %q", o.Schedule)
	}
	return s
}

func (g *golden) train(t *testing.T, which string) {
	o, stem := g.optimizer, "train."+which+"."
	if !strings.HasPrefix(o.Name, "AdamW") {
		t.Fatalf("no optimiser like %q", o.Name)
	}
	r := NewRunner(g.model)
	var params []Param
	names := map[string]string{} // of params in the file
	if which == "full" {
		params = r.TrainBase(nil)
		for _, p := range params {
			names[p.Name] = p.Name
		}
	} else {
		a := g.adapter(t, which)
		r, params = g.attach(t, a)
		for _, b := range a.branches {
			names[b.Module+".A"], names[b.Module+".B"], names[b.Module+".M"] = g.peftNames(b)
		}
		for _, x := range a.head.List {
			names[x.Name] = "base_model.model." + x.Name
		}
	}
	adam, schedule := NewAdamW(o.Betas[0], o.Betas[1], o.Eps, o.Decay), o.schedule(t)
	var losses, norms []float32
	var rates []float64
	for step := range len(g.Floats(t, stem+"lr")) {
		sets := g.trainSets()
		if err := r.Forward(g.set(t, sets[step%len(sets)]).batch); err != nil {
			t.Fatal(err)
		}
		total, _ := r.Backward(nil)
		rate := o.LR * schedule.Rate(step)
		losses, rates = append(losses, float32(total.Mean())), append(rates, rate)
		norms = append(norms, float32(ClipNorm(params, o.Clip)))
		adam.Step(params, rate)
		ZeroGrads(params)
		for _, p := range params {
			if name := fmt.Sprintf("%safter%d.%s", stem, step+1, names[p.Name]); g.Has(name) {
				g.Close(t, name, p.Value)
			}
		}
	}
	g.Close(t, stem+"loss", losses)
	g.Close(t, stem+"grad_norm", norms)
	numtest.CloseWide(t, stem+"lr", rates, g.Floats(t, stem+"lr"), 1e-12)
}

func (g *golden) trainSets() (sets []string) {
	for i := 0; g.Has(fmt.Sprintf("in.train%d.labels", i)); i++ {
		sets = append(sets, fmt.Sprintf("train%d", i))
	}
	return sets
}

func (g *golden) generate(t *testing.T) {
	set := "left"
	if g.model.config.Decoder != (Decoder{}) {
		set = "right"
	}
	p := g.set(t, set)
	shape := g.Tensor(t, "generate.ids").Shape
	want := g.Ints(t, "generate.ids")
	r := NewRunner(g.model)
	all, err := r.Generate(p.batch.IDs, Decode{Tokens: shape[1]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	var logprobs, sums, margins []float32
	for i, got := range all {
		sum := 0.0
		for j, id := range got.IDs {
			if int(id) != want[i*shape[1]+j] {
				t.Errorf("prompt %d, token %d: %d; want %d", i, j, id, want[i*shape[1]+j])
			}
			logprobs = append(logprobs, float32(got.LogProbs[j]))
			sum += got.LogProbs[j]
		}
		sums = append(sums, float32(sum))
		if set == "left" {
			margins = append(margins, g.margin(t, append(append([]int32(nil), p.batch.IDs[i]...), got.IDs...), len(p.batch.IDs[i])))
		} else {
			margins = append(margins, g.marginSaid(t, p.batch.IDs[i], got.IDs))
		}
	}
	g.Close(t, "generate.logprobs", logprobs)
	g.Close(t, "generate.logprob_sum", sums)
	g.Close(t, "generate.margin", margins)
}

// margin is the smallest gap between first and second choice while text[from:] was
// written, computed from one pass over the whole text.
func (g *golden) margin(t *testing.T, text []int32, from int) float32 {
	r := g.runner(t, padded{batch: Batch{IDs: [][]int32{text}}})
	return leastMargin(t, r.Logits(nil)[(from-1)*g.model.config.Vocab:], g.model.config.Vocab, text[from:])
}

// marginSaid is margin for what a decoder said of a source.
func (g *golden) marginSaid(t *testing.T, source, said []int32) float32 {
	r := g.runner(t, padded{batch: Batch{IDs: [][]int32{source}, Labels: [][]int32{said}}})
	return leastMargin(t, r.Logits(nil), g.model.config.Vocab, said)
}

// leastMargin compares what each row of logits chooses with what was said.
func leastMargin(t *testing.T, logits []float32, v int, said []int32) float32 {
	t.Helper()
	least := float32(math.Inf(1))
	for at, want := range said {
		row := append([]float32(nil), logits[at*v:(at+1)*v]...)
		best := kernel.ArgMax(row)
		if best != int(want) {
			t.Errorf("token %d: one pass says %d, generation said %d", at, best, want)
		}
		top := row[best]
		row[best] = float32(math.Inf(-1))
		least = min(least, top-row[kernel.ArgMax(row)])
	}
	return least
}

// peftScale is alpha over rank (or its root), alpha by the first pattern that fits.
func peftScale(t *testing.T, path string, rank int, alpha float64, patterns json.RawMessage, root bool) float64 {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(patterns))
	for d.More() { // {"pattern": alpha, …}, in the file's order
		key, err := d.Token()
		if err != nil {
			break
		}
		name, ok := key.(string)
		if !ok {
			continue
		}
		var own float64
		if err := d.Decode(&own); err != nil {
			t.Fatal(err)
		}
		if regexp.MustCompile(`^(.*\.)?(` + name + `)$`).MatchString(path) {
			alpha = own
			break
		}
	}
	if root {
		return alpha / math.Sqrt(float64(rank))
	}
	return alpha / float64(rank)
}
