// Package methodpb is the seam of plugins/method as protobuf messages: what travels
// between the host and a plugin process.
//
// Every type of plugins/method has a message of the same name, and a pair of functions:
// FromFit(method.Fit) *Fit and ToFit(*Fit) method.Fit. Both are total and lose nothing
// (nil and empty lists are the same). What cannot travel is left to plugins/remote:
// [method.Blobs] become questions, [method.Reports] become batches.
//
// The package refuses to judge: a recipe that makes no sense arrives as it was sent.
//
// One .proto file for each subject, with its conversions beside it: card, plan, recipe,
// part, loss, data, model, fold, blob, sockets. Read service.proto for the
// conversation of a call. The .pb.go files are generated from them by buf and
// committed: `make generate`. Reports and those offered, of which a message holds as many
// as there are participants, are written and read by hand, in the same form: batch.go and begin.go, the latter also
// for the plan that follows a fold, with writer.go and scanner.go.
package methodpb

//go:generate sh -c "cd ../.. && go run github.com/bufbuild/buf/cmd/buf@v1.75.0 generate"
