package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/routing"
)

// inTurn is a stream of two tasks with a pool for every role that a method of tasks in turn has;
// ENTRIES are the methods.
const inTurn = `version: 1
name: in-turn
bases:
  main:
    recipe: {family: llama, d: 16, layers: 1, heads: 2, context: 16, pretrain: {data: tasks, tokens: 2000, batch: 8, lr: 1e-2}}
data:
  tasks: {generate: tasks, with: {tasks: 2, train: 12, test: 4, generic: 200}, tasks: {by: task}, valid: 0.1}
  plain: {generate: tasks, with: {tasks: 2, train: 4, test: 4, generic: 200}}
population:
  expert: {per: task, data: tasks, rank: 2}
  learner: {count: 1, data: tasks, rank: 2}
  client: {count: 2, data: tasks, split: iid, rank: 2}
  generic: {count: 1, data: plain}
stages: [{per: task, of: tasks, show: current}]
grant: {task-at-test: all, data-of-past-stages: all, features-may-leave: all}
method:
  - {use: sequential, with: {epochs: 2, batch: 4, lr: 2e-2}}
vary:
  method.0:
ENTRIES
evaluate:
  - {at: stage-end, of: expert, each: task, metrics: [class-accuracy, loss]}
`

// everyWay has an entry of the scenario for each method of the package, one more for each other
// choice that a parameter of its own has, and one for each way in which a cohort becomes one
// adapter. What the package gains is here without being named.
func everyWay() (entries []string) {
	shared := map[string]bool{}
	for _, p := range routing.Sequential().Describe().Params {
		shared[p.Name] = true
	}
	for _, m := range routing.Set() {
		c := m.Describe()
		roles := ""
		if slices.Contains(c.Needs, method.NeedPast) {
			roles = ", roles: {expert: learner}"
		}
		brief := ""
		for name, value := range map[string]string{"gate_steps": "3", "judge_steps": "3"} {
			if slices.ContainsFunc(c.Params, func(p method.Param) bool { return p.Name == name }) {
				brief += name + ": " + value + ", "
			}
		}
		entry := func(params, roles string) {
			entries = append(entries, fmt.Sprintf("    - {use: %s, with: {%s}%s}", c.Name, strings.TrimSuffix(brief+params, ", "), roles))
		}
		entry("", roles)
		for _, p := range c.Params {
			for _, choice := range p.OneOf {
				if p.Default == choice || shared[p.Name] && p.Name != "aggregate" {
					continue
				}
				if p.Name == "aggregate" { // of a cohort
					entry("rounds_each: 2, aggregate: "+choice, ", roles: {expert: client}")
					continue
				}
				entry(p.Name+": "+choice, roles)
			}
		}
	}
	return entries
}

// One hash by every road for every method that learns tasks in turn, and every way it can be told
// to: in one goroutine; with methods in processes of their own; with two workers whose messages
// come twice. Without -short messages are lost and late as well, and workers, plugins and the run
// itself are killed and the disk fills up, for each of the ways but those of a cohort. Whoever
// lost a message waits until he sends it again, so the roads are gone side by side.
func TestOneHashForEveryMethodOfTasks(t *testing.T) {
	t.Parallel()
	dir, cache := t.TempDir(), t.TempDir()
	ways := everyWay()
	if len(ways) < len(routing.Set()) {
		t.Fatalf("%d ways of %d methods", len(ways), len(routing.Set()))
	}
	put := func(name string, entries []string) string {
		text := strings.Replace(inTurn, "ENTRIES", strings.Join(entries, "\n"), 1)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	storm := "double=15,seed=1"
	if !testing.Short() {
		storm = "lose=1,double=15,delay=20,late=5ms,seed=1"
	}
	for part := range slices.Chunk(ways, 10) {
		name := put(fmt.Sprintf("from%d.yaml", slices.Index(ways, part[0])), part)
		want := hashOfRun(t, dir, cache, name, "--engine", "inline", "--plugins", "in-process") // makes the base
		for road, args := range map[string][]string{
			"processes": {"--slots", "2", "--plugins", "process"},
			"workers":   {"--workers", "2", "--storm", storm},
		} {
			t.Run(name+" by "+road, func(t *testing.T) {
				t.Parallel()
				if got := hashOfRun(t, dir, cache, name, args...); got != want {
					t.Errorf("%v: hash %s, not %s", args, got, want)
				}
			})
		}
	}
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("chaos takes a while, and finds processes in /proc")
	}
	for i, way := range ways {
		if strings.Contains(way, "aggregate: ") {
			continue // what becomes of factors differs there, not who is asked for what
		}
		name := put(fmt.Sprintf("way%d.yaml", i), []string{way})
		t.Run(strings.TrimSpace(way), func(t *testing.T) {
			t.Parallel()
			c, out := simrunIn(t, dir, cache, "chaos", name, "--schedules", "1", "--seed", fmt.Sprint(1+i))
			if err := c.Run(); err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
