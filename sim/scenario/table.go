package scenario

// The tables say, a row a word, what a scenario can hold.

// top is the scenario itself.
var top = &record{
	name: "a scenario",
	doc:  "One YAML document a file.",
	fields: []field{
		{key: "version", kind: whole{1, 1}, to: at(func(s *Scenario) any { return &s.Version }), must: true,
			doc: "Version of these words."},
		{key: "name", kind: text{what: "a name", name: true}, to: at(func(s *Scenario) any { return &s.Name }), must: true,
			doc: "Names the run folder."},
		{key: "question", kind: text{what: "a sentence"}, to: at(func(s *Scenario) any { return &s.Question }),
			doc: "One sentence that the report answers."},
		{key: "bases", kind: named[Base]{baseTable, func(b *Base) *string { return &b.Name }}, to: at(func(s *Scenario) any { return &s.Bases }), must: true,
			doc: "The base models, by name. The one called main, or the only one, is adapted."},
		{key: "data", kind: named[Data]{dataTable, func(d *Data) *string { return &d.Name }}, to: at(func(s *Scenario) any { return &s.Data }), must: true,
			doc: "The data sets, by name."},
		{key: "devices", kind: named[Device]{deviceTable, func(d *Device) *string { return &d.Name }}, to: at(func(s *Scenario) any { return &s.Devices }),
			doc: "Classes of devices, by name. Without any, participants are servers that take no time."},
		{key: "population", kind: named[Pool]{poolTable, func(p *Pool) *string { return &p.Name }}, to: at(func(s *Scenario) any { return &s.Population }), must: true,
			doc: "The pools of participants, by name: the participants of pool client are client/0, client/1, …"},
		{key: "stages", kind: listOf[Stage]{stageTable, 1}, to: at(func(s *Scenario) any { return &s.Stages }), def: "[{name: train}]",
			doc: "Stretches in which the world shows the same data, one after the other."},
		{key: "grant", kind: grantsKind{}, to: at(func(s *Scenario) any { return &s.Grants }), says: "none",
			doc: "What methods may know beyond the examples that their participants see, each need with a number of examples, a share, or all: {data-of-past-stages: 50}. The host holds methods to it."},
		{key: "method", kind: listOf[Member]{memberTable, 1}, to: at(func(s *Scenario) any { return &s.Method }), must: true,
			doc: "The chain of methods: each starts from the model that the one before deployed."},
		{key: "vary", kind: axesKind{}, doc: axesDoc},
		{key: "evaluate", kind: listOf[Evaluation]{evaluationTable, 1}, to: at(func(s *Scenario) any { return &s.Evaluate }), def: "[{at: end}]",
			doc: "When the deployed model is measured, on what, by which metrics. Evaluation takes no virtual time."},
		{key: "faults", kind: faultsTable, says: "none",
			doc: "The world's faults: what goes wrong in every pool. Each word is laid under those of the pools' own faults, so that a pool may say otherwise, as drop-out: 0."},
		{key: "seed", kind: whole{min: 0}, to: at(func(s *Scenario) any { return &s.Seed }), def: "1",
			doc: "Names every random draw. Arms with the same seed see the same clients, shards and batches."},
		{key: "budget", kind: budgetTable, to: at(func(s *Scenario) any { return &s.Budget }),
			doc: "Ends a trial at the close of the first round that goes over a limit."},
	},
}

var budgetTable = &record{
	name: "a budget",
	fields: []field{
		{key: "rounds", kind: whole{min: 1, max: 1e9}, to: at(func(b *Budget) any { return &b.Rounds }), says: "no limit",
			doc: "Rounds, over all stages."},
		{key: "time", kind: span, to: at(func(b *Budget) any { return &b.Sec }), says: "no limit", doc: "Virtual time."},
		{key: "bytes", kind: bytesSize, to: at(func(b *Budget) any { return &b.Bytes }), says: "no limit", doc: "Bytes up and down, of all participants."},
	},
}

var memberTable = &record{
	name: "a method",
	fields: []field{
		{key: "use", kind: text{what: "the name of a method", name: true}, to: at(func(m *Member) any { return &m.Use }), must: true,
			doc: "The method's name; simrun plugin list shows them."},
		{key: "with", kind: values{}, to: at(func(m *Member) any { return &m.With }), says: "the method's own",
			doc: "Its parameters; simrun plugin info NAME shows them."},
		{key: "roles", kind: texts{what: "a map from roles to pools"}, to: at(func(m *Member) any { return &m.Roles }), says: "the pools of the same names",
			doc: "Which pool plays each of the method's roles: {detector: client}."},
		{key: "in", kind: listOf[string]{text{what: "the name of a stage"}, 1}, to: at(func(m *Member) any { return &m.In }), says: "all stages",
			doc: "The stages that it works in."},
		{key: "rounds", kind: whole{min: 1, max: 1e9}, to: at(func(m *Member) any { return &m.Rounds }), says: "until it has finished",
			doc: "Rounds in each stage."},
		{key: "regime", kind: regimeKind, to: at(func(m *Member) any { return &m.Regime }), def: "sync", doc: "How rounds close."},
		{key: "init", kind: initTable, to: at(func(m *Member) any { return &m.Init }), says: "as the method says",
			doc: "{from: chain}: adapters begin as an earlier method of the chain would have them, such as init-eva."},
	},
}

