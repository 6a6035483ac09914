package scenario

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/sim/suggest"
)

// finisher fills in the defaults that depend on other parts and checks that the parts fit
// together. It runs after the tables also where they found problems, so that all are told
// at once; it keeps silent about what they could not read.
type finisher struct {
	check
	root *node
	s    *Scenario
}

func finish(c check, root *node, s *Scenario) {
	f := finisher{c, root, s}
	f.bases()
	f.stages()
	f.population()
	f.faults()
	f.method()
	f.evaluate()
}

// accuse says something of what stands at a path.
func (f finisher) accuse(path, format string, args ...any) {
	pos := f.root.at(path)
	if n := f.root.find(path); n != nil && n.shape == scalar {
		pos = n.pos
	}
	*f.problems = append(*f.problems, Problem{pos.File, pos.Line, pos.Column, path, fmt.Sprintf(format, args...)})
}

func (f finisher) given(path string) bool { return f.root.find(path) != nil }

// defined accuses a reference to what there is not.
func (f finisher) defined(path, what, word string, names []string) {
	if word == "" || slices.Contains(names, word) {
		return
	}
	tail := suggest.DidYouMean(word, names)
	if tail == "" && len(names) > 0 {
		tail = "; defined are " + strings.Join(names, ", ")
	}
	if len(names) == 0 {
		tail = "; none is defined"
	}
	f.accuse(path, "no %s is called %q%s", what, word, tail)
}

func namesOf[T any](list []T, name func(T) string) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = name(x)
	}
	return out
}

func (f finisher) dataNames() []string {
	return namesOf(f.s.Data, func(d Data) string { return d.Name })
}

// bases fills in what follows from the width and checks that heads divide it.
func (f finisher) bases() {
	for i := range f.s.Bases {
		f.builtin(&f.s.Bases[i])
		b := f.s.Bases[i]
		if b.Classes != "" {
			f.defined("bases."+b.Name+".classes", "data set", b.Classes, f.dataNames())
		}
		if b.Recipe == nil {
			continue
		}
		at, r := "bases."+b.Name+".recipe.", b.Recipe
		if r.KVHeads == 0 && !f.given(at+"kv_heads") {
			r.KVHeads = r.Heads
		}
		if r.Hidden == 0 && !f.given(at+"hidden") {
			r.Hidden = ((8*r.Width+2)/3 + 7) / 8 * 8
		}
		if r.Heads > 0 && r.Width > 0 && (r.Width%r.Heads != 0 || r.Width/r.Heads%2 != 0) {
			f.accuse(at+"heads", "heads of an even width were expected: d %d is not %d heads of 2, 4, 6, …", r.Width, r.Heads)
		} else if r.KVHeads > 0 && r.Heads%r.KVHeads != 0 {
			f.accuse(at+"kv_heads", "a divisor of heads was expected: %d heads are not divided by %d", r.Heads, r.KVHeads)
		}
		f.pictures(at, r)
		if f.given(at+"window") && !slices.Contains([]string{"mistral", "qwen2", "qwen3"}, r.Family) {
			f.accuse(at+"window", "no such key was expected: a %s has no sliding window; mistral, qwen2 and qwen3 have", r.Family)
		}
		f.defined(at+"pretrain.data", "data set", r.Pretrain.Data, f.dataNames())
	}
}

// Answers says whether the models of a recipe's family answer for whole texts or pictures.
func Answers(family string) bool {
	return slices.Contains([]string{"bert", "roberta", "distilbert", "deberta-v2", "vit"}, family)
}

// Pairs says whether the models of a recipe's family read one text and write another.
func Pairs(family string) bool { return family == "t5" }

// pictures checks what belongs to models of pictures, and what does not.
func (f finisher) pictures(at string, r *Recipe) {
	if r.Family != "vit" {
		for _, key := range []string{"image", "patch", "channels"} {
			if f.given(at + key) {
				f.accuse(at+key, "no such key was expected: a %s reads texts", r.Family)
			}
		}
		return
	}
	if r.Channels == 0 && !f.given(at+"channels") {
		r.Channels = 1
	}
	switch {
	case r.Image == 0 || r.Patch == 0:
		f.accuse(at+"image", `"image" and "patch" were expected of a vit: the side of its pictures and of their pieces, in pixels`)
	case r.Image%r.Patch != 0:
		f.accuse(at+"patch", "a divisor of image was expected: pictures of %d pixels are not divided into pieces of %d", r.Image, r.Patch)
	case r.Channels == 2:
		f.accuse(at+"channels", "1 or 3 was expected, 2 channels are no picture")
	}
	// A scenario as resolved has the defaults of the other two, which say nothing of a vit.
	for _, key := range []string{"vocab", "context", "tied"} {
		says := key == "vocab" || key == "context" && r.Context != defaultContext || key == "tied" && !r.Tied
		if says && f.given(at+key) {
			f.accuse(at+key, "no such key was expected: a vit reads no tokens")
		}
	}
}

func (f finisher) stages() {
	bases := namesOf(f.s.Bases, func(b Base) string { return b.Name })
	seen := map[string]bool{}
	for i := range f.s.Stages {
		at, st := fmt.Sprintf("stages.%d.", i), &f.s.Stages[i]
		f.tasks(at, st)
		if seen[st.Name] && st.Name != "" {
			f.accuse(at+"name", "stage names that differ were expected, %q stands here twice", st.Name)
		}
		seen[st.Name] = true
		switch {
		case st.Base != "" || f.given(at+"base"):
			f.defined(at+"base", "base", st.Base, bases)
		case len(bases) == 1:
			st.Base = bases[0]
		case slices.Contains(bases, "main"):
			st.Base = "main"
		case len(bases) > 1 && !f.given("stages"):
			f.accuse("bases", `a base called main was expected, or "stages" that each say their "base": there are %s`, strings.Join(bases, ", "))
		case len(bases) > 1:
			f.accuse(at+"base", `a base was expected for stage %q: there are %s, none is called main; write "base"`, st.Name, strings.Join(bases, ", "))
		}
	}
}

