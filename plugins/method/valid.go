package method

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
)

// Limits of what a method may answer.
const (
	MaxStateBytes = 64 << 10
	MaxNoteBytes  = 256
)

// faults collects what is wrong, each with the path to it.
type faults func(path, format string, args ...any)

// gather joins what f finds.
func gather(f func(faults)) error {
	var errs []error
	f(func(path, format string, args ...any) {
		errs = append(errs, fmt.Errorf("%s: %s", path, fmt.Sprintf(format, args...)))
	})
	return errors.Join(errs...)
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// ValidatePlan says what is wrong with the answer to r, or nil. Hosts ask it of every
// answer, whether the method runs in their process or another, so that nonsense stops
// at the seam. has says whether a blob is known to the host.
func ValidatePlan(r PlanRequest, out PlanResponse, has func(Blob) bool) error {
	return gather(func(fault faults) {
		wellFormed(out, "", true, fault)
		known(out, has, fault)
		validState(out.State, fault)
		if out.Deploy != nil {
			validModel(*out.Deploy, "deploy", r.Scene, has, fault)
		}
		validInits(out.Init, "init", fault)
		if len(out.Assign) == 0 && !out.Finished && r.Flying == 0 {
			fault("assign", "nothing is asked, nothing is out and the stage is not finished: the run would stand still")
		}
		w := world{PlanRequest: r, sizes: poolSizes(r), names: map[string]int{}, asked: map[key]bool{}}
		for _, a := range out.Assign {
			w.names[a.Name]++
		}
		for i, a := range out.Assign {
			w.validAssignment(a, index("assign", i), fault)
			validRecipe(a.Recipe, index("assign", i)+".recipe", r.Scene, has, fault)
		}
	})
}

// world is what the assignments of one plan are held against.
type world struct {
	PlanRequest
	sizes map[string]int // of pools, by name
	names map[string]int // of assignments: how many have each
	asked map[key]bool
}

// key is what a plan may ask once.
type key struct {
	id   ID
	name string
}

// poolSizes knows a pool by the name of its role, and by its own where that role has
// offered someone from it.
func poolSizes(r PlanRequest) map[string]int {
	roles, sizes := map[Role]int{}, map[string]int{}
	for _, p := range r.Pools {
		roles[p.Role] = p.Size
		sizes[string(p.Role)] = p.Size
	}
	for i := 0; i < len(r.Offered); {
		first, most := r.Offered[i], 0
		for ; i < len(r.Offered) && r.Offered[i].ID.Pool == first.ID.Pool && r.Offered[i].Role == first.Role; i++ {
			most = max(most, r.Offered[i].ID.Index+1)
		}
		sizes[first.ID.Pool] = max(sizes[first.ID.Pool], roles[first.Role], most)
	}
	return sizes
}

func (w *world) validAssignment(a Assignment, at string, fault faults) {
	if a.Name == "" {
		fault(at+".name", "a name is missing")
	}
	for i, name := range a.Upload {
		if slices.Contains(a.Upload[:i], name) {
			fault(index(at+".upload", i), "%q is named twice: what it names comes back once", name)
		}
	}
	to := a.To
	if len(to) == 0 {
		to = make([]ID, len(w.Offered))
		for i, p := range w.Offered {
			to[i] = p.ID
		}
	}
	once := w.names[a.Name] == 1 && ascending(to) // nobody is asked twice, and nobody need be remembered
	pool, size := "", w.sizes[""]
	for i, id := range to {
		if id.Pool != pool {
			pool, size = id.Pool, w.sizes[id.Pool]
		}
		if id.Index < 0 || id.Index >= size {
			fault(index(at+".to", i), "there is no participant %s", id)
		}
		if once {
			continue
		}
		if w.asked[key{id, a.Name}] {
			fault(at+".name", "%q is asked of %s twice: a name is unique among what a plan asks of one participant", a.Name, id)
			return
		}
		w.asked[key{id, a.Name}] = true
	}
}

// ascending says whether each is behind the one before, so that none is there twice.
func ascending(ids []ID) bool {
	for i := 1; i < len(ids); i++ {
		if ids[i-1].Compare(ids[i]) >= 0 {
			return false
		}
	}
	return true
}

// ValidateFold is [ValidatePlan] for the other call.
func ValidateFold(r FoldRequest, out FoldResponse, has func(Blob) bool) error {
	return gather(func(fault faults) {
		wellFormed(out.State, "state", true, fault)
		wellFormed(out.Deploy, "deploy", true, fault)
		wellFormed(out, "", false, fault) // a measurement may be no number
		known(out, has, fault)
		validState(out.State, fault)
		if out.Deploy != nil {
			validModel(*out.Deploy, "deploy", r.Scene, has, fault)
		}
		validInits(out.Init, "init", fault)
		for i, v := range out.Values {
			if v.Name == "" || v.Weight < 0 {
				fault(index("values", i), "%q with weight %g: a name and a weight of at least 0 are expected", v.Name, v.Weight)
			}
		}
		for i, n := range out.Notes {
			if len(n.Text) > MaxNoteBytes {
				fault(index("notes", i), "%d bytes about %s; %d are allowed", len(n.Text), n.About, MaxNoteBytes)
			}
		}
		for i, x := range out.Exports {
			if x.Name == "" || x.Blob == "" {
				fault(index("exports", i), "a name and a blob are expected")
			}
		}
		if !(out.Flops >= 0) {
			fault("flops", "%g is no amount of work", out.Flops)
		}
	})
}

func validState(s State, fault faults) {
	if len(s.Bytes) > MaxStateBytes {
		fault("state.bytes", "%d bytes; %d are allowed: what is larger goes into a blob", len(s.Bytes), MaxStateBytes)
	}
}

func known(v any, has func(Blob) bool, fault faults) {
	for _, b := range BlobsIn(v) {
		if !has(b) {
			fault("blobs", "there is no blob %q: names come from requests, or from Put", b)
		}
	}
}
