package scenario

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// beyond are the bad scenarios of testdata/problems.txt that a JSON Schema cannot refuse:
// it does not see YAML as written, nor what one part says of another, nor what --set may
// still bring.
var beyond = []string{
	"merge key", "doubled key", "doubled key deep inside", "two documents", "three documents", "directive", // YAML
	"whole number in other clothes", "parameter that is almost a number", "zero flops", // numbers as written
	"width that heads do not divide", "heads of odd width", "kv_heads that do not divide heads", "vit whose pieces do not divide its pictures", // arithmetic
	"vit without its pictures", "pictures for a language model", "window of a model without one", // what belongs to a family
	"pretrained on unknown data", "unknown device", "device twice", "unknown device among shares", "no devices at all", "pool of unknown data",
	"several data sets and none chosen", "stage of an unknown base", "stages of one name", "several bases and none is main",
	"role of an unknown pool", "unknown stage", "metric twice", "split without a column", "users of which nobody says who they are", "users in both parts", "pool without a count", "pool in an unknown pool", "pool inside itself", "so many of no pool", "pool in a pool with more words than it may have", "pool in a pool without its number",
	"evaluation of a pool", "evaluation of each participant of nothing", // references
	"stage that shows the current task", "stages for each task of data that nobody chose", "pool per task that is counted and split", "evaluation of each task",
	"base of no kind", "set without its path", "device without memory", // may come by --set
	"vary of an unknown path", "sweep of those who are not always there", "vary of a method that is not there", "vary of an unknown pool", "builtin base that reads one of several", "builtin base that reads what there is not",
	"range backwards", "range without end", "bad item of vary", "bad values in two axes", "zip of unequal lengths",
	"varied twice", "label that is a number", "null takes a needed word away", "seed below zero", // items depend on their paths
}

// compileSchema parses the schema as its users do: from the bytes.
func compileSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(Schema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("scenario.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("scenario.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain is a tree as a JSON reader would have it.
func (n *node) plain() any {
	switch n.shape {
	case mapping:
		out := map[string]any{}
		for _, p := range n.pairs {
			out[p.key] = p.value.plain()
		}
		return out
	case listing:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	}
	if n.isNull() {
		return nil
	}
	return values{}.value(check{problems: new([]Problem)}, n, false)
}

func TestSchemaAcceptsWhatParseAccepts(t *testing.T) {
	schema := compileSchema(t)
	sources := map[string]string{"good": good, "resolved": string(scenarioOf(t, good).Resolved())}
	files, err := filepath.Glob("../../scenarios/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	deeper, _ := filepath.Glob("../../scenarios/*/*.yaml")
	for _, file := range append(files, deeper...) {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources[file] = string(src)
	}
	if len(sources) < 5 {
		t.Errorf("embedded scenarios were expected, found %d sources", len(sources))
	}
	for name, src := range sources {
		root, problems := parseYAML(name, []byte(src))
		if len(problems) > 0 {
			t.Error(problems)
		}
		if err := schema.Validate(root.plain()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestSchemaRefusesWhatParseRefuses(t *testing.T) {
	schema := compileSchema(t)
	text, err := os.ReadFile("testdata/problems.txt")
	if err != nil {
		t.Fatal(err)
	}
	refused := 0
	for _, c := range readBadCases(t, string(text)) {
		root, _ := parseYAML("s.yaml", []byte(c.src))
		if root == nil || len(c.sets) > 0 {
			continue
		}
		err := schema.Validate(root.plain())
		if known := slices.Contains(beyond, c.name); (err == nil) != known {
			t.Errorf("%s: the schema says %v, and the list of what it cannot see says %v", c.name, err, known)
		}
		if err != nil {
			refused++
		}
	}
	if refused < 40 {
		t.Errorf("the schema refuses %d cases, at least 40 were expected", refused)
	}
}

// The reference has a line for every word.
func TestReferenceHasEveryWord(t *testing.T) {
	ref := Reference()
	for _, k := range []*record{top, baseTable, recipeTable, pretrainTable, dataTable, deviceTable, poolTable, stageTable, memberTable, evaluationTable, budgetTable, uploadTable, faultsTable} {
		for _, f := range k.fields {
			if !bytes.Contains(ref, []byte("| `"+f.key+"` |")) {
				t.Errorf("no line for %q of %s", f.key, k.name)
			}
			if f.doc == "" {
				t.Errorf("%q of %s has no doc", f.key, k.name)
			}
		}
	}
}
