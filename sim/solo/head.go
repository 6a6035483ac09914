package solo

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/data"
)

// Head is a new head that an encoder gets before it is trained.
type Head struct {
	// Problem is one of [base.Problems]. "": an encoder that has a head keeps it; one that has none
	// gets one for classes.
	Problem  string
	Examples []data.Example // whose answers are the classes, or say how many numbers there are
	Seed     uint64         // of the draw
}

// Check refuses what has no meaning.
func (h Head) Check() error {
	if h.Problem != "" && !slices.Contains(base.Problems, h.Problem) {
		return fmt.Errorf("problem_type is %q; expected one of %q", h.Problem, base.Problems)
	}
	return nil
}

// crown puts the head on a checkpoint, if it needs one. head lists the tensors that a training
// is to move.
func (h Head) crown(c *base.Checkpoint) (head []string, err error) {
	if h.Problem == "" && (c.Config.Answer.Outputs > 0 || !c.Config.Headless) {
		return c.Config.HeadTensors(), nil
	}
	if len(h.Examples) == 0 {
		return nil, fmt.Errorf("there are no examples to train on")
	}
	a, classes := nn.Answer{Several: h.Problem == "multi_label_classification"}, []string(nil)
	if h.Problem == "regression" {
		words := strings.FieldsFunc(h.Examples[0].Answer, func(r rune) bool { return r == ',' || r == ' ' })
		a = nn.Answer{Outputs: len(words), Regression: true}
	} else {
		classes = data.Classes(h.Examples, a.Several)
		a.Outputs = len(classes)
	}
	if !a.Regression && a.Outputs < 2 {
		return nil, fmt.Errorf("all answers are %q: a head tells at least two classes apart", classes)
	}
	return crown(c, a, classes, rng.New(h.Seed).At("head"))
}

// headStd is the deviation of a new head's weights: initializer_range of all families.
const headStd = 0.02

// crown gives a checkpoint a new head.
func crown(c *base.Checkpoint, a nn.Answer, classes []string, key rng.Key) (fresh []string, err error) {
	config, err := c.Config.Answering(a, classes)
	if err != nil {
		return nil, err
	}
	s := key.Stream()
	tensors, fresh, err := nn.Crown(config, c.Tensors, func(out, in int) []float32 {
		w := make([]float32, out*in)
		for i := range w {
			w[i] = float32(headStd * s.Norm())
		}
		return w
	})
	if err != nil {
		return nil, err
	}
	c.Config, c.Tensors = config, tensors
	return fresh, nil
}

// crownBy gives a checkpoint the head that an adapter brings, where it has another or none.
// The adapter's own tensors then take the places.
func crownBy(c *base.Checkpoint, f *peft.Folder) error {
	if !c.Config.Headless {
		return nil
	}
	like, err := c.Config.Answering(nn.Answer{Outputs: 1}, nil)
	if err != nil {
		return err
	}
	names := like.HeadTensors()
	i := slices.IndexFunc(f.Saved, func(s peft.Saved) bool { return s.Name == names[len(names)-2] }) // the last map's weight
	if i < 0 {
		return nil
	}
	shape := f.Saved[i].Tensor.Shape
	if len(shape) != 2 || shape[0] == c.Config.Answer.Outputs {
		return nil
	}
	a := nn.Answer{Outputs: shape[0]}
	switch problem, said := f.Meta[base.MetaProblem]; {
	case !said:
		a.Regression = a.Outputs == 1 // as Transformers takes it
	case !slices.Contains(base.Problems, problem):
		return fmt.Errorf("%s: its metadata say problem_type %q; expected one of %q", peft.TensorsFile, problem, base.Problems)
	default:
		a.Several, a.Regression = problem == base.Problems[1], problem == base.Problems[2]
	}
	classes, err := classesIn(f.Meta, a.Outputs)
	if err != nil {
		return err
	}
	_, err = crown(c, a, classes, rng.New(0))
	return err
}

// classesIn are the names of classes in an adapter's metadata; nil: there are none.
func classesIn(meta map[string]string, outputs int) ([]string, error) {
	text, ok := meta[base.MetaClasses]
	if !ok {
		return nil, nil
	}
	var names map[string]string
	if err := json.Unmarshal([]byte(text), &names); err != nil {
		return nil, fmt.Errorf("%s: its metadata's id2label: %w", peft.TensorsFile, err)
	}
	classes := make([]string, outputs)
	for i := range classes {
		name, ok := names[strconv.Itoa(i)]
		if !ok || len(names) != outputs {
			return nil, fmt.Errorf("%s: its metadata's id2label has %d names; the head has outputs 0 … %d", peft.TensorsFile, len(names), outputs-1)
		}
		classes[i] = name
	}
	return classes, nil
}
