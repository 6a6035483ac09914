package solo

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"hash"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/kernel"
	"github.com/loramesh/loramesh/sim/data"
)

// term is one of the things from which the bits of a training follow.
type term struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// name gives all terms of a training: options by their names in Trainer and PEFT, and by
// hashes what was read.
func (r *Training) name() ([]term, error) {
	model, err := r.on.hash()
	if err != nil {
		return nil, err
	}
	t := r.t
	list := []term{{"numeric contract", kernel.ContractWith(r.on.Net.Rounds())}, {"base (with its adapters, rounding and head)", model},
		{"examples to train on", hashOf(r.seqs)}, {"examples to validate on", hashOf(r.valid)}}
	for _, x := range []struct {
		name  string
		value any
	}{
		{"r", t.Rank}, {"lora_alpha", t.Alpha}, {"lora_dropout", t.Dropout}, {"use_rslora", t.RSLoRA}, {"use_dora", t.DoRA},
		{"target_modules", strings.Join(t.Targets, ",")}, {"learning_rate", t.Rate}, {"num_train_epochs", t.Epochs}, {"max_steps", t.MaxSteps},
		{"per_device_train_batch_size", t.Batch}, {"gradient_accumulation_steps", t.Pile}, {"warmup_ratio", t.Warmup},
		{"lr_scheduler_type", t.Schedule}, {"max_grad_norm", t.Clip}, {"weight_decay", t.Decay}, {"seed", t.Seed},
		{"load_best_model_at_end", t.Best}, {"max_length", t.Tokens}, {"completion_only_loss", !t.Inputs},
	} {
		list = append(list, term{x.name, fmt.Sprint(x.value)})
	}
	return list, nil
}

// differ says in which terms a training is another than the one that was kept.
func differ(kept, now []term) error {
	var found []string
	for _, n := range now {
		i := slices.IndexFunc(kept, func(k term) bool { return k.Name == n.Name })
		switch {
		case i < 0:
			found = append(found, fmt.Sprintf("%s, of which nothing was kept, is %s", n.Name, said(n.Value)))
		case kept[i].Value != n.Value:
			found = append(found, fmt.Sprintf("%s was %s and is %s", n.Name, said(kept[i].Value), said(n.Value)))
		}
	}
	for _, k := range kept {
		if !slices.ContainsFunc(now, func(n term) bool { return n.Name == k.Name }) {
			found = append(found, fmt.Sprintf("%s was %s, and this simrun knows no such thing", k.Name, said(k.Value)))
		}
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("it would be another training: %s", strings.Join(found, "; "))
}

func said(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

// hash names all that the model's answers follow from: config, weights with what adapters
// and a new head put in their places, branches, tokenizer or look.
func (m *Model) hash() (string, error) {
	sum := sha256.New()
	words := m.look.String()
	if m.Tokenizer != nil {
		words = m.Tokenizer.Hash()
	}
	_, _ = fmt.Fprintf(sum, "%s\n%s\n", m.Net.Config().JSON(), words) // a hash takes all
	if err := m.Net.Digest(sum); err != nil {
		return "", err
	}
	for _, b := range m.branches {
		_, _ = fmt.Fprintf(sum, "%s %d %x", b.Module, b.Rank, b.Scale)
		for _, x := range [][]float32{b.A, b.B, b.Magnitude, b.Bias} {
			hashNumbers(sum, x)
		}
	}
	return short(sum), nil
}

// hashOf names sequences by their content and number.
func hashOf(seqs []data.Sequence) string {
	if len(seqs) == 0 {
		return ""
	}
	sum := sha256.New()
	for _, s := range seqs {
		hashNumbers(sum, s.IDs)
		hashNumbers(sum, s.Labels)
		hashNumbers(sum, s.Types)
		hashNumbers(sum, s.Image)
		hashNumbers(sum, []int32{s.Class})
		hashNumbers(sum, s.Targets)
	}
	return fmt.Sprintf("%d of %s", len(seqs), short(sum))
}

// hashNumbers hashes numbers behind how many they are.
func hashNumbers[T int32 | float32](sum hash.Hash, x []T) {
	err := binary.Write(sum, binary.LittleEndian, uint64(len(x)))
	if err == nil {
		err = binary.Write(sum, binary.LittleEndian, x)
	}
	if err != nil {
		panic("solo: a hash refused numbers: " + err.Error())
	}
}

// short is the head of a hash, long enough that no two things share one.
func short(sum hash.Hash) string { return "sha256:" + hex.EncodeToString(sum.Sum(nil))[:24] }
