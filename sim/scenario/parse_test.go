package scenario

import (
	"os"
	"reflect"
	"strings"
	"testing"
)

// good is the scenario that the bad ones of this package are made of. Lines are numbered
// by tests, so new ones go at the end.
const good = `version: 1
name: good
question: Does it read?
bases: {main: {recipe: {family: llama, d: 32, layers: 2, heads: 4, context: 32, pretrain: {data: p, tokens: 1_000}}}}
data: {p: {generate: phrases, by: topic, with: {topics: 8, noise: 1e-1}}}
devices:
  phone: {flops: 20 GFLOPS, memory: 512 MB, up: 10 Mbps, down: 50 Mbps, latency: 30 ms, share: 3}
  laptop: {flops: 200 GFLOPS, memory: 8 GB, up: 2 MB/s, down: 100 Mbps}
population:
  client: {count: 8, split: {dirichlet: 0.5}, rank: {16: 1, 8: 2, 4: 3, 2: 2}, device: [phone, laptop]}
method: [{use: flora, with: {epochs: 1, lr: 3e-3}, rounds: 3}]
vary: {method.0: [{use: flora}, {use: fedit}], seed: 1..3}
evaluate: [{at: start, metrics: [loss]}, {at: end, metrics: [loss, accuracy], by: [topic]}]
`

func parse(t *testing.T, src string, sets ...string) *Document {
	t.Helper()
	d, problems := Parse("good.yaml", []byte(src), sets...)
	for _, p := range problems {
		t.Error(p)
	}
	if d == nil {
		t.FailNow()
	}
	return d
}

func scenarioOf(t *testing.T, src string, sets ...string) *Scenario {
	t.Helper()
	s, problems := parse(t, src, sets...).Scenario()
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return s
}

func TestValuesAndDefaults(t *testing.T) {
	s := scenarioOf(t, good)
	r, phone, laptop, c := s.Bases[0].Recipe, s.Devices[1], s.Devices[0], s.Population[0]
	for _, v := range []struct {
		what      string
		got, want any
	}{
		{"hidden, 8·32/3 up to a multiple of 8", r.Hidden, 88},
		{"kv_heads", r.KVHeads, 4},
		{"tied", r.Tied, true},
		{"tokens, grouped by underscores", r.Pretrain.Tokens, 1000},
		{"pretrain lr", r.Pretrain.Rate, 3e-3},
		{"flops", phone.FlopsPerSec, 20e9},
		{"memory", phone.MemoryBytes, 512e6},
		{"up in bits", phone.UpPerSec, 1.25e6},
		{"up in bytes", laptop.UpPerSec, 2e6},
		{"latency", phone.LatencySec, 0.03},
		{"latency left out", laptop.LatencySec, 0.0},
		{"share left out", laptop.Share, 1.0},
		{"the only data set", c.Data, "p"},
		{"split", c.Split, Split{Kind: "dirichlet", Alpha: 0.5}},
		{"offer", c.Offer, Offer{Kind: "all"}},
		{"largest rank first", c.Ranks[0], Share{Rank: 16, Share: 1}},
		{"shares of devices", c.Device[1], Share{Name: "phone", Share: 3}},
		{"a number like 1e-1", s.Data[0].With["noise"], 0.1},
		{"a whole parameter", s.Data[0].With["topics"], 8},
		{"stage", s.Stages[0], Stage{Name: "train", Show: "all", Base: "main"}},
		{"regime", s.Method[0].Regime, Regime{Kind: "sync"}},
		{"seed", s.Seed, uint64(1)},
	} {
		if !reflect.DeepEqual(v.got, v.want) {
			t.Errorf("%s: got %v, want %v", v.what, v.got, v.want)
		}
	}
}

func TestResolvedParsesToItself(t *testing.T) {
	for name, src := range map[string]string{
		"good": good,
		"odd texts": strings.Replace(good, "question: Does it read?",
			`question: "yes, # \"no\": [a], {b}\n\ttabs, \u00e9 and 汉字, *stars* & !tags "`, 1),
		"text that looks like a number": strings.Replace(good, "noise: 1e-1", `noise: "017", b: "true", c: [1, 1.0, "1"], d: null-ish, e: 1.0`, 1),
		"files": strings.Replace(good, "data: {p: {generate: phrases, by: topic, with: {topics: 8, noise: 1e-1}}}",
			`data: {p: {file: "a b/*.csv", format: csv, by: topic, columns: {answer: y, prompt: "the q"}, template: "{q}\n{{}}"}}`, 1),
		"two bases": strings.Replace(good, "bases: {", "bases: {b: {hf: ./x}, ", 1),
		"pictures": strings.Replace(strings.Replace(good, "data: {p: {generate: phrases, by: topic, with: {topics: 8, noise: 1e-1}}}", "data: {p: {file: p-images-idx3-ubyte, format: idx, by: topic}}", 1),
			"family: llama, d: 32, layers: 2, heads: 4, context: 32,", "family: vit, image: 8, patch: 4, d: 32, layers: 2, heads: 4,", 1),
		"natural": strings.Replace(good, "count: 8, split: {dirichlet: 0.5}", "split: {natural: topic}, offer: {draw: 3}", 1),
		"shards":  strings.Replace(good, "split: {dirichlet: 0.5}", "split: {shards: 2, by: topic}, offer: {sweep: 3}", 1),
		"all else": strings.Replace(good, "rounds: 3}]", `rounds: 3, roles: {client: client}, in: [a], regime: sync}]
stages: [{name: a}, {name: b, show: all, base: main}]
budget: {rounds: 3, time: 2h, bytes: 1.5 GB}
seed: 18`, 1),
	} {
		s := scenarioOf(t, src)
		text := s.Resolved()
		again := scenarioOf(t, string(text))
		if string(again.Resolved()) != string(text) {
			t.Errorf("%s: resolved text changes:\n%s\n%s", name, text, again.Resolved())
		}
	}
}

func TestResolvedAsPrinted(t *testing.T) {
	want, err := os.ReadFile("testdata/good.resolved.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if got := scenarioOf(t, good).Resolved(); string(got) != string(want) {
		t.Errorf("resolved text differs from testdata/good.resolved.yaml:\n%s", got)
	}
}

// The document as text, with --set in it, makes the same trials.
func TestDocumentTextParsesToItself(t *testing.T) {
	d := parse(t, good, "vary.seed=4..5", "method.0.with.epochs=2")
	again := parse(t, string(d.Text()))
	if string(again.Text()) != string(d.Text()) || len(again.Axes()) != 2 || again.Axes()[1].Items[0][0].Value != "4" {
		t.Errorf("text changes:\n%s\n%s", d.Text(), again.Text())
	}
}

func TestPositions(t *testing.T) {
	d := parse(t, good, "method.0.with.epochs=2")
	for path, want := range map[string]string{
		"method.0.with.lr":          "good.yaml:11:41",
		"method.0.with.epochs":      "--set method.0.with.epochs=2",
		"population.client.rank.16": "good.yaml:10:54",
		"population.client.data":    "good.yaml:10:3", // a default stands where its entry does
		"method.0.with.dropout":     "good.yaml:11:23",
		"nowhere":                   "good.yaml:1:1",
	} {
		if got := d.At(path).String(); got != want {
			t.Errorf("%s: at %s, want %s", path, got, want)
		}
	}
}
