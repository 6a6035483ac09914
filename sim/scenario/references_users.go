package scenario

// users completes a split by users, and asks that the pools of the same data mean the same
// parts: else somebody who is tested could be learned from.
func (f finisher) users(at string, i int) {
	p := &f.s.Population[i]
	if p.Split.Kind != "users" {
		return
	}
	if p.Split.By == "" && !f.given(at+"split.by") {
		p.Split.By = "user"
	}
	for _, q := range f.s.Population[:i] {
		if q.Split.Kind != "users" || q.Data != p.Data || p.Split.Test == 0 || q.Split.Test == 0 {
			continue
		}
		if q.Split.Test != p.Split.Test {
			f.accuse(at+"split.share", "%g was expected, as in pool %q of the same data: otherwise some users would be in both parts", q.Split.Test, q.Name)
		}
		if q.Split.By != p.Split.By {
			f.accuse(at+"split", "users by %q were expected, as in pool %q of the same data; write by: %s", q.Split.By, q.Name, q.Split.By)
		}
	}
}
