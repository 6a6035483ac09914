package nn

import (
	"math"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/linalgtest"
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
		{`"llama"`, `"gpt2"`, `model_type "gpt2" is not supported yet; supported: llama`},
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
		{`1e-05`, `0`, `rms_norm_eps is 0`},
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
	linalgtest.CloseWide(t, "stretched angles", got, want, 1e-15)
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
