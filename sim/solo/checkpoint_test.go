package solo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/data"
)

var errStruck = errors.New("struck")

// ended runs a training to its end, and gives what came of it as bytes and numbers.
func ended(t *testing.T, tr *Training, each func(Step) error) (adapter []byte, c *Course) {
	t.Helper()
	c, err := tr.Run("base", Watcher{each, unasked, nobody})
	if err != nil {
		t.Fatal(err)
	}
	config, tensors, err := c.Adapter.Encode("F32")
	if err != nil {
		t.Fatal(err)
	}
	return append(config, tensors...), c
}

// A training that is struck at any update, or while it validates, goes on to the bits, losses
// and choice of an undisturbed one: in every form, and also when it is struck twice.
func TestResume(t *testing.T) {
	for name, change := range map[string]func(*Tuning){
		"plain": func(*Tuning) {}, "dropout": func(x *Tuning) { x.Dropout = 0.5 }, "dora": func(x *Tuning) { x.DoRA, x.Decay = true, 0.1 },
		"best": func(x *Tuning) { x.Best, x.Rate, x.Schedule, x.Epochs = true, 0.02, "constant", 6 },
		"warm": func(x *Tuning) { x.Schedule, x.Warmup, x.MaxSteps, x.Pile = "cosine", 0.4, 5, 2 },
	} {
		begin := func() *Training {
			how := plain()
			how.Epochs = 3
			change(&how)
			tr, err := tiny(t, "llama").Tune(append(rows, rows...)[:5], []data.Example{{Prompt: "a", Answer: "zz"}, {Prompt: "b", Answer: "z"}}, how)
			if err != nil {
				t.Fatal(err)
			}
			return tr
		}
		var losses []float64
		want, whole := ended(t, begin(), func(s Step) error { losses = append(losses, s.Loss); return nil })
		if name == "best" && whole.Kept == len(whole.Epochs) {
			t.Fatal("the last epoch is the best: nothing is proven")
		}
		for strike := 1; strike <= len(losses); strike++ {
			for _, validating := range []bool{false, true} {
				tr := begin()
				for struck := range 2 { // at that update, and at the next
					_, err := tr.Run("base", Watcher{func(s Step) error {
						if !validating && s.Step == strike+struck {
							return errStruck
						}
						return nil
					}, func(int) error {
						if step, _ := tr.Step(); validating && step >= strike+struck {
							return errStruck
						}
						return nil
					}, nobody})
					if err == nil { // there is no such update
						tr = begin()
						break
					}
					if !errors.Is(err, errStruck) {
						t.Fatal(err)
					}
					content, err := tr.Checkpoint()
					if err != nil {
						t.Fatal(err)
					}
					if tr = begin(); tr.Resume(content) != nil {
						t.Fatal(tr.Resume(content))
					}
				}
				from, _ := tr.Step()
				got, c := ended(t, tr, func(s Step) error {
					if from++; s.Step != from || s.Loss != losses[s.Step-1] {
						return fmt.Errorf("update %d has loss %v, the undisturbed training %v", s.Step, s.Loss, losses[s.Step-1])
					}
					return nil
				})
				if !bytes.Equal(got, want) {
					t.Errorf("%s, struck at %d, validating %v: another adapter", name, strike, validating)
				}
				c.Adapter = whole.Adapter
				if !reflect.DeepEqual(c, whole) {
					t.Errorf("%s, struck at %d, validating %v: %+v, undisturbed %+v", name, strike, validating, c, whole)
				}
			}
		}
	}
}

// A head that is trained beside the adapter is kept with it, between epochs and after the last.
func TestResumeWithAHead(t *testing.T) {
	begin := func() *Training {
		examples := []data.Example{{Prompt: "a b", Answer: "good"}, {Prompt: "c d e", Answer: "bad"}, {Prompt: "f", Answer: "odd"}}
		how := plain()
		how.Tokens = 16
		tr, err := opened(t, onDisk(t, "bert"), Opening{Head: &Head{Examples: examples, Seed: 3}}).Tune(examples, nil, how)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	want, whole := ended(t, begin(), none)
	for _, last := range whole.Epochs {
		tr := begin()
		var content []byte
		_, err := tr.Run("base", Watcher{none, unasked, func(e Epoch, _ *peft.Folder) (err error) {
			if e.Epoch < last.Epoch {
				return nil
			}
			if content, err = tr.Checkpoint(); err != nil {
				return err
			}
			return errStruck
		}})
		if !errors.Is(err, errStruck) {
			t.Fatal(err)
		}
		if tr = begin(); tr.Resume(content) != nil {
			t.Fatal(tr.Resume(content))
		}
		if got, _ := ended(t, tr, none); !bytes.Equal(got, want) {
			t.Errorf("struck after epoch %d: another adapter or head", last.Epoch)
		}
	}
}

// What would be another training is refused with what differs, and so is what is damaged.
func TestResumeRefuses(t *testing.T) {
	tr, err := tiny(t, "llama").Tune(rows, nil, plain())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tr.Run("base", Watcher{func(Step) error { return errStruck }, unasked, nobody}); !errors.Is(err, errStruck) {
		t.Fatal(err)
	}
	content, err := tr.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	for want, begin := range map[string]func() (*Training, error){
		"learning_rate was 0.01 and is 0.02": func() (*Training, error) {
			how := plain()
			how.Rate = 0.02
			return tiny(t, "llama").Tune(rows, nil, how)
		},
		"examples to train on was 3 of sha256:": func() (*Training, error) { return tiny(t, "llama").Tune(rows[:2], nil, plain()) },
		"examples to validate on was none and is 1 of sha256:": func() (*Training, error) {
			return tiny(t, "llama").Tune(rows, rows[:1], plain())
		},
		"base (with its adapters, rounding and head) was sha256:": func() (*Training, error) { return tiny(t, "gpt2").Tune(rows, nil, plain()) },
	} {
		other, err := begin()
		if err != nil {
			t.Fatal(err)
		}
		if err := other.Resume(content); err == nil || !strings.Contains(err.Error(), "it would be another training: ") || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, expected %q", err, want)
		}
	}
	if err := differ([]term{{"seed", "1"}}, []term{{"numeric contract", "float32/fma/2"}, {"seed", "1"}}); err == nil || !strings.Contains(err.Error(), "numeric contract, of which nothing was kept, is float32/fma/2") {
		t.Error(err)
	}
	if err := differ([]term{{"seed", "1"}, {"use_olora", "true"}}, []term{{"seed", "1"}}); err == nil || !strings.Contains(err.Error(), "use_olora was true, and this simrun knows no such thing") {
		t.Error(err)
	}
	for i := range content {
		if i%97 != 0 && i < len(content)-1 {
			continue
		}
		bad := bytes.Clone(content)
		bad[i] ^= 4
		again, err := tiny(t, "llama").Tune(rows, nil, plain())
		if err != nil {
			t.Fatal(err)
		}
		if again.Resume(bad) == nil {
			t.Errorf("byte %d changed: taken", i)
		}
		if i > 0 && again.Resume(content[:i]) == nil {
			t.Errorf("cut at %d: taken", i)
		}
	}
}

