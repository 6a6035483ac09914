package nn

import (
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

// Buckets as Transformers 5.23 has them (make_log_bucket_position).
func TestBucketsOfDistances(t *testing.T) {
	for _, c := range []struct {
		buckets, most   int
		distances, want []int
	}{
		{6, 24, []int{0, 2, 3, 4, 7, 12, 23, 24, 100}, []int{0, 2, 3, 4, 4, 5, 5, 6, 7}},
		{32, 200, []int{16, 17, 23, 29, 40, 100, 150, 199, 200, 511}, []int{16, 17, 19, 20, 22, 27, 30, 31, 32, 37}},
		{256, 512, []int{127, 128, 129, 150, 199, 300, 511, 512, 1000}, []int{127, 128, 129, 143, 169, 207, 255, 256, 317}},
		{0, 9, []int{0, 8, 9, 30}, []int{0, 8, 9, 30}},
	} {
		d := Disentangled{Buckets: c.buckets, Max: c.most}
		for i, distance := range c.distances {
			if got := d.bucket(distance); got != c.want[i] {
				t.Errorf("%+v: distance %d is in bucket %d; want %d", d, distance, got, c.want[i])
			}
			s := d.span()
			if got, want := d.row(distance), min(s+c.want[i], 2*s-1); got != want {
				t.Errorf("%+v: distance %d has row %d; want %d", d, distance, got, want)
			}
			if got, want := d.row(-distance), max(s-c.want[i], 0); got != want {
				t.Errorf("%+v: distance %d has row %d; want %d", d, -distance, got, want)
			}
		}
	}
}

// apartConfig is a small DeBERTa with few buckets.
func apartConfig(t *testing.T, change func(d *Disentangled)) Config {
	t.Helper()
	c, err := Design("deberta-v2", Shape{Vocab: 13, Width: 12, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 40, Classes: 4})
	if err != nil {
		t.Fatal(err)
	}
	c.Apart.Buckets = 6
	change(&c.Apart)
	c.Scale = c.Apart.scale(c.HeadDim)
	return c
}

// apartBatch has one sequence whose probabilities are not kept, and places nobody sees.
func apartBatch(n int) Batch {
	long := make([]int32, n)
	for i := range long {
		long[i] = int32(i * 7 % 13)
	}
	return Batch{IDs: [][]int32{{1, 2, 3, 4}, long, {5, 6}}, Classes: []int32{3, 1, 0}, Unseen: []int{2, 3, 0}}
}

func TestDisentangledGradients(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Disentangled)
		long   int
	}{
		"both":    {func(*Disentangled) {}, 11},
		"long":    {func(*Disentangled) {}, kept + 9},
		"no norm": {func(d *Disentangled) { d.Norm, d.Buckets, d.Max = false, 0, 5 }, 11},
		"c2p":     {func(d *Disentangled) { d.P2C = false }, 11},
		"p2c":     {func(d *Disentangled) { d.C2P = false }, 11},
		"neither": {func(d *Disentangled) { d.C2P, d.P2C = false, false }, 11},
	} {
		t.Run(name, func(t *testing.T) {
			s := rng.New(7).At(name).Stream()
			r := NewRunner(randomModel(t, apartConfig(t, c.change), s))
			risesAlong(t, r, r.TrainBase(nil), func() Batch { return apartBatch(c.long) })
		})
	}
}

