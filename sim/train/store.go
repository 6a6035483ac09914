package train

import (
	"slices"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/plugins/method"
)

// store puts what is to be uploaded of the parts, whole or by factor, and what that began
// from, into blobs.
func (t *Trainer) store(j job, parts []*part, rep *method.Report) error {
	for _, p := range parts {
		rep.Warnings = append(rep.Warnings, p.warnings...)
		upload := j.assign.Upload
		if len(upload) == 0 {
			upload = []string{p.name}
		}
		for _, name := range upload {
			factor, ok := p.goesBy(name)
			if !ok {
				continue
			}
			var from *method.Tensors
			if len(p.began) > 0 { // weights begin at no change
				x, err := tensorsOf(p.began, factor)
				if err != nil {
					return err
				}
				began, err := t.blobs.Put(x)
				if err != nil {
					return err
				}
				from, rep.Began = &x, append(rep.Began, method.Named{Name: name, Blob: began})
			}
			x, err := tensorsOf(p.made(), factor)
			if err != nil {
				return err
			}
			made, err := t.upload(j, name, x, from)
			if err != nil {
				return err
			}
			rep.Made = append(rep.Made, method.Named{Name: name, Blob: made})
		}
	}
	return nil
}

// goesBy says whether a name is the part's, or that of a factor of it.
func (p *part) goesBy(name string) (factor string, ok bool) {
	if name == p.name {
		return "", true
	}
	of, factor, ok := method.Factor(name)
	return factor, ok && of == p.name
}

// put stores an adapter, or one factor of it.
func (t *Trainer) put(a lora.Adapter, factor string) (method.Blob, error) {
	x, err := tensorsOf(a, factor)
	if err != nil {
		return "", err
	}
	return t.blobs.Put(x)
}

// tensorsOf are those of an adapter, or of one factor of it.
func tensorsOf(a lora.Adapter, factor string) (method.Tensors, error) {
	if factor == "" {
		return a.Tensors(), nil
	}
	f, err := a.Only(factor)
	if err != nil {
		return method.Tensors{}, err
	}
	return f.Tensors(), nil
}

// keep stores what is to stay with the participant: parts or factors of them, what the
// optimiser remembers, or an attachment as it was given.
func (t *Trainer) keep(j job, f method.Fit, parts []*part, past *memory) error {
	for _, name := range j.assign.Keep {
		if name == method.KeptControl && controlled(f.Objective) {
			continue // storeControl has kept it
		}
		b, err := t.kept(j, f, name, parts, past)
		if err != nil {
			return err
		}
		if b != "" {
			*j.keeps = append(*j.keeps, method.Named{Name: name, Blob: b})
		}
	}
	return nil
}

// kept is one thing that is to be kept, or "" where there is nothing under that name.
func (t *Trainer) kept(j job, f method.Fit, name string, parts []*part, past *memory) (method.Blob, error) {
	if name == method.KeptOptimiser {
		return t.blobs.Put(past.tensors())
	}
	for _, p := range parts {
		if factor, ok := p.goesBy(name); ok {
			return t.put(p.made(), factor)
		}
	}
	i := slices.IndexFunc(f.Model.Attach, func(a method.Attach) bool { return a.Name == name })
	at := f.Model.Attach[i] // Carries has found it
	a, err := openAdapter(j.sources(at.Name, at.From), at.Rank, t.blobs)
	if err != nil || len(a) == 0 {
		return "", err
	}
	return t.blobs.Put(a.Tensors())
}