var initTable = &record{
	name: "an init",
	fields: []field{
		{key: "from", kind: choice{words: []string{"chain"}}, to: at(func(init *string) any { return init }), must: true,
			doc: "chain: the nearest method before this one in the chain that left one."},
	},
}

var regimeKind = either{
	words: choice{words: []string{"sync"}, here: map[string]string{"async": "asynchronous rounds are {flying: m, close: 1}, with m out at once; close: k waits for k of them"}},
	kind:  word(func(r *Regime) *string { return &r.Kind }),
	record: &record{name: "a regime", one: []string{"deadline", "flying"}, fields: []field{
		{key: "deadline", kind: wait, to: at(func(r *Regime) any { return &r.DeadlineSec }), doc: "The round closes so long after it opened (120s); who comes later is missing."},
		{key: "over", kind: real{min: 1, max: 100}, to: at(func(r *Regime) any { return &r.Over }), def: "1.0", of: []string{"deadline"},
			doc: "So many times the cohort that the pool draws are asked, and the round closes when the cohort's number have finished."},
		{key: "flying", kind: whole{1, 65536}, to: at(func(r *Regime) any { return &r.Flying }), doc: "So many are out at once, whatever number the pool draws; each plan fills them up."},
		{key: "close", kind: whole{1, 65536}, to: at(func(r *Regime) any { return &r.Close }), def: "1", of: []string{"flying"},
			doc: "The round closes when so many have finished; the rest fly on. 1 is asynchronous."},
	}},
}

// word is at for the word of an either.
func word[T any](f func(*T) *string) func(any) *string {
	return func(x any) *string { return f(x.(*T)) }
}

var tuningTable = &record{
	name: "a fine-tuning",
	doc:  "A few local steps before an evaluation: AdamW at a constant rate on an adapter over queries and values, at the participant's own rank (8 where it has no limit).",
	fields: []field{
		{key: "steps", kind: whole{1, 1 << 20}, to: at(func(t *Tuning) any { return &t.Steps }), must: true, doc: "Updates."},
		{key: "batch", kind: whole{1, 1 << 20}, to: at(func(t *Tuning) any { return &t.Batch }), def: "8", doc: "Examples an update."},
		{key: "lr", kind: real{above: true, max: 10}, to: at(func(t *Tuning) any { return &t.Rate }), def: "3e-3", doc: "Learning rate."},
	},
}

var evaluationTable = &record{
	name: "an evaluation",
	one:  []string{"at", "every"},
	fields: []field{
		{key: "at", kind: choice{words: []string{"start", "stage-end", "end"}}, to: at(func(e *Evaluation) any { return &e.At }),
			doc: "Before the first round, when each stage ends, or when the trial ends."},
		{key: "every", kind: whole{min: 1, max: 1e9}, to: at(func(e *Evaluation) any { return &e.Every }),
			doc: "Every so many rounds, at the start and at the end."},
		{key: "on", kind: choice{words: []string{"test", "valid", "train"}}, to: at(func(e *Evaluation) any { return &e.On }), def: "test",
			doc: "The test set, or the participants' own validation or training examples."},
		{key: "of", kind: text{what: "the name of a pool", name: true}, to: at(func(e *Evaluation) any { return &e.Of }), says: "one model answers for all",
			doc: "A pool: each of its participants answers its own examples (all of on: test) with the deployed model and what it keeps, at its own rank."},
		{key: "each", kind: choice{words: []string{"participant", "task"}}, to: at(func(e *Evaluation) any { return &e.Each }), says: "all together",
			doc: "participant, with `of`: every participant is measured by itself as well, as the group \"client/3\". task: each task is, at the start too; at the ends of stages per task that makes the matrix of scores after each task on each, and what follows from it."},
		{key: "after", kind: maybe[Tuning]{tuningTable}, to: at(func(e *Evaluation) any { return &e.After }), says: "as it is deployed",
			doc: "With `of`: each participant first trains a fresh adapter on its own training examples, over what is deployed: how good a start is it? Nothing of it stays."},
		{key: "by", kind: listOf[string]{text{what: "the name of a column"}, 1}, to: at(func(e *Evaluation) any { return &e.By }),
			doc: "Columns whose values make groups, each measured by itself as well; example: every example is a group, as where a comparison resamples queries."},
		{key: "metrics", kind: listOf[string]{metricName{}, 1}, to: at(func(e *Evaluation) any { return &e.Metrics }), def: "[loss]",
			doc: "What is measured; bytes, virtual time and the aggregation error are in every report."},
		{key: "limit", kind: whole{min: 0, max: 1e9}, to: at(func(e *Evaluation) any { return &e.Limit }), def: "0",
			doc: "At most so many examples, the first by the hash of the row; 0: all."},
	},
}
