package scenario

import (
	"fmt"
	"strings"
	"testing"
)

// itemsOf prints the labels and values of an axis.
func itemsOf(a Axis) string {
	var out []string
	for _, item := range a.Items {
		var parts []string
		for _, s := range item {
			parts = append(parts, fmt.Sprintf("%s=%s (%s)", s.Path, s.Value, s.Label))
		}
		out = append(out, strings.Join(parts, " & "))
	}
	return strings.Join(out, "; ")
}

func vary(t *testing.T, text string, sets ...string) *Document {
	t.Helper()
	return parse(t, strings.Replace(good, "vary: {method.0: [{use: flora}, {use: fedit}], seed: 1..3}", "vary: "+text, 1), sets...)
}

func TestAxes(t *testing.T) {
	for _, c := range []struct{ vary, want string }{
		{"{seed: 3..5}", "seed=3 (seed=3); seed=4 (seed=4); seed=5 (seed=5)"},
		{"{method.0: [{use: flora}, {use: fedit, with: {rank: 8}}]}",
			"method.0={use: flora} (flora); method.0={use: fedit, with: {rank: 8}} (fedit rank=8)"},
		{"{method.0: [{use: fedit, label: our rival}]}", "method.0={use: fedit} (our rival)"},
		{"{population.client.rank: [{}, 4, {16: 1, 2: 3}, {label: wide, value: 32}]}",
			"population.client.rank={} (); population.client.rank=4 (rank=4); population.client.rank={16: 1, 2: 3} (rank={16: 1, 2: 3}); population.client.rank=32 (wide)"},
		{"{population.client.split: [iid, {dirichlet: 0.1}]}",
			"population.client.split=iid (split=iid); population.client.split={dirichlet: 0.1} (dirichlet=0.1)"},
		{"{zip: {method.0: [{use: flora}, {use: fedit}], population.client.rank: [{}, 6]}}",
			"method.0={use: flora} (flora) & population.client.rank={} (); method.0={use: fedit} (fedit) & population.client.rank=6 (rank=6)"},
	} {
		if got := itemsOf(vary(t, c.vary).Axes()[0]); got != c.want {
			t.Errorf("%s:\ngot  %s\nwant %s", c.vary, got, c.want)
		}
	}
}

func TestSeveralZips(t *testing.T) {
	d := vary(t, "{zip: [{seed: 1..2, method.0.rounds: [3, 4]}, {population.client.count: [4, 8]}], method.0.with.epochs: [1, 2, 3]}")
	var n []int
	for _, a := range d.Axes() {
		n = append(n, len(a.Items))
	}
	if fmt.Sprint(n) != "[2 2 3]" {
		t.Errorf("axes of lengths %v", n)
	}
}

// What an item leaves alone stays; what it has is laid over; null takes a word away.
func TestItemsAreLaidOver(t *testing.T) {
	for _, c := range []struct {
		vary string
		got  func(*Scenario) any
		want any
	}{
		{"{method.0: [{use: fedit}]}", func(s *Scenario) any { return s.Method[0].With["lr"] }, 3e-3},
		{"{method.0: [{use: fedit, with: {rank: 8}}]}", func(s *Scenario) any { return fmt.Sprint(s.Method[0].With) }, "map[epochs:1 lr:0.003 rank:8]"},
		{"{method.0: [{use: fedit, with: {lr: null}}]}", func(s *Scenario) any { return fmt.Sprint(s.Method[0].With) }, "map[epochs:1]"},
		{"{method.0: [{rounds: ~}]}", func(s *Scenario) any { return s.Method[0].Rounds }, 0},
		{"{population.client.rank: [{8: 1, 4: 1}]}", func(s *Scenario) any { return len(s.Population[0].Ranks) }, 2},
		{"{population.client.rank: [{}]}", func(s *Scenario) any { return len(s.Population[0].Ranks) }, 4},
		{"{population.client.split: [iid]}", func(s *Scenario) any { return s.Population[0].Split }, Split{Kind: "iid"}},
		{"{population.client.split.dirichlet: [5]}", func(s *Scenario) any { return s.Population[0].Split.Alpha }, 5.0},
		{"{population.client: [{split: {shards: 2}, count: 4}]}", func(s *Scenario) any { return s.Population[0].Split.Each + s.Population[0].Count }, 6},
		{"{bases.main: [{hf: ./x}]}", func(s *Scenario) any { return s.Bases[0] }, Base{Name: "main", HF: "./x"}},
		{"{evaluate.0: [{every: 2}]}", func(s *Scenario) any { return fmt.Sprint(s.Evaluate[0].At, s.Evaluate[0].Every) }, "2"},
		{"{stages: [[{name: a}, {name: b}]]}", func(s *Scenario) any { return len(s.Stages) }, 2},
	} {
		d := vary(t, c.vary)
		laid, problems := d.With(d.Axes()[0].Items[0])
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		s, problems := laid.Scenario()
		if len(problems) > 0 {
			t.Errorf("%s: %v", c.vary, problems)
		} else if got := c.got(s); got != c.want {
			t.Errorf("%s: got %v, want %v", c.vary, got, c.want)
		}
	}
}

