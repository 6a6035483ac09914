package nn

import "encoding/json"

// JSON writes the shape as a Hugging Face config.json (Transformers 5), which
// [ParseConfig] and Transformers read back. Keys are in alphabetical order.
func (c Config) JSON() []byte {
	rope := map[string]any{"rope_type": c.Rope.Kind, "rope_theta": c.Rope.Theta}
	if c.Rope.Kind == "llama3" {
		rope["factor"], rope["low_freq_factor"], rope["high_freq_factor"] = c.Rope.Factor, c.Rope.LowFreq, c.Rope.HighFreq
		rope["original_max_position_embeddings"] = c.Rope.Original
	}
	all := map[string]any{
		"architectures": []string{"LlamaForCausalLM"}, "model_type": "llama", "dtype": "float32", "hidden_act": "silu",
		"vocab_size": c.Vocab, "hidden_size": c.Width, "intermediate_size": c.Inner, "num_hidden_layers": c.Layers,
		"num_attention_heads": c.Heads, "num_key_value_heads": c.KVHeads, "head_dim": c.HeadDim,
		"max_position_embeddings": c.MaxPositions, "rms_norm_eps": c.Eps, "rope_parameters": rope,
		"tie_word_embeddings": c.Tied, "attention_bias": false, "mlp_bias": false, "bos_token_id": nil, "eos_token_id": nil,
	}
	if c.BOS >= 0 {
		all["bos_token_id"] = c.BOS
	}
	if len(c.EOS) == 1 {
		all["eos_token_id"] = c.EOS[0]
	} else if len(c.EOS) > 1 {
		all["eos_token_id"] = c.EOS
	}
	b, err := json.MarshalIndent(all, "", "  ")
	if err != nil {
		panic("nn: a config of plain numbers does not marshal: " + err.Error()) // an infinite Eps or Theta, which Check refuses
	}
	return append(b, '\n')
}