// A branch runs beside the maps of distances too, whatever it is.
func TestBranchesBesideDistances(t *testing.T) {
	for _, name := range []string{"plain", "dropout", "magnitude", "bias"} {
		t.Run(name, func(t *testing.T) {
			s := rng.New(3).At(name).Stream()
			r := NewRunner(randomModel(t, apartConfig(t, func(*Disentangled) {}), s))
			var params []Param
			for _, module := range []string{"0.q", "1.k"} {
				b := randomBranch(r.Model().Config(), module, 2, 0.5, s)
				switch name {
				case "dropout":
					b.Dropout = 0.3
				case "bias":
					b.Bias = draw(s, 12, 1)
					b.TrainBias()
				case "magnitude": // whose length is a constant in all gradients but its own
					b.Magnitude = draw(s, 12, 1)
					b.TrainMagnitude()
				}
				if name != "magnitude" {
					b.TrainA()
					b.TrainB()
				}
				params = append(params, b.Params()...)
				if err := r.Attach(b); err != nil {
					t.Fatal(err)
				}
			}
			risesAlong(t, r, params, func() Batch {
				b := apartBatch(11)
				b.Dropout = rng.New(8).Stream()
				return b
			})
		})
	}
}

// Dropout falls on the vectors of distances as on places.
func TestDropoutOfDistances(t *testing.T) {
	s := rng.New(5).Stream()
	r := NewRunner(randomModel(t, apartConfig(t, func(*Disentangled) {}), s))
	x := randomBranch(r.Model().Config(), "1.q", 2, 0.5, s)
	x.Dropout = 0.3
	b := apartBatch(11)
	b.Dropout = rng.New(8).Stream()
	if err := r.Attach(x); err != nil {
		t.Fatal(err)
	}
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	width, rows := 12, r.distances.hi-r.distances.lo
	keep := r.lanes[r.model.blocks[1].qkv.id].branches[0].keep[r.rows*width : (r.rows+rows)*width]
	kept := 0
	for _, k := range keep {
		if k != 0 {
			kept++
		}
	}
	if share := float64(kept) / float64(len(keep)); share < 0.55 || share > 0.85 {
		t.Errorf("%d of %d numbers of %d distances are kept; expected about 0.7 of them", kept, len(keep), rows)
	}
}

// The table of distances trained alone gets the gradient that it gets among all.
func TestDistancesTrainAlone(t *testing.T) {
	s := rng.New(6).Stream()
	m := randomModel(t, apartConfig(t, func(*Disentangled) {}), s)
	grads := func(want func(name string) bool) map[string][]float32 {
		r, out := NewRunner(m), map[string][]float32{}
		params := r.TrainBase(want)
		if _, _, err := r.Learn(apartBatch(11), nil); err != nil {
			t.Fatal(err)
		}
		for _, p := range params {
			out[p.Name] = p.Grad
		}
		return out
	}
	all := grads(nil)
	for _, name := range []string{"deberta.encoder.rel_embeddings.weight", "deberta.encoder.LayerNorm.weight", "deberta.encoder.LayerNorm.bias"} {
		alone := grads(func(n string) bool { return n == name })
		if sumSquares(alone[name]) == 0 {
			t.Errorf("%s gets no gradient alone", name)
		}
		numtest.Same(t, name, alone[name], all[name])
	}
}

// A sequence gives the same bits alone, beside longer ones, and after longer ones.
func TestDisentangledAloneEqualsInBatch(t *testing.T) {
	m := randomModel(t, apartConfig(t, func(*Disentangled) {}), rng.New(4).Stream())
	b := apartBatch(kept + 9)
	r := NewRunner(m)
	if err := r.Forward(b); err != nil {
		t.Fatal(err)
	}
	all, logits, at := slices.Clone(r.Hidden(2)), r.Logits(nil), 0
	for _, r := range []*Runner{r, NewRunner(m)} {
		at = 0
		for i, ids := range b.IDs {
			if err := r.Forward(b.cut(i, i+1)); err != nil {
				t.Fatal(err)
			}
			numtest.Same(t, "hidden states", r.Hidden(2), all[at*12:(at+len(ids))*12])
			numtest.Same(t, "logits", r.Logits(nil), logits[i*4:(i+1)*4])
			at += len(ids)
		}
	}
}