func (f finisher) population() {
	for i := range f.s.Population {
		p := &f.s.Population[i]
		at := "population." + p.Name + "."
		names := f.dataNames()
		switch {
		case p.Data != "" || f.given(at+"data"):
			f.defined(at+"data", "data set", p.Data, names)
		case len(names) == 1:
			p.Data = names[0]
		case len(names) > 1:
			f.accuse(at+"data", `"data" was expected for pool %q: there are %s`, p.Name, strings.Join(names, ", "))
		}
		f.perTask(at, p)
		if p.Count == 0 && !f.given(at+"count") && p.Split.Kind != "natural" && p.Split.Kind != "users" && p.Of == "" && !f.given(at+"of") {
			f.accuse(at+"count", `pool %q needs "count", a whole number of at least 1; give it here or by --set %scount=…`, p.Name, at)
		}
		f.splitBy(at, p)
		f.users(at, i)
		f.devices(at, p)
		f.swept(at, p)
		if p.Upload.Noise > 0 && p.Upload.Clip == 0 && !f.given(at+"upload.clip") {
			f.accuse(at+"upload.noise", `"clip" was expected beside it: noise is given in multiples of it`)
		}
	}
	for i := range f.s.Population {
		p := &f.s.Population[i]
		f.nested("population."+p.Name+".", p)
	}
}

// swept asks that everyone of a pool that is swept, by itself or in a stage, can be reached when
// his turn comes.
func (f finisher) swept(at string, p *Pool) {
	if (p.Reach.Kind == "" || p.Reach.Kind == "always") && p.Reach.JoinsSec == 0 {
		return
	}
	if p.Offer.Kind == "sweep" {
		f.accuse(at+"available", "pool %q is swept, and everyone has his turn whether he can be reached or not; write offer: all or {draw: %d}, or leave \"available\" out", p.Name, p.Offer.N)
	}
	for i, st := range f.s.Stages {
		if o := st.Offer[p.Name]; o.Kind == "sweep" {
			f.accuse(fmt.Sprintf("stages.%d.offer.%s", i, p.Name), "pool %q is swept here, and everyone has his turn whether he can be reached or not; write all or {draw: %d}, or leave \"available\" out at population.%s", p.Name, o.N, p.Name)
		}
	}
}

// splitBy asks for the column that an unequal split divides by.
func (f finisher) splitBy(at string, p *Pool) {
	unequal := p.Split.Kind == "dirichlet" || p.Split.Kind == "shards" || p.Split.Kind == "drawn" && p.Split.Alpha > 0
	if !unequal || p.Split.By != "" || f.given(at+"split.by") {
		return
	}
	for _, d := range f.s.Data {
		if d.Name == p.Data && d.By == "" && !f.given("data."+d.Name+".by") {
			f.accuse(at+"split", `a column to divide by was expected: write {%s: …, by: COLUMN}, or "by" at data.%s`, p.Split.Kind, d.Name)
		}
	}
}

// devices checks the names, and gives a list the devices' own shares.
func (f finisher) devices(at string, p *Pool) {
	names := namesOf(f.s.Devices, func(d Device) string { return d.Name })
	for i := range p.Device {
		share := &p.Device[i]
		where := at + "device"
		if n := f.root.find(where); n != nil && n.shape == mapping {
			where += "." + share.Name
		} else if n != nil && n.shape == listing {
			where += fmt.Sprintf(".%d", slices.IndexFunc(n.items, func(item *node) bool { return item.text == share.Name }))
		}
		f.defined(where, "device", share.Name, names)
		if i > 0 && p.Device[i-1].Name == share.Name {
			f.accuse(where, "devices that differ were expected, %q stands here twice", share.Name)
		}
		if k := slices.Index(names, share.Name); k >= 0 && share.Share == 0 {
			share.Share = f.s.Devices[k].Share
		}
	}
}

func (f finisher) method() {
	pools := namesOf(f.s.Population, func(p Pool) string { return p.Name })
	stages := namesOf(f.s.Stages, func(s Stage) string { return s.Name })
	for i, m := range f.s.Method {
		at := fmt.Sprintf("method.%d.", i)
		for _, role := range sortedKeys(m.Roles) {
			f.defined(at+"roles."+role, "pool", m.Roles[role], pools)
		}
		for j, st := range m.In {
			f.defined(fmt.Sprintf("%sin.%d", at, j), "stage", st, stages)
		}
	}
}

func (f finisher) evaluate() {
	pools := namesOf(f.s.Population, func(p Pool) string { return p.Name })
	for i, e := range f.s.Evaluate {
		at := fmt.Sprintf("evaluate.%d.", i)
		f.defined(at+"of", "pool", e.Of, pools)
		if e.Of == "" && e.Each == "participant" {
			f.accuse(at+"each", `"of" was expected beside it: participant measures those of a pool each by itself; write of: POOL`)
		}
		f.each(fmt.Sprintf("evaluate.%d.each", i), e)
		for j, m := range e.Metrics {
			if m != "" && slices.Contains(e.Metrics[:j], m) { // "": a word that was refused already
				f.accuse(fmt.Sprintf("evaluate.%d.metrics.%d", i, j), "metrics that differ were expected, %q stands here twice", m)
			}
		}
	}
}
