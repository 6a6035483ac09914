package flora

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/method"
)

// game is a trial of several rounds in which clients answer with random factors of the right
// shapes, and what travels is counted: numbers up and down, each blob down once unless a
// client's last lease named it too.
type game struct {
	*world
	people   []method.Participant
	kept     map[method.ID][]method.Named
	has      map[method.ID][]method.Blob
	up, down int // of the last round
	asked    []method.Assignment
	reports  reports
}

func newGame(t *testing.T, m method.Method, ranks ...int) *game {
	t.Helper()
	return &game{world: newWorld(t, m), people: offered(ranks...), kept: map[method.ID][]method.Named{}, has: map[method.ID][]method.Blob{}}
}

// round plays one round, of those whose place is in takes part, or of all.
func (g *game) round(present ...int) method.FoldResponse {
	g.t.Helper()
	req := method.PlanRequest{Scene: g.scene(), Pools: []method.Pool{{Role: "client", Size: 100}}}
	req.Seed = uint64(g.world.round)
	for i, p := range g.people {
		if len(present) == 0 || slices.Contains(present, i) {
			p.Kept = nil
			for _, n := range g.kept[p.ID] {
				p.Kept = append(p.Kept, n.Name)
			}
			req.Offered = append(req.Offered, p)
		}
	}
	plan, err := g.m.Plan(context.Background(), req)
	if err == nil {
		err = method.ValidatePlan(req, plan, g.store.Has)
	}
	if err != nil {
		g.t.Fatal(err)
	}
	g.asked, g.state, g.reports, g.up, g.down = plan.Assign, plan.State, nil, 0, 0
	for _, p := range req.Offered {
		g.lease(p)
	}
	out, err := g.m.Fold(context.Background(), method.FoldRequest{Scene: g.scene(), Reports: g.reports})
	if err != nil {
		g.t.Fatal(err)
	}
	g.state, g.world.round = out.State, g.world.round+1
	for _, n := range out.Notes {
		i := slices.IndexFunc(g.people, func(p method.Participant) bool { return p.ID == n.About })
		g.people[i].Note = n.Text
	}
	return out
}

// lease does what one participant is asked to, in order.
func (g *game) lease(p method.Participant) {
	var names []method.Blob
	for _, a := range g.asked {
		if len(a.To) > 0 && !slices.Contains(a.To, p.ID) {
			continue
		}
		for _, b := range method.BlobsIn(a.Recipe) {
			if !slices.Contains(g.has[p.ID], b) && !slices.Contains(names, b) {
				g.down += g.store[b].Floats()
			}
			names = append(names, b)
		}
		g.work(p, a)
	}
	g.has[p.ID] = names
}

func (g *game) work(p method.Participant, a method.Assignment) {
	g.t.Helper()
	part := a.Recipe.(method.Fit).Train[0].(method.LoRA)
	rep := method.Report{Round: g.world.round, Name: a.Name, From: p.ID, Examples: p.Examples, Share: 1}
	began := g.began(p, part)
	made := slices.Clone(began)
	key := rng.New(9).At(p.ID.String(), a.Name, g.world.round)
	for i := range made {
		for factor, x := range map[string]*[]float32{"A": &made[i].A, "B": &made[i].B} {
			if part.Freeze != factor {
				s := key.At(made[i].Module, factor).Stream()
				*x = slices.Clone(*x)
				for j := range *x {
					(*x)[j] += float32(s.Norm())
				}
			}
		}
	}
	for _, name := range a.Upload {
		if name != method.Nothing && name != method.KeptControl {
			b := g.mustPut(made, name)
			rep.Made = append(rep.Made, method.Named{Name: name, Blob: b})
			rep.Began = append(rep.Began, method.Named{Name: name, Blob: g.mustPut(began, name)})
			g.up += g.store[b].Floats()
		}
	}
	for _, name := range a.Keep {
		if name != method.KeptOptimiser && name != method.KeptControl {
			g.kept[p.ID] = method.Keeping(g.kept[p.ID], []method.Named{{Name: name, Blob: g.mustPut(made, name)}})
		}
	}
	g.control(&rep, a, made)
	g.reports = append(g.reports, rep)
}

