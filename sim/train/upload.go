package train

import (
	"fmt"
	"math"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// upload stores what of a part leaves its participant, as it arrives: the change clipped, with
// noise, in a code, as the pool says. began is what it changed from; nil is no change. What the
// participant keeps is what it made.
func (t *Trainer) upload(j job, name string, made method.Tensors, began *method.Tensors) (method.Blob, error) {
	rule := t.world.Upload(j.req.Whom)
	key := rng.New(j.draw).At("upload", name)
	if rule.Clip > 0 {
		made = changed(made, began, rule, key.At("noise").Stream())
	}
	if rule.Encode != "" {
		made = data.Encode(made, rule.Encode, key.At("encode"))
	}
	return t.blobs.Put(made)
}

// changed is where tensors come to if their change, of which the norm over all of them is at
// most rule.Clip, has Gaussian noise of the standard deviation rule.Noise·rule.Clip in each
// number (McMahan et al. 2018, Learning Differentially Private Recurrent Language Models, §3;
// here each participant adds it to its own).
func changed(made method.Tensors, began *method.Tensors, rule scenario.Upload, draw *rng.Stream) method.Tensors {
	from := func(i, k int) float32 {
		if began == nil {
			return 0
		}
		if x, is := began.List[i], made.List[i]; x.Name != is.Name || len(x.Data) != len(is.Data) {
			panic(fmt.Sprintf("train: %s of %d numbers began as %s of %d", is.Name, len(is.Data), x.Name, len(x.Data)))
		}
		return began.List[i].Data[k]
	}
	sum := 0.0
	for i, x := range made.List {
		for k, v := range x.Data {
			d := float64(v - from(i, k))
			sum += float64(d * d)
		}
	}
	shrink := 1.0
	if norm := math.Sqrt(sum); norm > rule.Clip {
		shrink = rule.Clip / norm
	}
	out := method.Tensors{Meta: made.Meta, List: make([]linalg.Tensor, len(made.List))}
	for i, x := range made.List {
		if data.Moves(x.Name) {
			is := make([]float32, len(x.Data))
			for k, v := range x.Data {
				d := float64(float64(v-from(i, k)) * shrink)
				if rule.Noise > 0 {
					d += float64(rule.Noise * rule.Clip * draw.Norm())
				}
				is[k] = float32(float64(from(i, k)) + d)
			}
			x.Data = is
		}
		out.List[i] = x
	}
	return out
}