// publishedDeberta is config.json of deberta-v3-base with smaller sides.
const publishedDeberta = `{"model_type":"deberta-v2","attention_probs_dropout_prob":0.1,"hidden_act":"gelu","hidden_dropout_prob":0.1,"hidden_size":12,
	"initializer_range":0.02,"intermediate_size":20,"max_position_embeddings":512,"relative_attention":true,"position_buckets":256,
	"norm_rel_ebd":"layer_norm","share_att_key":true,"pos_att_type":"p2c|c2p","layer_norm_eps":1e-7,"max_relative_positions":-1,
	"position_biased_input":false,"num_attention_heads":3,"num_hidden_layers":2,"type_vocab_size":0,"vocab_size":13}`

func TestPublishedDeberta(t *testing.T) {
	c, err := ParseConfig([]byte(publishedDeberta))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Disentangled{Buckets: 256, Max: 512, C2P: true, P2C: true, Norm: true}); c.Apart != want || c.Learned || c.Types != 0 || c.Eps != 1e-7 || c.Answer.Pooler {
		t.Errorf("got %+v", c)
	}
	ts := randomModel(t, c, rng.New(1).Stream()).Tensors()
	for _, name := range []string{"deberta.embeddings.position_embeddings.weight", "lm_predictions.lm_head.bias", "mask_predictions.dense.weight"} {
		ts.List = append(ts.List, linalg.Tensor{Name: name, Shape: []int{2}, Data: []float32{1, 2}})
	}
	if _, err := FromTensors(c, ts); err != nil {
		t.Error(err)
	}
}

func TestDebertaRefusesByName(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"relative_attention":true`, `"relative_attention":false`, "relative_attention false is not supported yet; supported: true"},
		{`"share_att_key":true,`, ``, "share_att_key false"},
		{`"p2c|c2p"`, `"p2c|p2p"`, "pos_att_type p2p is not supported yet; supported: c2p, p2c"},
		{`"p2c|c2p"`, `7`, "pos_att_type is 7; expected a list"},
		{`"layer_norm"`, `"batch_norm"`, "norm_rel_ebd batch_norm"},
		{`"vocab_size":13`, `"vocab_size":13,"conv_kernel_size":3`, "conv_kernel_size 3"},
		{`"vocab_size":13`, `"vocab_size":13,"embedding_size":8`, "embedding_size 8"},
		{`"vocab_size":13`, `"vocab_size":13,"attention_head_size":8`, "attention_head_size 8"},
		{`"vocab_size":13`, `"vocab_size":13,"architectures":["DebertaV2ForTokenClassification"]`, `"DebertaV2ForTokenClassification" is not supported yet`},
		{`"vocab_size":13`, `"vocab_size":13,"architectures":["DebertaV2ForSequenceClassification"],"pooler_hidden_size":8`, "pooler_hidden_size 8"},
		{`"vocab_size":13`, `"vocab_size":13,"architectures":["DebertaV2ForSequenceClassification"],"pooler_hidden_act":"mish"`, `pooler_hidden_act "mish"`},
		{`"position_buckets":256`, `"position_buckets":1`, "position_buckets is 1"},
		{`"max_relative_positions":-1`, `"max_relative_positions":129`, "max_relative_positions is 129; with position_buckets 256 expected at least 130"},
	} {
		_, err := ParseConfig([]byte(strings.Replace(publishedDeberta, c.old, c.new, 1)))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v; want one that says %q", c.new, err, c.want)
		}
	}
}

func TestDisentangledStepsAllocateNothing(t *testing.T) {
	for _, long := range []int{11, kept + 9} {
		s := rng.New(1).Stream()
		r := NewRunner(randomModel(t, apartConfig(t, func(*Disentangled) {}), s))
		trained(t, r, s)
		b := apartBatch(long)
		step := func() {
			if _, _, err := r.Learn(b, nil); err != nil {
				t.Fatal(err)
			}
		}
		step()
		if n := testing.AllocsPerRun(5, step); n != 0 {
			t.Errorf("%d places: a step allocates %v times", long, n)
		}
	}
}