// resealed is a checkpoint in which something else stands, and whose hash is of that.
func resealed(t *testing.T, content []byte, change func(*kept, *[]safetensors.Tensor)) []byte {
	t.Helper()
	f, err := safetensors.Parse(content)
	if err != nil {
		t.Fatal(err)
	}
	var k kept
	if err := json.Unmarshal([]byte(f.Meta[metaTraining]), &k); err != nil {
		t.Fatal(err)
	}
	change(&k, &f.Tensors)
	text, err := json.Marshal(k)
	if err != nil {
		t.Fatal(err)
	}
	b, err := safetensors.Encode(map[string]string{metaTraining: string(text), metaSum: sealed(string(text), f.Tensors)}, f.Tensors)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A checkpoint that is whole, and of this training, but of no place in it, is refused: of its
// course there would be no adapter, or another.
func TestResumeFromNowhere(t *testing.T) {
	begin := func() *Training {
		how := plain()
		how.Epochs, how.Best = 3, true
		tr, err := tiny(t, "llama").Tune(rows, rows[:1], how)
		if err != nil {
			t.Fatal(err)
		}
		return tr
	}
	tr := begin()
	half := tr.steps/2 + 1
	if _, err := tr.Run("base", Watcher{func(s Step) error {
		if s.Step == half {
			return errStruck
		}
		return nil
	}, unasked, nobody}); !errors.Is(err, errStruck) {
		t.Fatal(err)
	}
	content, err := tr.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if tr.at.seen == 0 || len(tr.at.Epochs) == 0 {
		t.Fatal("it was struck between epochs, or in the first: little is proven")
	}
	if err := begin().Resume(resealed(t, content, func(*kept, *[]safetensors.Tensor) {})); err != nil {
		t.Fatalf("as it was: %v", err)
	}
	for what, change := range map[string]func(*kept, *[]safetensors.Tensor){
		"at the end, nothing seen": func(k *kept, _ *[]safetensors.Tensor) {
			*k = kept{Terms: k.Terms, Step: tr.steps, Updates: tr.steps, Epoch: 1, Dropout: k.Dropout}
		},
		"an epoch is gone":          func(k *kept, _ *[]safetensors.Tensor) { k.Epochs = k.Epochs[1:] },
		"an epoch of another name":  func(k *kept, _ *[]safetensors.Tensor) { k.Epochs[0].Epoch++ },
		"an epoch not validated":    func(k *kept, _ *[]safetensors.Tensor) { k.Epochs[0].Valid = nil },
		"an epoch too many":         func(k *kept, _ *[]safetensors.Tensor) { k.Epoch++ },
		"no epoch is kept":          func(k *kept, _ *[]safetensors.Tensor) { k.Kept = 0 },
		"a step more":               func(k *kept, _ *[]safetensors.Tensor) { k.Step++; k.Updates++ },
		"AdamW is behind":           func(k *kept, _ *[]safetensors.Tensor) { k.Updates-- },
		"a step before the first":   func(k *kept, _ *[]safetensors.Tensor) { k.Step, k.Updates = -1, -1 },
		"between two updates":       func(k *kept, _ *[]safetensors.Tensor) { k.Seen = -1 },
		"behind all examples":       func(k *kept, _ *[]safetensors.Tensor) { k.Seen = len(rows) + 1 },
		"the best is not there":     func(_ *kept, ts *[]safetensors.Tensor) { *ts = (*ts)[:3] },
		"no moments":                func(_ *kept, ts *[]safetensors.Tensor) { (*ts)[1] = emptied((*ts)[1]) },
		"the best has no numbers":   func(_ *kept, ts *[]safetensors.Tensor) { (*ts)[3] = emptied((*ts)[3]) },
		"parameters have no number": func(_ *kept, ts *[]safetensors.Tensor) { (*ts)[0] = emptied((*ts)[0]) },
	} {
		if err := begin().Resume(resealed(t, content, change)); err == nil {
			t.Errorf("%s: taken", what)
		}
	}
}

// emptied is a tensor of no numbers.
func emptied(x safetensors.Tensor) safetensors.Tensor {
	x.Shape, x.Bytes = []int{0}, nil
	return x
}
