package actors

import "github.com/loramesh/loramesh/sim/world"

// larder keeps what the trials of one run share.
type larder struct {
	run     string // all trials whose names begin with it
	assets  *world.Assets
	regions []*region // in which weights of theirs lie
}

// assets are those of the run that a trial is of, loaded once for all its trials.
func (h *hand) assets(trial string, b brief, d depot) *world.Assets {
	run := crewOf(trial)
	if h.larder.run != run {
		h.emptyLarder()
		h.larder = larder{run: run, assets: world.NewAssets(nil, nil, nil)}
	}
	h.larder.assets.From(d, d)
	if b.near() {
		h.larder.assets.Sharing(h.larder.sharing(b.Common, h.options.Log))
	}
	h.larder.assets.Until(d.ctx)
	return h.larder.assets
}

// emptyLarder lets go of what the run before has left.
func (h *hand) emptyLarder() {
	if err := h.larder.close(); err != nil {
		h.options.Log.Warn("memory that a run shared could not be let go of", "error", err)
	}
}
