package lora

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
)

// peftConfig is what of adapter_config.json bears on the arithmetic.
type peftConfig struct {
	rank   int
	alpha  float64
	root   bool // use_rslora: alpha/√rank
	ranks  []pattern
	alphas []pattern
	// target_modules and exclude_modules, where both are lists and nothing else chooses.
	targets, excluded []string
}

// Keys that do not change what an adapter computes once it is trained, or that
// readPEFTConfig looks at itself.
var peftHarmless = []string{
	"alpha_pattern", "auto_mapping", "base_model_name_or_path", "bias", "corda_config", "ensure_weight_tying",
	"eva_config", "exclude_modules", "fan_in_fan_out", "inference_mode", "init_lora_weights", "layers_pattern",
	"layers_to_transform", "loftq_config", "lora_alpha", "lora_dropout", "lora_ga_config", "megatron_core",
	"peft_type", "peft_version", "qalora_group_size", "r", "rank_pattern", "revision", "runtime_config",
	"target_modules", "task_type", "use_rslora",
}

// Values of init_lora_weights that leave the base as it was.
var peftPlainInits = []string{`true`, `false`, `null`, `"gaussian"`, `"eva"`, `"orthogonal"`}

func readPEFTConfig(text []byte) (c peftConfig, err error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return c, fmt.Errorf("expected a JSON object: %w", err)
	}
	if err := refusePEFT(all); err != nil {
		return c, err
	}
	c.alpha = 8 // PEFT's default, as is rank 8
	c.rank = 8
	for key, into := range map[string]any{"r": &c.rank, "lora_alpha": &c.alpha, "use_rslora": &c.root} {
		if raw, ok := all[key]; ok {
			if err := json.Unmarshal(raw, into); err != nil {
				return c, fmt.Errorf("%s is %s: %w", key, raw, err)
			}
		}
	}
	if c.rank < 1 {
		return c, fmt.Errorf("r is %d, expected at least 1", c.rank)
	}
	if c.ranks, err = patternsOf("rank_pattern", all["rank_pattern"]); err != nil {
		return c, err
	}
	if c.alphas, err = patternsOf("alpha_pattern", all["alpha_pattern"]); err != nil {
		return c, err
	}
	c.targets, c.excluded = chosen(all)
	return c, nil
}

// chosen reads the lists of modules. A string in their place is a regular expression, or
// "all-linear": then, and where layers are chosen by number, there are no lists.
func chosen(all map[string]json.RawMessage) (targets, excluded []string) {
	if layers, ok := all["layers_to_transform"]; ok && string(layers) != "null" {
		return nil, nil
	}
	for key, into := range map[string]*[]string{"target_modules": &targets, "exclude_modules": &excluded} {
		if raw, ok := all[key]; ok && json.Unmarshal(raw, into) != nil {
			return nil, nil
		}
	}
	return targets, excluded
}

// refusePEFT finds what we lack. Keys are looked at in order, so that the first complaint
// is always the same.
func refusePEFT(all map[string]json.RawMessage) error {
	if kind := string(all["peft_type"]); kind != `"LORA"` {
		return fmt.Errorf(`peft_type is %s, expected "LORA"`, orNothing(kind))
	}
	if bias, ok := all["bias"]; ok && string(bias) != `"none"` {
		return fmt.Errorf(`bias is %s: biases in an adapter are not supported, expected "none"`, bias)
	}
	if init, ok := all["init_lora_weights"]; ok && !slices.Contains(peftPlainInits, string(init)) {
		return fmt.Errorf("init_lora_weights is %s: such factors belong to a base that they were taken out of, not to the one they are loaded on; save the adapter with path_initial_model_for_weight_conversion", init)
	}
	var keys []string
	for key, raw := range all {
		if !slices.Contains(peftHarmless, key) && !idle(raw) {
			keys = append(keys, key)
		}
	}
	if len(keys) > 0 {
		slices.Sort(keys)
		return fmt.Errorf("%s is %s: not supported", keys[0], all[keys[0]])
	}
	return nil
}

// idle says whether a value switches its key off.
func idle(raw json.RawMessage) bool {
	return slices.Contains([]string{"null", "false", "{}", "[]", `""`, "0"}, string(bytes.TrimSpace(raw)))
}

func orNothing(s string) string {
	if s == "" {
		return "missing"
	}
	return s
}
