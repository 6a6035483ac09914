package data

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
)

// Look is how a vision model looks at a picture: how its bytes become the numbers that the
// model was trained on. It is what Transformers' ViTImageProcessor does, from the same file.
type Look struct {
	Resize    bool      // to the model's size, bilinearly; else a picture must have it
	Scale     float64   // multiplies a byte
	Mean, Std []float64 // by channel, or one for all: (scaled − mean)/std
}

// PlainLook is what ViTImageProcessor does where nothing else is said: −1 … 1.
func PlainLook() Look {
	return Look{Resize: true, Scale: 1.0 / 255, Mean: []float64{0.5}, Std: []float64{0.5}}
}

// bilinear is the number that Pillow gives that filter.
const bilinear = 2

// ParseLook reads preprocessor_config.json. What it asks for and is not done here is refused
// by the name of its key.
func ParseLook(src []byte) (Look, error) {
	look := PlainLook()
	var f struct {
		Resize    *bool           `json:"do_resize"`
		Rescale   *bool           `json:"do_rescale"`
		Normalise *bool           `json:"do_normalize"`
		Crop      *bool           `json:"do_center_crop"`
		Filter    *int            `json:"resample"`
		Scale     *float64        `json:"rescale_factor"`
		Mean      json.RawMessage `json:"image_mean"`
		Std       json.RawMessage `json:"image_std"`
	}
	if err := json.Unmarshal(src, &f); err != nil {
		return look, err
	}
	if f.Crop != nil && *f.Crop {
		return look, errors.New("do_center_crop true is not supported yet; supported: false")
	}
	if f.Resize != nil {
		look.Resize = *f.Resize
	}
	if look.Resize && f.Filter != nil && *f.Filter != bilinear {
		return look, fmt.Errorf("resample %d is not supported yet; supported: %d (bilinear)", *f.Filter, bilinear)
	}
	if f.Scale != nil {
		look.Scale = *f.Scale
	}
	if f.Rescale != nil && !*f.Rescale {
		look.Scale = 1
	}
	if f.Normalise != nil && !*f.Normalise {
		look.Mean, look.Std = []float64{0}, []float64{1}
		return look, look.check()
	}
	for _, x := range []struct {
		key string
		raw json.RawMessage
		to  *[]float64
	}{{"image_mean", f.Mean, &look.Mean}, {"image_std", f.Std, &look.Std}} {
		if len(x.raw) == 0 || string(x.raw) == "null" {
			continue
		}
		var one float64
		if json.Unmarshal(x.raw, &one) == nil {
			*x.to = []float64{one}
		} else if err := json.Unmarshal(x.raw, x.to); err != nil {
			return look, fmt.Errorf("%s: expected a number or a list of them: %w", x.key, err)
		}
	}
	return look, look.check()
}

// JSON is a preprocessor_config.json that [ParseLook] and Transformers read back.
func (l Look) JSON(m nn.Image) []byte {
	b, err := json.MarshalIndent(map[string]any{"image_processor_type": "ViTImageProcessor", "do_resize": l.Resize, "resample": bilinear,
		"size": map[string]int{"height": m.Size, "width": m.Size}, "do_rescale": true, "rescale_factor": l.Scale, "do_normalize": true,
		"image_mean": perChannel(l.Mean, m.Channels), "image_std": perChannel(l.Std, m.Channels)}, "", "  ")
	if err != nil {
		panic("data: a look of plain numbers does not marshal: " + err.Error()) // infinite ones, which check refuses
	}
	return append(b, '\n')
}

// perChannel spells out one number for all channels.
func perChannel(x []float64, channels int) []float64 {
	if len(x) == 1 {
		return slices.Repeat(x, channels)
	}
	return x
}

// String says all that the numbers follow from.
func (l Look) String() string {
	return fmt.Sprintf("resize %v, scale %v, mean %v, std %v", l.Resize, l.Scale, l.Mean, l.Std)
}

func (l Look) check() error {
	if !(l.Scale > 0) || math.IsInf(l.Scale, 1) {
		return fmt.Errorf("rescale_factor is %g; expected a number above 0", l.Scale)
	}
	if len(l.Mean) == 0 || len(l.Std) == 0 {
		return fmt.Errorf("image_mean has %d numbers and image_std %d; expected one, or one a channel", len(l.Mean), len(l.Std))
	}
	for _, s := range l.Std {
		if !(s > 0) {
			return fmt.Errorf("image_std has %g; expected numbers above 0", s)
		}
	}
	return nil
}

// Numbers are a picture as a model reads it: channel by channel, row by row, in float32.
func (l Look) Numbers(p *Picture, m nn.Image) ([]float32, error) {
	p, err := p.with(m.Channels)
	if err != nil {
		return nil, err
	}
	if p.Width != m.Size || p.Height != m.Size {
		if !l.Resize {
			return nil, fmt.Errorf("a picture of %d×%d pixels; expected %d×%d, for preprocessor_config.json says do_resize false", p.Width, p.Height, m.Size, m.Size)
		}
		p = p.resized(m.Size, m.Size)
	}
	for _, x := range [][]float64{l.Mean, l.Std} {
		if len(x) != 1 && len(x) != m.Channels {
			return nil, fmt.Errorf("image_mean or image_std has %d numbers; expected one, or %d, one a channel", len(x), m.Channels)
		}
	}
	out := make([]float32, 0, len(p.Pixels))
	for c := range m.Channels {
		mean, std := float32(l.Mean[c%len(l.Mean)]), float32(l.Std[c%len(l.Std)])
		for i := c; i < len(p.Pixels); i += m.Channels {
			out = append(out, (float32(float64(p.Pixels[i])*l.Scale)-mean)/std)
		}
	}
	return out, nil
}
