package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/ledger"
)

// heldEqual lists what the trials have in common, as their ledgers say: a fact that is
// not the same in all of them says so instead of vanishing.
func heldEqual(r *results.Run) []fact {
	if len(r.Trials) == 0 {
		return nil
	}
	out := []fact{{"seeds", seedWords(r)}}
	heads := make([]ledger.Trial, len(r.Trials))
	for i, t := range r.Trials {
		heads[i] = t.Head
	}
	for i, b := range heads[0].Bases {
		out = append(out, same("base “"+b.Name+"”", heads, func(h ledger.Trial) string { return contentAt(h.Bases, i) }))
	}
	for i, d := range heads[0].Data {
		out = append(out, same("data “"+d.Name+"”", heads, func(h ledger.Trial) string { return contentAt(h.Data, i) }))
	}
	if r.Manifest != nil {
		for _, text := range r.Manifest.Streams {
			name, what, _ := strings.Cut(text, ": ")
			out = append(out, fact{"tasks of " + name, what})
		}
	}
	for i, d := range heads[0].Devices {
		out = append(out, same("devices “"+d.Name+"”", heads, func(h ledger.Trial) string { return contentAt(h.Devices, i) }))
	}
	for i, p := range heads[0].Pools {
		name := "pool “" + p.Name + "”"
		out = append(out,
			same(name+", participants", heads, func(h ledger.Trial) string {
				return poolAt(h, i, func(p ledger.Pool) string { return inside(p) })
			}),
			same(name+", examples", heads, func(h ledger.Trial) string {
				return poolAt(h, i, func(p ledger.Pool) string { return fmt.Sprint(p.Examples) })
			}),
			same(name+", ranks", heads, func(h ledger.Trial) string { return poolAt(h, i, rankList) }))
	}
	out = append(out, same("numeric contract", heads, func(h ledger.Trial) string { return h.Contract }))
	return out
}

// same says what all heads agree on; where only trials of one seed agree, that is said;
// where not even those, which values there are.
func same(name string, heads []ledger.Trial, of func(ledger.Trial) string) fact {
	var all []string
	bySeed := map[uint64]string{}
	paired := true
	for _, h := range heads {
		v := of(h)
		if !slices.Contains(all, v) {
			all = append(all, v)
		}
		if before, met := bySeed[h.Seed]; met && before != v {
			paired = false
		}
		bySeed[h.Seed] = v
	}
	switch {
	case len(all) == 1:
		return fact{name, all[0]}
	case paired:
		return fact{name, "one per seed, the same in every arm"}
	}
	return fact{name, "not equal: " + strings.Join(all, " · ")}
}

// inside is how many are in a pool, and where they live if that is in another.
func inside(p ledger.Pool) string {
	if p.Of == "" {
		return fmt.Sprint(p.Size)
	}
	return fmt.Sprintf("%d, %d in each of %s", p.Size, p.Per, p.Of)
}

func contentAt(all []ledger.Content, i int) string {
	if i >= len(all) {
		return "none"
	}
	return "SHA-256 " + string(all[i].Blob[:min(12, len(all[i].Blob))]) + "…"
}

func poolAt(h ledger.Trial, i int, of func(ledger.Pool) string) string {
	if i >= len(h.Pools) {
		return "none"
	}
	return of(h.Pools[i])
}

// rankList counts equal ranks: "16, 8 ×2, 4 ×2, 2 ×3".
func rankList(p ledger.Pool) string {
	var words []string
	for _, h := range p.Holders() {
		w := fmt.Sprint(h.Rank)
		if h.Participants > 1 {
			w += fmt.Sprintf(" ×%d", h.Participants)
		}
		words = append(words, w)
	}
	if len(words) == 0 {
		return "no limit"
	}
	return strings.Join(words, ", ")
}

// seedWords says whether the arms have the same seeds: only then are they paired.
func seedWords(r *results.Run) string {
	arms := r.Summarise().Arms
	first := arms[0].Seeds()
	for _, a := range arms[1:] {
		if !slices.Equal(a.Seeds(), first) {
			return "not equal: the arms have different seeds, so their difference is not paired"
		}
	}
	text := make([]string, len(first))
	for i, s := range first {
		text[i] = fmt.Sprint(s)
	}
	return strings.Join(text, ", ") + " in every arm: the same participants, shards and batches for the same seed"
}

// varied lists the settings that the scenario varies, with their values.
func varied(r *results.Run) []fact {
	var out []fact
	for _, t := range r.Plan.Trials {
		for _, s := range t.Settings {
			i := slices.IndexFunc(out, func(f fact) bool { return f.Name == s.Path })
			if i < 0 {
				out = append(out, fact{s.Path, s.Value})
			} else if !slices.Contains(strings.Split(out[i].Value, " | "), s.Value) {
				out[i].Value += " | " + s.Value
			}
		}
	}
	return out
}
