package train

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/metric"
	"github.com/loramesh/loramesh/sim/world"
)

// writeTokens is how many tokens an answer that is judged as text may have. It is part of
// the meaning of those metrics, and stands in their entries of the catalogue.
const writeTokens = 64

// written lets the model answer each prompt greedily, and judges what it wrote. Prompts
// end where the labels of the batch begin; those of an encoder-decoder have no labels. What an example gets does not depend on those
// beside it: prompts that leave less room than others are answered apart.
func written(run *nn.Runner, b *base.Base, rows []world.Row, batch nn.Batch) ([]metric.Written, error) {
	out := make([]metric.Written, len(rows))
	byRoom := map[int][]int{}
	prompts := make([][]int32, len(rows))
	pair := b.Model.Config().Decoder != (nn.Decoder{})
	for i, ids := range batch.IDs {
		if pair { // the answer has a place of its own, however long the prompt is
			prompts[i] = ids
			byRoom[writeTokens] = append(byRoom[writeTokens], i)
			continue
		}
		end := slices.IndexFunc(batch.Labels[i], func(l int32) bool { return l != nn.Ignore })
		if end < 0 {
			end = len(ids)
		}
		if end == 0 {
			return nil, fmt.Errorf("an example has no prompt to answer, and the tokenizer no token to begin with: text metrics need one")
		}
		prompts[i] = ids[:end]
		room := min(writeTokens, b.Context-end)
		byRoom[room] = append(byRoom[room], i)
	}
	for room, places := range byRoom { // in any order: each group's answers go to places of their own
		if room < 1 {
			for _, i := range places {
				out[i] = metric.Judge(rows[i].Example().Answer, "")
			}
			continue
		}
		d := nn.Decode{Tokens: room}
		if id, ok := b.Tokenizer.EOS(); ok {
			d.Stop = []int{int(id)}
		}
		var group [][]int32
		for _, i := range places {
			group = append(group, prompts[i])
			if batch.Shares != nil {
				d.Shares = append(d.Shares, batch.Shares[i])
			}
		}
		said, err := run.Generate(group, d, nil)
		if err != nil {
			return nil, err
		}
		for k, i := range places {
			out[i] = metric.Judge(rows[i].Example().Answer, b.Tokenizer.Decode(said[k].IDs, true))
		}
	}
	return out, nil
}
