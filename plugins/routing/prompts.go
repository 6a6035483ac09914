package routing

import (
	"fmt"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/mlp"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// Retrieval is experts found by the stored example whose embedding is nearest to that of the
// prompt, once for the whole sequence (the retriever of PHATGOOSE's comparison). Embeddings of
// examples leave their owners, and are kept.
func Retrieval() method.Method { return routing{kind: "retrieval"} }

// Pooled is experts found by a classifier of prompts, trained anew on the stored embeddings of
// all tasks whenever one arrives: it breaks the rule that a task touches its own data alone, and
// stands for what a router could learn if it did not have to keep it.
func Pooled() method.Method { return routing{kind: "pooled"} }

// byPrompt says whether experts are found by the prompt as a whole.
func (m routing) byPrompt() bool { return m.kind == "retrieval" || m.kind == "pooled" }

// promptParams are those of routers that embed prompts.
var promptParams = []method.Param{
	{Name: "stored", Kind: method.Int, Default: 64, Min: 0, Max: 1 << 20, Doc: "examples of each participant whose embeddings are kept; 0 keeps all"},
	{Name: "encoder", Kind: method.Text, Default: "", Doc: "base that embeds prompts, by the mean of its last hidden states; none: the one that is adapted, bare"},
}

// pooledParams are those of the classifier.
var pooledParams = []method.Param{
	{Name: "hidden", Kind: method.Int, Default: 64, Min: 1, Max: 1 << 14, Doc: "units of the classifier's one hidden layer"},
	{Name: "judge_steps", Kind: method.Int, Default: 300, Min: 1, Max: 1 << 20, Doc: "updates that train the classifier, each on all stored embeddings"},
	{Name: "judge_lr", Kind: method.Float, Default: 1e-2, Min: 0, Max: 10, Doc: "AdamW's learning rate for it; at 0 nothing is learned"},
}

// promptCard describes the two.
func (m routing) promptCard() method.Card {
	c := card("routing-retrieval", "An expert for each task, found by the nearest stored example", paper, promptParams...)
	if m.kind == "pooled" {
		c = card("routing-pooled", "An expert for each task, found by a classifier of all tasks' prompts: it looks back", paper, append(promptParams[:len(promptParams):len(promptParams)], pooledParams...)...)
	}
	c.Needs = []method.Need{method.NeedFeatures}
	return c
}

// encoder is the base that embeds prompts.
func encoder(s method.Scene) string {
	if name := s.Params.Text("encoder"); name != "" {
		return name
	}
	return s.Start.Base
}

// askPrompts has the task's prompts embedded.
func askPrompts(r method.PlanRequest, to []method.ID) method.Assignment {
	return method.Assignment{Name: "prompts", To: to, Upload: []string{"feature"}, Recipe: method.Probe{
		Model: method.Model{Base: encoder(r.Scene)}, What: []method.Statistic{method.Feature{After: method.Last, Pool: "mean"}},
		Data: method.Data{Limit: r.Params.Int("stored")}, By: []string{"example"}}}
}

// foldPrompts puts the embeddings of all participants one below the other.
func foldPrompts(r method.FoldRequest) (method.Blob, []method.Value, error) {
	var all lora.Embeddings
	for rep, err := range r.Reports.All() {
		if err != nil {
			return "", nil, err
		}
		if rep.Name != "prompts" {
			continue
		}
		t, err := r.Blobs.Open(rep.Blob("feature"))
		if err != nil {
			return "", nil, err
		}
		if len(t.List) == 0 || len(t.List[0].Shape) != 2 || all.Width > 0 && t.List[0].Shape[1] != all.Width {
			return "", nil, fmt.Errorf("routing: the report of %s has no embeddings as wide as the others", rep.From)
		}
		all.Width, all.Rows = t.List[0].Shape[1], append(all.Rows, t.List[0].Data...)
	}
	if len(all.Rows) == 0 {
		return "", nil, fmt.Errorf("routing: nobody reported embeddings: the expert could not be found")
	}
	b, err := r.Blobs.Put(all.Tensors())
	return b, []method.Value{{Name: "stored.examples", Value: float64(len(all.Rows) / all.Width), Weight: 1}, {Name: "stored.bytes", Value: float64(4 * len(all.Rows)), Weight: 1}}, err
}

// judge trains the classifier on the embeddings of all experts.
func judge(r method.FoldRequest, experts []expert) (method.Blob, error) {
	var rows []float32
	var classes []int
	width := 0
	for e, x := range experts {
		t, err := r.Blobs.Open(x.Keys)
		if err != nil {
			return "", err
		}
		own, err := lora.ParseEmbeddings(t)
		if err != nil {
			return "", err
		}
		if width > 0 && own.Width != width {
			return "", fmt.Errorf("routing: the embeddings of task %q have %d numbers, those before %d: they are of another encoder", x.Task, own.Width, width)
		}
		width, rows = own.Width, append(rows, own.Rows...)
		for range len(own.Rows) / own.Width {
			classes = append(classes, e)
		}
	}
	p := r.Params
	c, err := mlp.Train(rows, width, classes, len(experts), mlp.Plan{Hidden: p.Int("hidden"), Steps: p.Int("judge_steps"), LR: p.Float("judge_lr")}, rng.New(r.Seed).At("judge").Stream())
	if err != nil {
		return "", err
	}
	return r.Blobs.Put(c.Tensors())
}
