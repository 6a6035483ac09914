package simtest

import (
	"fmt"
	"slices"
	"strings"
)

// Stream is a scenario of three tasks of two classes each, learned one after the other by a
// participant for each; its data are [StreamFiles].
const Stream = `
version: 1
name: stream
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, vocab: 270, context: 48, pretrain: {data: words, tokens: 2000, batch: 8, lr: 1e-2}}
data:
  words: {file: words.csv, format: csv, test: test.csv, columns: {prompt: said}, label: meant, tasks: place, groups: [tone], valid: 0.1}
population:
  expert: {per: task, rank: 2}
stages: [{per: task, show: current}]
method:
  - {use: fedit, with: {epochs: 2, batch: 4, lr: 2e-2}, roles: {client: expert}, rounds: 1}
evaluate:
  - {at: stage-end, each: task, metrics: [class-accuracy, class-accuracy.task, macro-f1, auroc, loss]}
`

// Learned is [Stream] learned by another method of tasks in turn, with params as a scenario
// writes them, with a pool for each role and all grants that such methods ask for. Those who look
// back are one learner of all tasks.
func Learned(name, params string) string {
	plays := "expert"
	if slices.Contains([]string{"joint", "replay", "derpp"}, name) {
		plays = "learner"
	}
	return strings.NewReplacer(
		"  expert: {per: task, rank: 2}\n", "  expert: {per: task, rank: 2}\n  learner: {count: 1, rank: 2}\n  generic: {count: 1}\n",
		"{use: fedit, with: {epochs: 2, batch: 4, lr: 2e-2}, roles: {client: expert}, rounds: 1}",
		"{use: "+name+", with: {"+params+"}, roles: {expert: "+plays+"}}\ngrant: {task-at-test: all, data-of-past-stages: all, features-may-leave: all}",
	).Replace(Stream)
}

// StreamFiles are tables of what was said, what was meant, where, and in which tone.
func StreamFiles() Files {
	table := func(n int) string {
		var b strings.Builder
		b.WriteString("said,meant,place,tone\n")
		for i := range n {
			k := i % 6
			place := []string{"sea", "wood", "town"}[k/2]
			meant := []string{"swim", "sail", "climb", "hide", "buy", "ask"}[k]
			fmt.Fprintf(&b, "%s %s %d,%s,%s,%d\n", place, meant[:2], i%7, meant, place, i%3%2)
		}
		return b.String()
	}
	return Files{"words.csv": table(60), "test.csv": table(36)}
}
