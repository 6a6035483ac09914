package nn

import (
	"errors"
	"fmt"
	"math"
	"reflect"
)

// Rope are the angles of rotary positions (Su et al. 2021): entry i of a head turns by
// position·Theta^(−2i/HeadDim). With Kind "llama3" slow angles are slowed further for
// long contexts (Llama 3.1, as in Transformers' modeling_rope_utils).
type Rope struct {
	Kind     string // "": no rotation; "default" or "llama3"
	Theta    float64
	Factor   float64 // the rest for llama3 only
	LowFreq  float64
	HighFreq float64
	Original int // positions before the stretch
}

// hfRope is rope_parameters of Transformers 5 or rope_scaling of 4.
type hfRope struct {
	Theta    *float64 `json:"rope_theta"`
	Type     string   `json:"rope_type"`
	OldType  string   `json:"type"`
	Factor   float64  `json:"factor"`
	LowFreq  float64  `json:"low_freq_factor"`
	HighFreq float64  `json:"high_freq_factor"`
	Original int      `json:"original_max_position_embeddings"`
	Partial  *float64 `json:"partial_rotary_factor"`
}

// rope joins the two styles; where a file has both they must agree.
func (h *hfConfig) rope() (Rope, error) {
	r := Rope{Kind: "default", Theta: or(h.RopeTheta, 10000)}
	if h.RopeParams != nil && h.RopeScaling != nil && !reflect.DeepEqual(h.RopeParams, h.RopeScaling) {
		return r, errors.New("rope_parameters and rope_scaling disagree; keep one of them")
	}
	p := h.RopeParams
	if p == nil {
		p = h.RopeScaling
	}
	if p == nil {
		return r, nil
	}
	if p.Theta != nil {
		if h.RopeTheta != nil && *h.RopeTheta != *p.Theta {
			return r, fmt.Errorf("rope_theta is %g, and %g in rope_parameters; keep one of them", *h.RopeTheta, *p.Theta)
		}
		r.Theta = *p.Theta
	}
	if p.Partial != nil && *p.Partial != 1 {
		return r, fmt.Errorf("partial_rotary_factor %g is not supported yet; supported: 1", *p.Partial)
	}
	kind := p.Type
	if kind == "" {
		kind = p.OldType
	}
	switch kind {
	case "", "default":
	case "llama3":
		r.Kind, r.Factor, r.LowFreq, r.HighFreq, r.Original = kind, p.Factor, p.LowFreq, p.HighFreq, p.Original
	default:
		return r, fmt.Errorf("rope_type %q is not supported yet; supported: default, llama3", kind)
	}
	return r, nil
}

func (r Rope) check() error {
	if r.Kind == "" {
		return nil
	}
	if !(r.Theta > 0) {
		return fmt.Errorf("rope_theta is %g; expected a positive number", r.Theta)
	}
	switch r.Kind {
	case "default":
		return nil
	case "llama3":
		if !(r.Factor >= 1) || !(r.LowFreq > 0) || !(r.HighFreq > r.LowFreq) || r.Original < 1 {
			return fmt.Errorf("rope_type llama3 with factor %g, low_freq_factor %g, high_freq_factor %g, original_max_position_embeddings %d; "+
				"expected factor ≥ 1, 0 < low < high, original ≥ 1", r.Factor, r.LowFreq, r.HighFreq, r.Original)
		}
		return nil
	}
	return fmt.Errorf("rope_type %q is not supported yet; supported: default, llama3", r.Kind)
}

// hf is rope_parameters as Transformers 5 writes them.
func (r Rope) hf() map[string]any {
	keys := map[string]any{"rope_type": r.Kind, "rope_theta": r.Theta}
	if r.Kind == "llama3" {
		keys["factor"], keys["low_freq_factor"], keys["high_freq_factor"] = r.Factor, r.LowFreq, r.HighFreq
		keys["original_max_position_embeddings"] = r.Original
	}
	return keys
}

// angles gives the turn per position of each of the width/2 pairs.
func (r Rope) angles(width int) []float64 {
	out := make([]float64, width/2)
	for i := range out {
		a := 1 / math.Pow(r.Theta, float64(2*i)/float64(width))
		if r.Kind == "llama3" {
			a = r.stretch(a)
		}
		out[i] = a
	}
	return out
}

// stretch slows angles whose wave is longer than Original/LowFreq by Factor, leaves those
// shorter than Original/HighFreq, and blends between.
func (r Rope) stretch(angle float64) float64 {
	turns := float64(r.Original) * angle / (2 * math.Pi) // over the original context
	switch {
	case turns < r.LowFreq:
		return angle / r.Factor
	case turns > r.HighFreq:
		return angle
	}
	blend := (turns - r.LowFreq) / (r.HighFreq - r.LowFreq)
	return float64((1-blend)*angle)/r.Factor + float64(blend*angle)
}

// turns is a table of cosines and sines by position, grown as positions are met.
type turns struct {
	angles   []float64
	cos, sin []float32 // position-major, len(angles) each
}

// reach makes sure that positions 0…last are in the table.
func (t *turns) reach(last int) {
	half := len(t.angles)
	if half == 0 || last < len(t.cos)/half {
		return
	}
	have := len(t.cos) / half
	want := max(64, 2*have)
	for want <= last {
		want *= 2
	}
	for p := have; p < want; p++ {
		for _, a := range t.angles {
			sin, cos := math.Sincos(float64(p) * a)
			t.cos, t.sin = append(t.cos, float32(cos)), append(t.sin, float32(sin))
		}
	}
}

// from is the table from a position on.
func (t *turns) from(position int32) (cos, sin []float32) {
	lo := int(position) * len(t.angles)
	return t.cos[lo:], t.sin[lo:]
}
