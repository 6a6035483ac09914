package flora

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// merged is the model with adapters added into its weights, in order.
func merged(start method.Model, blobs []method.Blob) method.Model {
	start.Attach = slices.Clone(start.Attach)
	for _, b := range blobs {
		start.Attach = append(start.Attach, method.Attach{
			// The place makes the name unique, also where a chain merges twice.
			Name:  fmt.Sprintf("merged.%d", len(start.Attach)),
			From:  method.From{Blob: b},
			Merge: true,
			Scale: 1,
		})
	}
	return start
}

// beside is the model with one adapter that runs beside its weights.
func beside(start method.Model, b method.Blob) method.Model {
	return withOwn(start, method.From{Blob: b})
}

// withOwn is the model with an adapter, of which some may be what each participant keeps.
func withOwn(start method.Model, from method.From) method.Model {
	start.Attach = append(slices.Clone(start.Attach), method.Attach{Name: upload, From: from, Scale: 1})
	return start
}
