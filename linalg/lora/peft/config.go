package peft

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
)

// Config is adapter_config.json.
type Config struct {
	Base        string // base_model_name_or_path
	Task        string // "CAUSAL_LM", "SEQ_CLS", …; "" for none
	Rank        int
	Alpha       float64
	RSLoRA      bool // the scale is alpha/√rank
	Ranks       []Pattern
	Alphas      []Pattern
	DoRA        bool
	Bias        string // "none", "lora_only" or "all": which biases of the base ride along
	BiasOfB     bool   // lora_bias
	FanInFanOut bool   // PEFT goes by the module's type whatever this says
	Targets     Names
	Excluded    Names
	Layers      []int    // layers_to_transform; nil for all
	LayersIn    []string // layers_pattern
	Save        []string // modules_to_save
	// Init is init_lora_weights, as JSON: "true", "\"pissa\"". See [Config.Moved].
	Init string
	// Rest has the keys that do not bear on what a trained adapter computes. They are
	// written back as they came.
	Rest map[string]json.RawMessage
}

// defaults are what PEFT takes for keys that are not there.
func defaults() Config {
	return Config{Rank: 8, Alpha: 8, Bias: "none", Init: "true", Rest: map[string]json.RawMessage{}}
}

// restKeys do not change what an adapter computes once it is trained.
var restKeys = []string{
	"auto_mapping", "corda_config", "ensure_weight_tying", "eva_config", "inference_mode", "loftq_config", "lora_dropout",
	"lora_ga_config", "megatron_core", "peft_version", "qalora_group_size", "revision", "runtime_config",
}

// plainInits leave the base as it was.
var plainInits = []string{`true`, `false`, `null`, `"gaussian"`, `"eva"`, `"orthogonal"`, `"mica"`}

// Moved says that the factors belong to a base that they were taken out of, as PiSSA's do,
// and not to the one that the folder names.
func (c Config) Moved() bool { return !slices.Contains(plainInits, c.Init) }

func (c Config) errMoved() error {
	return fmt.Errorf("%s: init_lora_weights is %s: such factors belong to a base that they were taken out of, not to the one they are loaded on; convert the adapter with the folder that was saved at its start, or save it by PEFT with path_initial_model_for_weight_conversion", ConfigFile, c.Init)
}

// ParseConfig reads adapter_config.json. A key that we do not know and that is not switched
// off is an error: it may change what the adapter computes.
func ParseConfig(text []byte) (Config, error) {
	c := defaults()
	var all map[string]json.RawMessage
	if err := json.Unmarshal(text, &all); err != nil {
		return c, fmt.Errorf("%s: expected a JSON object: %w", ConfigFile, err)
	}
	if kind := string(all["peft_type"]); kind != `"LORA"` {
		return c, fmt.Errorf(`%s: peft_type is %s, expected "LORA"`, ConfigFile, orNothing(kind))
	}
	delete(all, "peft_type")
	// In order, so that the first complaint is always the same.
	for _, key := range sorted(all) {
		raw := all[key]
		if err := c.take(key, raw); err != nil {
			return c, fmt.Errorf("%s: %w", ConfigFile, err)
		}
	}
	return c, c.check()
}

// take reads one key.
func (c *Config) take(key string, raw json.RawMessage) (err error) {
	into := map[string]any{
		"base_model_name_or_path": &c.Base, "task_type": &c.Task, "r": &c.Rank, "lora_alpha": &c.Alpha, "use_rslora": &c.RSLoRA,
		"use_dora": &c.DoRA, "bias": &c.Bias, "lora_bias": &c.BiasOfB, "fan_in_fan_out": &c.FanInFanOut, "modules_to_save": &c.Save,
	}
	switch {
	case key == "init_lora_weights":
		c.Init = string(raw)
	case key == "rank_pattern":
		c.Ranks, err = patternsOf(key, raw)
	case key == "alpha_pattern":
		c.Alphas, err = patternsOf(key, raw)
	case key == "target_modules":
		c.Targets, err = namesOf(key, raw)
	case key == "exclude_modules":
		c.Excluded, err = namesOf(key, raw)
	case key == "layers_to_transform":
		c.Layers, err = oneOrMore[int](key, raw)
	case key == "layers_pattern":
		c.LayersIn, err = oneOrMore[string](key, raw)
	case into[key] != nil:
		if err := json.Unmarshal(raw, into[key]); err != nil { // null leaves the default
			return fmt.Errorf("%s is %s: %w", key, short(raw), err)
		}
	case slices.Contains(restKeys, key) || idle(raw):
		c.Rest[key] = raw
	default:
		return fmt.Errorf("%s is %s: it may change what the adapter computes, and is not supported; expected it absent, null or false", key, short(raw))
	}
	return err
}

func (c Config) check() error {
	switch {
	case c.Rank < 1:
		return fmt.Errorf("%s: r is %d, expected at least 1", ConfigFile, c.Rank)
	case c.Alpha == 0:
		return fmt.Errorf("%s: lora_alpha is 0: the adapter would change nothing", ConfigFile)
	case !slices.Contains([]string{"none", "lora_only", "all"}, c.Bias):
		return fmt.Errorf(`%s: bias is %q, expected "none", "lora_only" or "all"`, ConfigFile, c.Bias)
	}
	return nil
}

// Resolve is the rank, the alpha and the scale of one module. A match in one pattern says
// nothing about the other.
func (c Config) Resolve(path string) (rank int, alpha, scale float64) {
	rank, alpha = c.Rank, c.Alpha
	if v, ok := first(c.Ranks, path); ok {
		rank = int(v)
	}
	if v, ok := first(c.Alphas, path); ok {
		alpha = v
	}
	if c.RSLoRA {
		return rank, alpha, alpha / math.Sqrt(float64(rank))
	}
	return rank, alpha, alpha / float64(rank)
}

// saves says whether a parameter of the base belongs to a module that is saved whole.
func (c Config) saves(name string) bool {
	for path := name; ; {
		dot := strings.LastIndexByte(path, '.')
		if dot < 0 {
			return false
		}
		path = path[:dot]
		if slices.ContainsFunc(c.Save, func(s string) bool { return s != "" && strings.HasSuffix(path, s) }) {
			return true
		}
	}
}
