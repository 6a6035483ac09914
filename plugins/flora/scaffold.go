package flora

import (
	"context"
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/linalg/lora/server"
	"github.com/loramesh/loramesh/plugins/method"
)

// scaffold is a method with a shared adapter (or a factor, or weights) whose clients may
// correct their drift by SCAFFOLD's control variates: c − c_i is added to every gradient
// (Karimireddy et al. 2020, algorithm 1, option II). A client keeps its c_i and uploads it
// with what it trained; the server's c is the last thing that the state holds.
type scaffold struct {
	method.MethodWithCheck
	shared string // what all share: the part, or a factor of it
}

// Words of the parameter "control".
const (
	noControl  = "none"
	byScaffold = "scaffold"
)

func controlled(p method.Values) bool { return p.Text("control") == byScaffold }

// Check refuses what is no plain descent, and a rank that may fall.
func (m scaffold) Check(ctx context.Context, s method.Scene) ([]method.Problem, error) {
	found, err := m.MethodWithCheck.Check(ctx, s)
	if err != nil || !controlled(s.Params) {
		return found, err
	}
	refuse := func(param, why string) {
		found = append(found, method.Problem{Path: "params." + param, Text: "with `control: scaffold`, " + why})
	}
	p := s.Params
	if name := p.Text("optimiser"); name != "sgd" {
		refuse("optimiser", fmt.Sprintf("%s is not for clients: a control is the mean of a client's gradients, which is read off how far it went only where it went down them plainly; write `optimiser: sgd`", name))
	}
	if p.Float("clip") != 0 {
		refuse("clip", fmt.Sprintf("%g is not for clients: of steps that are cut short the mean gradient is not known; write `clip: 0`", p.Float("clip")))
	}
	if p.Float("proximal") != 0 {
		refuse("proximal", "FedProx's pull would be taken for a gradient of the data and be corrected away: choose one of the two")
	}
	if mixing(p) != 0 {
		refuse("mixing", "FedAsync's share of the way is no mean change of a cohort, which the controls are for: leave `mixing` out")
	}
	if rank, ok := p["rank"].(int); ok && rank == 0 {
		refuse("rank", "the rank must not fall when a smaller client comes, for controls are as long as the adapter: write the rank of all, as in `rank: 4`")
	}
	return found, nil
}

// Plan corrects what is trained of what all share.
func (m scaffold) Plan(ctx context.Context, r method.PlanRequest) (method.PlanResponse, error) {
	if !controlled(r.Params) {
		return m.MethodWithCheck.Plan(ctx, r)
	}
	state, c, err := withoutControl(r.State, r.Blobs)
	if err != nil {
		return method.PlanResponse{}, err
	}
	r.State = state
	out, err := m.MethodWithCheck.Plan(ctx, r)
	if err != nil {
		return out, err
	}
	for i, a := range out.Assign {
		f, ok := a.Recipe.(method.Fit)
		if !ok || a.Name != "fit" { // what a client trains for itself may drift
			continue
		}
		f.Objective = slices.Insert(slices.Clone(f.Objective), 1, method.Times(1, method.Control{Of: m.shared, Server: c}))
		a.Recipe = f
		a.Upload = append(slices.Clone(a.Upload), method.KeptControl)
		at := len(a.Keep)
		if at > 0 && a.Keep[0] == method.KeptOptimiser {
			at = 0 // what is always kept comes first
		}
		a.Keep = slices.Insert(slices.Clone(a.Keep), at, method.KeptControl)
		out.Assign[i] = a
	}
	was, err := remembered(out.State)
	if err != nil {
		return out, err
	}
	was.Clients = 0
	for _, p := range r.Pools {
		was.Clients += p.Size
	}
	if out.State, err = was.state(out.State.Holds); err == nil && c != "" {
		out.State = out.State.Hold(c)
	}
	return out, err
}

// Fold gathers the controls beside what the method makes of the rest.
func (m scaffold) Fold(ctx context.Context, r method.FoldRequest) (method.FoldResponse, error) {
	if !controlled(r.Params) {
		return m.MethodWithCheck.Fold(ctx, r)
	}
	state, c, err := withoutControl(r.State, r.Blobs)
	if err != nil {
		return method.FoldResponse{}, err
	}
	r.State = state
	out, err := m.MethodWithCheck.Fold(ctx, r)
	if err != nil {
		return out, err
	}
	if c, err = gathered(r, c); err == nil && c != "" {
		out.State = out.State.Hold(c)
	}
	return out, err
}

// withoutControl parts the server's control from the rest of what a state holds.
func withoutControl(s method.State, blobs method.Blobs) (method.State, method.Blob, error) {
	if len(s.Holds) == 0 {
		return s, "", nil
	}
	last := s.Holds[len(s.Holds)-1]
	t, err := blobs.Open(last)
	if err != nil || !server.IsVariates(t) {
		return s, "", err
	}
	s.Holds = s.Holds[:len(s.Holds)-1]
	return s, last, nil
}

// gathered is the server's control after a round: c + (S/N)·Σ p_k·(c_k⁺ − c_k) of S reports
// from a population of N. With equal shards that is the paper's Σ(c_k⁺ − c_k)/N; with others
// the controls weigh as the changes do, so that corrections cancel in the mean.
func gathered(r method.FoldRequest, c method.Blob) (method.Blob, error) {
	was, err := remembered(r.State)
	if err != nil {
		return "", err
	}
	next, err := variatesIn(c, r.Blobs)
	if err != nil {
		return "", err
	}
	n, cohort := 0.0, 0.0
	brought := func(each func(rep method.Report, b method.Blob) error) error {
		for rep, err := range r.Reports.All() {
			if err != nil {
				return err
			}
			if b := rep.Blob(method.KeptControl); b != "" {
				if err := each(rep, b); err != nil {
					return err
				}
			}
		}
		return nil
	}
	err = brought(func(rep method.Report, _ method.Blob) error {
		n, cohort = n+float64(rep.Examples), cohort+1
		return nil
	})
	if err != nil || n == 0 {
		return c, err
	}
	err = brought(func(rep method.Report, b method.Blob) error {
		now, err := variatesIn(b, r.Blobs)
		if err != nil {
			return err
		}
		old, err := variatesIn(method.KeptAs(rep.Began, method.KeptControl), r.Blobs)
		if err != nil {
			return err
		}
		share := cohort / float64(max(was.Clients, 1)) * (float64(rep.Examples) / n)
		if err := next.Gather(share, old, now); err != nil {
			return fmt.Errorf("flora: the report of %s: %w", rep.From, err)
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return r.Blobs.Put(next.Tensors())
}

// variatesIn are those in a blob; none where there is no blob.
func variatesIn(b method.Blob, blobs method.Blobs) (server.Variates, error) {
	if b == "" {
		return server.Variates{}, nil
	}
	t, err := blobs.Open(b)
	if err != nil {
		return nil, err
	}
	return server.ParseVariates(t)
}