// control has a client answer with control variates, where they are asked for: half of what
// it made.
func (g *game) control(rep *method.Report, a method.Assignment, made lora.Adapter) {
	if !slices.Contains(a.Upload, method.KeptControl) {
		return
	}
	v := server.Variates{}
	for _, p := range made {
		for factor, x := range map[string][]float32{"A": p.A, "B": p.B} {
			for _, n := range x {
				v[p.Module+"."+factor] = append(v[p.Module+"."+factor], float64(n)/2)
			}
		}
	}
	b, err := g.store.Put(v.Tensors())
	if err != nil {
		g.t.Fatal(err)
	}
	if was := method.KeptAs(g.kept[rep.From], method.KeptControl); was != "" {
		rep.Began = append(rep.Began, method.Named{Name: method.KeptControl, Blob: was})
	}
	named := []method.Named{{Name: method.KeptControl, Blob: b}}
	rep.Made = append(rep.Made, named...)
	g.kept[rep.From] = method.Keeping(g.kept[rep.From], named)
	g.up += g.store[b].Floats()
}

func (g *game) mustPut(a lora.Adapter, name string) method.Blob {
	g.t.Helper()
	f, err := onlyPart(lora.Factors(a), name)
	if err != nil {
		g.t.Fatal(err)
	}
	b, err := put(f, g.store)
	if err != nil {
		g.t.Fatal(err)
	}
	return b
}

// began is where a part starts: the blob over what is kept over a fresh draw.
func (g *game) began(p method.Participant, part method.LoRA) lora.Adapter {
	g.t.Helper()
	rank := part.Rank
	if rank == method.OwnRank {
		rank = p.Rank
	}
	var from lora.Factors
	for _, m := range modules {
		if takes, _ := matches(part.Modules, m.Name); takes {
			key := rng.New(5).At("fresh", p.ID.String())
			if part.Shared {
				key = rng.New(5).At("shared", g.world.round)
			}
			from = append(from, lora.Fresh(key, lora.Module{Name: m.Name, Out: m.Out, In: m.In}, min(rank, m.Out, m.In), part.Scale, lora.Kaiming{}))
		}
	}
	var over []method.Blob
	for _, n := range g.kept[p.ID] {
		if part.From.Kept && (n.Name == part.Name || strings.HasPrefix(n.Name, part.Name+".")) {
			over = append(over, n.Blob)
		}
	}
	if part.From.Blob != "" {
		over = append(over, part.From.Blob)
	}
	for _, b := range over {
		f, err := factorsIn(b, g.store)
		if err == nil {
			f, err = f.Cut(max(rank, 1))
		}
		if err == nil {
			from, err = f.Over(from)
		}
		if err != nil {
			g.t.Fatal(fmt.Errorf("%s begins from %.8s…: %w", p.ID, b, err))
		}
	}
	return from.Whole()
}

// gapOf is the aggregation error of the last round, given what was deployed before.
func (g *game) gapOf(before, now *method.Model) lora.Gap {
	g.t.Helper()
	var m lora.GapMeter
	for model, add := range map[*method.Model]func(float64, lora.Adapter){before: m.Previous, now: m.Deployed} {
		if model != nil {
			for _, x := range model.Attach {
				add(x.Scale, adapterIn(g.t, g.store, x.From.Blob))
			}
		}
	}
	n := 0
	for _, r := range g.reports {
		n += r.Examples
	}
	for _, r := range g.reports {
		share := float64(r.Examples) / float64(n)
		m.Made(share, adapterIn(g.t, g.store, r.Made[0].Blob))
		m.Began(share, adapterIn(g.t, g.store, r.Began[0].Blob))
	}
	return m.Gap()
}