// Laying never writes to the document that it is laid over.
func TestWithLeavesTheDocument(t *testing.T) {
	d := vary(t, "{method.0: [{use: fedit, with: {rank: 8}}], population.client.rank: [2]}")
	before := string(d.Text())
	if _, problems := d.With(d.Axes()[0].Items[0], d.Axes()[1].Items[0]); len(problems) > 0 {
		t.Fatal(problems)
	}
	if after := string(d.Text()); after != before {
		t.Errorf("the document changed:\n%s\n%s", before, after)
	}
}

func TestSet(t *testing.T) {
	for _, c := range []struct {
		sets string
		got  func(*Scenario) any
		want any
	}{
		{"bases.main.hf=./x", func(s *Scenario) any { return s.Bases[0] }, Base{Name: "main", HF: "./x"}},
		{"bases.main={hf: ./x}", func(s *Scenario) any { return s.Bases[0].Recipe == nil }, true},
		{"data.p={file: a.csv, format: csv}", func(s *Scenario) any { return s.Data[0].Generate + s.Data[0].File + s.Data[0].By }, "a.csvtopic"},
		{"data.p.with.topics=4", func(s *Scenario) any { return s.Data[0].With["topics"] }, 4},
		{"data.p.limit=1_000", func(s *Scenario) any { return s.Data[0].Limit }, 1000},
		{"method.0.with.epochs=2", func(s *Scenario) any { return s.Method[0].With["epochs"] }, 2},
		{"method.0.with={epochs: 2}", func(s *Scenario) any { return fmt.Sprint(s.Method[0].With) }, "map[epochs:2 lr:0.003]"},
		{"method.0.rounds=null", func(s *Scenario) any { return s.Method[0].Rounds }, 0},
		{"population.client.rank=4", func(s *Scenario) any { return s.Population[0].Ranks[0] }, Share{Rank: 4, Share: 1}},
		{"population.client.rank.16=5", func(s *Scenario) any { return s.Population[0].Ranks[0] }, Share{Rank: 16, Share: 5}},
		{"population.client.split=iid", func(s *Scenario) any { return s.Population[0].Split }, Split{Kind: "iid"}},
		{"population.client.split.shards=2", func(s *Scenario) any { return s.Population[0].Split }, Split{Kind: "shards", Each: 2}},
		{"data.p.tasks.cut=2", func(s *Scenario) any { return s.Data[0].Tasks }, Tasks{Cut: 2}},
		{"devices.phone.flops=1 TFLOPS", func(s *Scenario) any { return s.Devices[1].FlopsPerSec }, 1e12},
		{"budget.rounds=4", func(s *Scenario) any { return s.Budget.Rounds }, 4},
		{"question=\"5\"", func(s *Scenario) any { return s.Question }, "5"},
		{"vary={} vary.method.0=null seed=7", func(s *Scenario) any { return s.Seed }, uint64(1)}, // spaces do not separate
	} {
		if strings.Contains(c.sets, " vary.") {
			if _, problems := Parse("g", []byte(good), c.sets); len(problems) == 0 {
				t.Errorf("%s: a problem was expected", c.sets)
			}
			continue
		}
		if got := c.got(scenarioOf(t, good, c.sets)); got != c.want {
			t.Errorf("%s: got %v, want %v", c.sets, got, c.want)
		}
	}
}

// --set acts in order, and an axis that is taken away no longer hides what is set.
func TestSetOfAxes(t *testing.T) {
	if s := scenarioOf(t, good, "vary.seed=null", "seed=7", "seed=8"); s.Seed != 8 {
		t.Errorf("seed %d", s.Seed)
	}
	if d := parse(t, good, "vary.seed=5..9"); len(d.Axes()[1].Items) != 5 {
		t.Errorf("axes %v", d.Axes())
	}
	if d := parse(t, good, "vary.method.0.with.epochs=[1, 2]"); len(d.Axes()) != 3 {
		t.Errorf("axes %v", d.Axes())
	}
}
