package actors

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// form is what is to be done, by however many.
type form struct {
	work  []byte        // a method.WorkRequest but for whom and draws
	names []method.Blob // that it names
}

// newForm is the form of a lease.
func newForm(work method.WorkRequest) (*form, error) {
	f := &form{}
	for _, a := range work.Assign {
		f.names = append(f.names, method.BlobsIn(a.Recipe)...)
	}
	for _, n := range slices.Concat(work.Kept, work.Sets) {
		f.names = append(f.names, n.Blob)
	}
	var err error
	f.work, err = methodpb.MarshalWorkRequest(work)
	return f, err
}

// unform is the way back of a lease's form.
func unform(l mesh.Lease) (method.WorkRequest, error) {
	work, err := methodpb.UnmarshalWorkRequest(l.Work)
	if err == nil && len(work.Assign) != len(l.Draws) {
		err = fmt.Errorf("it has %d assignments and %d draws", len(work.Assign), len(l.Draws))
	}
	work.Whom, work.Draws = l.Key.Whom, l.Draws
	return work, err
}
