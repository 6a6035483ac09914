package data

import (
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg"
	"github.com/loramesh/loramesh/linalg/linalgtest"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

func TestCollectionsTravel(t *testing.T) {
	second := "und das?"
	c := Collection{Seen: 7, Examples: []Example{
		{Prompt: "Wie heißt \"das\"?", Answer: "так\n", Pair: &second, Task: 3, Columns: map[string]string{"y": "1"}, Hash: 1<<63 + 5},
		{Answer: ""},
	}}
	b, err := safetensors.EncodeTensors(c.Tensors())
	if err != nil {
		t.Fatal(err)
	}
	x, err := safetensors.DecodeTensors(b)
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParseCollection(x)
	if err != nil || !reflect.DeepEqual(back, c) {
		t.Errorf("%+v came back as %+v, %v", c, back, err)
	}
	if n := TextBytes(x); n < 60 || n > 200 {
		t.Errorf("the text of two short examples is %d bytes", n)
	}
	for want, bad := range map[string]func(map[string]string){
		`of kind "adapter"`:      func(m map[string]string) { m["kind"] = "adapter" },
		"cannot be read":         func(m map[string]string) { m["examples"] = "[{" },
		`of which "x" were seen`: func(m map[string]string) { m["seen"] = "x" },
		"the hash of example 0":  func(m map[string]string) { m["examples"] = `[{"hash": "z"}]` },
	} {
		broken := linalg.Tensors{Meta: map[string]string{}}
		for k, v := range x.Meta {
			broken.Meta[k] = v
		}
		bad(broken.Meta)
		if _, err := ParseCollection(broken); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
}

// The draws of each case lead to the buffer of the case, item after item.
func TestGoldenReservoir(t *testing.T) {
	linalgtest.Cases(t, "lora/cl", func(name string) bool { return name == "reservoir" }, func(t *testing.T, g *linalgtest.Case) {
		r := Reservoir[int]{Capacity: linalgtest.Params[struct{ Capacity int }](t, g).Capacity}
		var buffer, kept []float64
		for i, d := range g.Get(t, "draw").Data {
			in := r.Pass(i, func(n int) int {
				if d < 0 || int(d) >= n || n != i+1 {
					t.Fatalf("item %d draws of %d; the case has %g", i, n, d)
				}
				return int(d)
			})
			kept = append(kept, 0)
			if in {
				kept[i] = 1
			}
			for slot := range r.Capacity {
				if slot < len(r.Held) {
					buffer = append(buffer, float64(r.Held[slot]))
				} else {
					buffer = append(buffer, -1)
				}
			}
		}
		g.Check(t, "buffer", buffer)
		g.Check(t, "kept", kept)
		g.Done(t)
	})
}
