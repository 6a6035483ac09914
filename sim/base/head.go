package base

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/safetensors"
)

// Problems are what a head can be for, in Transformers' words (problem_type).
var Problems = []string{"single_label_classification", "multi_label_classification", "regression"}

// Keys of an adapter's metadata that say what its head answers, as config.json has them.
const (
	MetaProblem = "problem_type"
	MetaClasses = "id2label"
)

// HeadMeta is what an adapter that brings a head says of it.
func HeadMeta(c nn.Config) map[string]string {
	problem := Problems[0]
	switch {
	case c.Answer.Regression:
		problem = Problems[2]
	case c.Answer.Several:
		problem = Problems[1]
	}
	meta := map[string]string{MetaProblem: problem}
	if c.Classes == nil {
		return meta
	}
	names := map[string]string{}
	for i, name := range c.Classes {
		names[strconv.Itoa(i)] = name
	}
	b, err := json.Marshal(names)
	if err != nil {
		panic("base: a map of texts has no JSON: " + err.Error())
	}
	meta[MetaClasses] = string(b)
	return meta
}

// HeadModules are the modules of tensors as modules_to_save names them: the last word of the
// path, but all of what answers ("classifier").
func HeadModules(tensors []string, c nn.Config) (modules []string) {
	head := c.HeadTensors()
	for _, name := range tensors {
		path := strings.Split(name, ".")
		module := path[max(0, len(path)-2)]
		if slices.Contains(head, name) {
			module = path[0]
		} else if module == "dense" {
			module = path[len(path)-3]
		}
		if !slices.Contains(modules, module) {
			modules = append(modules, module)
		}
	}
	slices.Sort(modules)
	return modules
}

// TaskOf is PEFT's task_type of a model; it has none for pictures.
func TaskOf(c nn.Config) string {
	switch {
	case c.Image != (nn.Image{}):
		return ""
	case c.Answer.Outputs > 0:
		return "SEQ_CLS"
	case c.Decoder != (nn.Decoder{}):
		return "SEQ_2_SEQ_LM"
	}
	return "CAUSAL_LM"
}

// ForPEFT gives a folder made for this base what PEFT must know of it beside the adapter: the
// task, and the codebook, which the base's own folder lacks.
func (b *Base) ForPEFT(f *peft.Folder) error {
	c := b.Model.Config()
	f.Config.Task = TaskOf(c)
	if len(b.drawn) == 0 {
		return nil
	}
	for _, s := range b.Model.Sources() {
		if !slices.Contains(b.drawn, s.Name) {
			continue
		}
		t, err := safetensors.FromFloats(s.Name, "F32", s.Shape, s.Data())
		if err != nil {
			return err
		}
		f.Saved = append(f.Saved, peft.Saved{Name: s.Name, Tensor: t})
	}
	f.Config.Save, f.Meta = HeadModules(b.drawn, c), HeadMeta(c)
	return nil
}
