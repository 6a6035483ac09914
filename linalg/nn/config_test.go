package nn

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/numtest"
	"github.com/loramesh/loramesh/linalg/rng"
)

const (
	configV5 = `{"model_type":"llama","vocab_size":11,"hidden_size":12,"intermediate_size":20,"num_hidden_layers":2,"num_attention_heads":4,
		"num_key_value_heads":2,"head_dim":6,"max_position_embeddings":64,"rms_norm_eps":1e-05,"hidden_act":"silu","attention_bias":false,"mlp_bias":false,
		"rope_parameters":{"rope_type":"default","rope_theta":500.0},"tie_word_embeddings":true,"bos_token_id":1,"eos_token_id":[2,3],"pad_token_id":null}`
	configV4 = `{"model_type":"llama","vocab_size":11,"hidden_size":12,"intermediate_size":20,"num_hidden_layers":2,"num_attention_heads":2,
		"rope_theta":500.0,"rope_scaling":{"type":"llama3","factor":8.0,"low_freq_factor":1.0,"high_freq_factor":4.0,"original_max_position_embeddings":64},
		"torch_dtype":"float32","eos_token_id":2}`
)

func TestParseConfigReadsBothStyles(t *testing.T) {
	c, err := ParseConfig([]byte(configV5))
	if err != nil {
		t.Fatal(err)
	}
	if c.HeadDim != 6 || c.KVHeads != 2 || c.Rope != (Rope{Kind: "default", Theta: 500}) || !c.Tied || c.BOS != 1 || len(c.EOS) != 2 || c.MaxPositions != 64 {
		t.Errorf("v5: %+v", c)
	}
	c, err = ParseConfig([]byte(configV4))
	if err != nil {
		t.Fatal(err)
	}
	if c.HeadDim != 6 || c.KVHeads != 2 || c.Eps != 1e-6 || c.Tied || c.BOS != -1 || len(c.EOS) != 1 || c.MaxPositions != 2048 ||
		c.Rope != (Rope{"llama3", 500, 8, 1, 4, 64}) {
		t.Errorf("v4: %+v", c)
	}
}

func TestParseConfigRefusesByName(t *testing.T) {
	for _, c := range []struct{ old, new, want string }{
		{`"llama"`, `"bloom"`, `model_type "bloom" is not supported yet; supported: `},
		{`"model_type":"llama",`, ``, `model_type is missing`},
		{`"silu"`, `"gelu"`, `hidden_act "gelu" is not supported yet`},
		{`"attention_bias":false`, `"attention_bias":true`, `attention_bias true`},
		{`"mlp_bias":false`, `"mlp_bias":true`, `mlp_bias true`},
		{`"rope_type":"default"`, `"rope_type":"yarn"`, `rope_type "yarn" is not supported yet; supported: default, llama3`},
		{`"rope_type":"default"`, `"rope_type":"llama3"`, `factor 0`},
		{`"rope_theta":500.0}`, `"rope_theta":500.0},"rope_theta":10.0`, `keep one of them`},
		{`"rope_theta":500.0}`, `"rope_theta":500.0},"rope_scaling":{"rope_type":"llama3"}`, `disagree`},
		{`"rope_theta":500.0`, `"rope_theta":-1`, `rope_theta is -1`},
		{`"vocab_size":11,`, ``, `vocab_size is missing`},
		{`"vocab_size":11`, `"vocab_size":"11"`, `vocab_size is a string; expected int`},
		{`"vocab_size":11`, `"vocab_size":0`, `vocab_size is 0`},
		{`"vocab_size":11`, `"vocab_size":1e12`, `vocab_size`},
		{`"num_key_value_heads":2`, `"num_key_value_heads":3`, `no multiple of num_key_value_heads 3`},
		{`"num_attention_heads":4`, `"num_attention_heads":0`, `num_attention_heads is 0`},
		{`"head_dim":6`, `"head_dim":7`, `even`},
		{`"head_dim":6,`, ``, `odd`},
		{`1e-05`, `0`, `epsilon of the norms is 0`},
		{`"pad_token_id":null`, `"sliding_window":5`, `sliding_window 5`},
		{`"pad_token_id":null`, `"partial_rotary_factor":0.5`, `partial_rotary_factor 0.5`},
		{`"pad_token_id":null`, `"quantization_config":{"bits":4}`, `quantization_config`},
		{`"bos_token_id":1`, `"bos_token_id":"<s>"`, `bos_token_id is "<s>"`},
		{`}`, ``, `config.json:`},
	} {
		text := strings.Replace(configV5, c.old, c.new, 1)
		if c.want == "odd" { // without head_dim it is 12/4 = 3
			c.want = "head_dim is 3"
		}
		_, err := ParseConfig([]byte(text))
		if err == nil || !strings.Contains(err.Error(), c.want) || !strings.HasPrefix(err.Error(), "config.json: ") {
			t.Errorf("%s → %s: error %v; want one that says %q", c.old, c.new, err, c.want)
		}
	}
}

