package scenario

var dataTable = &record{
	name: "a data set",
	doc:  "Examples, of exactly one kind: a known layout, files, or a generator.",
	one:  []string{"set", "file", "generate"},
	fields: []field{
		{key: "set", kind: choice{words: knownSets}, to: at(func(d *Data) any { return &d.Set }),
			doc: "A layout that is known by name. dolly: ten clients' shards of databricks-dolly-15k. clinc150: intents in ten domains. tinyshakespeare: speakers with cues and replies. nltk-sentiment: six corpora of two classes. lamp2, lamp4: users with histories and questions. adult, hatecheck: classes with groups. gsm8k: sums in words. mnist: digits. coloured-mnist: the same in two classes, in colours that go with the class otherwise in training than in the test. wikitext2: text."},
		{key: "path", kind: text{what: "a folder"}, to: at(func(d *Data) any { return &d.Path }), of: []string{"set"}, must: true,
			doc: "The folder where the set lies."},
		{key: "file", kind: text{what: "a file or pattern"}, to: at(func(d *Data) any { return &d.File }),
			doc: "A file, or a pattern such as data/*.jsonl; each file is a shard of a natural split."},
		{key: "format", kind: choice{words: []string{"jsonl", "csv", "tsv", "text", "parquet", "idx", "lamp"}},
			to: at(func(d *Data) any { return &d.Format }), of: []string{"file"}, must: true, doc: "Of the files. text: a line an example; idx: pictures as MNIST's, NAME-images-idx3-ubyte with NAME-labels-idx1-ubyte beside it, plain or gzipped; lamp: users with histories and questions, of LaMP or MTA."},
		{key: "form", kind: choice{words: []string{"instruction", "classification", "language-model", "windows", "chat"}}, to: at(func(d *Data) any { return &d.Form }), of: []string{"file"}, says: "none",
			doc: "What the columns usually mean. instruction: Alpaca's or Dolly's; classification: text and label; language-model: a text that has no prompt; windows, of format text: stretches of 64 words without a prompt; chat: messages, the last of which is the answer."},
		{key: "generate", kind: choice{words: []string{"phrases", "tasks", "modalities"}}, to: at(func(d *Data) any { return &d.Generate }),
			doc: "Examples made by a program, from a seed. phrases: clauses of a small closed vocabulary whose choice of words depends on a topic. tasks: classifications whose likeness is a number, and their null. modalities: the same things in two vocabularies that have a space in common as far as is said."},
		{key: "with", kind: values{}, to: at(func(d *Data) any { return &d.With }), of: []string{"generate", "set"}, says: "the generator's or the set's own",
			doc: "Parameters of the generator or the set: {min_items: 20} leaves speakers and users with fewer out."},
		{key: "columns", kind: texts{what: "a map from our words to the file's columns", known: []string{"prompt", "answer", "label", "group", "user", "task", "time", "pair", "image"}},
			to: at(func(d *Data) any { return &d.Columns }), doc: "Where the file has them under other names: {answer: reply}. prompt and answer make the example, pair is the second text of one that an encoder reads, image the path of its PNG or JPEG; the rest are names for groups."},
		{key: "template", kind: text{what: "a template"}, to: at(func(d *Data) any { return &d.Template }), says: `the set's own, or "{prompt}"`,
			doc: `The prompt, from columns in braces: "{instruction}\n{context}\n"; {{ and }} are braces.`},
		{key: "by", kind: text{what: "the name of a column"}, to: at(func(d *Data) any { return &d.By }), says: "none",
			doc: "The column that splits and reports group by."},
		{key: "valid", kind: real{min: 0, max: 0.9}, to: at(func(d *Data) any { return &d.Valid }), def: "0.05",
			doc: "Share of each shard kept for validation, by the hash of the row."},
		{key: "test", kind: text{what: "a file or pattern"}, to: at(func(d *Data) any { return &d.Test }), of: []string{"file"}, says: "none",
			doc: "The files that make the test set; sets and generators know theirs."},
		{key: "limit", kind: whole{min: 0, max: 1e12}, to: at(func(d *Data) any { return &d.Limit }), def: "0", doc: "At most so many training examples; 0: all."},
		{key: "tokens", kind: whole{min: 0, max: 1 << 20}, to: at(func(d *Data) any { return &d.Tokens }), def: "0",
			doc: "Longest example in tokens, prompt and answer; 0: the base's context."},
		{key: "label", kind: text{what: "the name of a column"}, to: at(func(d *Data) any { return &d.Label }), says: "a known set's own, or none",
			doc: "The column of the class. It is the answer, and its values are the classes that can be answered; metrics of classes need it."},
		{key: "groups", kind: listOf[string]{text{what: "the name of a column"}, 1}, to: at(func(d *Data) any { return &d.Groups }), says: "none",
			doc: "The protected attributes: columns that a method sees in training only as far as groups-in-training is granted."},
		{key: "tasks", kind: tasksKind, to: at(func(d *Data) any { return &d.Tasks }), says: "all examples are one task",
			doc: "What makes tasks: a column, {by: COLUMN}, or {cut: n}, n classes each. Examples then have a column task."},
	},
}

var tasksKind = short{
	word: text{what: "the name of a column, or a map such as {cut: 5, order: 1}"},
	to:   at(func(t *Tasks) any { return &t.By }),
	record: &record{name: "tasks", one: []string{"by", "cut"}, fields: []field{
		{key: "by", kind: text{what: "the name of a column"}, to: at(func(t *Tasks) any { return &t.By }), doc: "A task for each value of the column."},
		{key: "cut", kind: whole{1, 1 << 20}, to: at(func(t *Tasks) any { return &t.Cut }), doc: "A task for so many classes, one after the other; the last may have fewer."},
		{key: "first", kind: whole{1, 1 << 20}, to: at(func(t *Tasks) any { return &t.First }), says: "all", doc: "Only so many tasks, the first in their order; examples of others are left out."},
		{key: "order", kind: whole{0, 1 << 30}, to: at(func(t *Tasks) any { return &t.Order }), says: "0: as they come in the data",
			doc: "The number of an order by chance, the same for every seed of the scenario."},
	}},
}

// knownSets are those that sim/data reads.
var knownSets = []string{"adult", "clinc150", "coloured-mnist", "dolly", "gsm8k", "hatecheck", "lamp2", "lamp4", "mnist", "nltk-sentiment", "tinyshakespeare", "wikitext2"}
