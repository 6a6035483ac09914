package remote

import (
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodpb"
)

// place adds where the blobs of a batch lie. One that the store does not have has no
// place; whoever opens it is told.
func (h *host) place(batch *methodpb.Reports) {
	batch.Places = make([]methodpb.Spot, 0, 2*len(batch.List))
	var last [2]method.Blob // made, and begun from: of this most are one
	var at [2]methodpb.Spot
	for i := range batch.List {
		for k, list := range [...][]method.Named{batch.List[i].Made, batch.List[i].Began} {
			for _, n := range list {
				if n.Blob != last[k] {
					last[k], at[k] = n.Blob, h.spot(batch, n.Blob)
				}
				batch.Places = append(batch.Places, at[k])
			}
		}
	}
}

// spot is where a blob lies.
func (h *host) spot(batch *methodpb.Reports, b method.Blob) methodpb.Spot {
	at, err := h.blobs.(handles).Handle(b)
	if err != nil {
		return methodpb.Spot{}
	}
	return methodpb.Spot{Path: path(batch, at.Segment), Offset: at.Offset, Length: at.Length}
}

// path is the number of a file in a batch, from 1. Most blobs lie where the one before does.
func path(batch *methodpb.Reports, name string) int {
	for i, p := range slices.Backward(batch.Paths) {
		if p == name {
			return i + 1
		}
	}
	batch.Paths = append(batch.Paths, name)
	return len(batch.Paths)
}