// The three branches of llama3, at angles chosen for each (formula of Llama 3.1).
func TestRopeStretch(t *testing.T) {
	r := Rope{Kind: "llama3", Theta: 1, Factor: 8, LowFreq: 1, HighFreq: 4, Original: 64}
	at := func(turns float64) float64 { return turns * 2 * math.Pi / 64 }
	got := []float64{r.stretch(at(0.5)), r.stretch(at(5)), r.stretch(at(2.5))}
	want := []float64{at(0.5) / 8, at(5), 0.5*at(2.5)/8 + 0.5*at(2.5)}
	numtest.CloseWide(t, "stretched angles", got, want, 1e-15)
}

func TestConfigSurvivesItsJSON(t *testing.T) {
	for _, text := range []string{configV5, configV4} {
		c, err := ParseConfig([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		again, err := ParseConfig(c.JSON())
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%+v became %+v, %v", c, again, err)
		}
	}
}

// Every family makes a model from a shape alone, writes its config.json, and reads it back.
// encoders answer for whole sequences.
var encoders = map[string]bool{"bert": true, "roberta": true, "distilbert": true, "deberta-v2": true, "vit": true}

func ramp(n int) []float32 {
	out := make([]float32, n)
	for i := range out {
		out[i] = float32(i%7) - 3
	}
	return out
}

func TestDesignEveryFamily(t *testing.T) {
	for _, name := range Families() {
		shape := Shape{Vocab: 13, Width: 24, Inner: 20, Layers: 2, Heads: 3, KVHeads: 3, Context: 16, Tied: name != "llama"}
		b := Batch{IDs: [][]int32{{1, 2, 3}, {4, 5}}, Labels: [][]int32{{1, 2, 3}, {4, 5}}}
		count := 3
		if name == "t5" {
			count = 5 // labels are not shifted
		}
		if encoders[name] {
			shape.Classes = 4
			b, count = Batch{IDs: b.IDs, Classes: []int32{3, 0}}, 2
		}
		if families[name].windowed {
			shape.Window = 2
		}
		if name == "vit" {
			shape.Vocab, shape.Context, shape.Image = 0, 5, Image{Size: 4, Patch: 2, Channels: 3}
			b = Batch{Images: [][]float32{ramp(48), ramp(48)}, Classes: []int32{3, 0}}
		}
		c, err := Design(name, shape)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		again, err := ParseConfig(c.JSON())
		if err != nil || !reflect.DeepEqual(again, c) {
			t.Errorf("%s: %+v became %+v, %v", name, c, again, err)
		}
		s := rng.New(1).At(name).Stream()
		r := NewRunner(randomModel(t, c, s))
		_, params := trained(t, r, s)
		if err := r.Forward(b); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if l, _ := r.Backward(nil); l.Count != count || GradNorm(params) == 0 {
			t.Errorf("%s: loss %+v, gradient norm %g", name, l, GradNorm(params))
		}
		ts := r.Model().Tensors()
		if _, err := FromTensors(c, ts); err != nil {
			t.Errorf("%s: its own tensors: %v", name, err)
		}
	}
	for _, bad := range []Shape{{Vocab: 5, Width: 10, Inner: 4, Layers: 1, Heads: 3, KVHeads: 3, Context: 4}, {Width: 4, Heads: 1},
		{Vocab: 5, Width: 4, Inner: 4, Layers: 1, Heads: 1, KVHeads: 1, Context: 4, Window: 2}} {
		if _, err := Design("llama", bad); err == nil {
			t.Errorf("%+v passed", bad)
		}
	}
}

// What a family cannot compute is named with what it can.
func TestFamiliesRefuseByName(t *testing.T) {
	for _, c := range []struct{ family, keys, want string }{
		{"gpt2", `"n_embd":8,"n_layer":1,"n_head":2,"add_cross_attention":true`, "add_cross_attention true"},
		{"gpt2", `"n_embd":8,"n_layer":1,"n_head":2,"scale_attn_by_inverse_layer_idx":true`, "scale_attn_by_inverse_layer_idx true"},
		{"gpt2", `"n_embd":8,"n_layer":1,"n_head":2,"activation_function":"tanh"`, `activation_function "tanh"`},
		{"gpt2", `"n_embd":8,"n_layer":1`, "n_head is missing"},
		{"mistral", `"hidden_size":8,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":8,"sliding_window":0`, "sliding_window 0"},
		{"qwen2", `"hidden_size":64,"intermediate_size":8,"num_hidden_layers":2,"num_attention_heads":32,"layer_types":["full_attention"]`, "layer_types has 1 entries"},
		{"qwen2", `"hidden_size":64,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":32,"layer_types":["sliding_attention"]`, "keep one of them"},
		{"qwen3", `"attention_bias":true`, "attention_bias true"},
		{"gemma", `"hidden_size":64,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":16,"use_bidirectional_attention":true`, "use_bidirectional_attention true"},
		{"gemma", `"hidden_size":64,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":16,"hidden_act":"relu"`, `hidden_act "relu"`},
	} {
		_, err := ParseConfig([]byte(`{"model_type":"` + c.family + `","vocab_size":9,` + c.keys + `}`))
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s with %s: %v; want one that says %q", c.family, c.keys, err, c.want)
		}
	}
}

func TestSelectTakesRowsByNameOnly(t *testing.T) {
	c, err := Design("gpt2", Shape{Vocab: 5, Width: 8, Inner: 8, Layers: 2, Heads: 2, KVHeads: 2, Context: 4, Tied: true})
	if err != nil {
		t.Fatal(err)
	}
	names := func(patterns ...string) (out []string) {
		ms, err := c.Select(patterns)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range ms {
			out = append(out, m.Name)
		}
		return out
	}
	for want, patterns := range map[string][]string{
		"0.qkv 0.o 0.up 0.down": {"0.*"},
		"0.q 1.q":               {"*.q"},
		"1.v lm_head":           {"lm_head", "1.v"},
		"0.qkv 0.o 0.up 0.down 1.qkv 1.o 1.up 1.down": {"*"},
	} {
		if got := strings.Join(names(patterns...), " "); got != want {
			t.Errorf("%v selects %s; want %s", patterns, got, want)
		}
	}
	if _, err := c.Select([]string{"0.gate"}); err == nil || !strings.Contains(err.Error(), "qkv, q, k, v, o, up, down") {
		t.Errorf("a gate that GPT-2 has not: %v", err)
	}
}

func TestSelect(t *testing.T) {
	c := small(false)
	ms, err := c.Select([]string{"1.v", "*.q"})
	if err != nil || len(ms) != 3 || ms[0].Name != "0.q" || ms[1].Name != "1.q" || ms[2].Name != "1.v" || ms[2].Out != 12 || ms[2].In != 10 {
		t.Errorf("Select: %+v, %v", ms, err)
	}
	for _, bad := range []string{"5.q", "*.query", "3.q.x"} {
		if _, err := c.Select([]string{bad}); err == nil || !strings.Contains(err.Error(), "matches nothing") {
			t.Errorf("pattern %q, which no module has: %v", bad, err)
		}
	}
	if _, err := c.Select([]string{"x.q"}); err == nil || !strings.Contains(err.Error(), `"x.q"`) {
		t.Errorf("a malformed pattern: %v", err)
	}
}
