package method

import "context"

// MethodWithSequel is the stand-in, at the host, for a method that runs elsewhere: it can be told
// with a fold of the plan that follows, so that the answers to both need one way there and back. No
// author of a method implements it.
type MethodWithSequel interface {
	Method
	// FoldWithSequel is Fold. next is what the plan after it will be asked with, but for its
	// state, which is the one that this fold answers. sequel is nil where nobody thinks about it
	// yet; else it is to be asked for that plan, or dropped.
	FoldWithSequel(ctx context.Context, r FoldRequest, next PlanRequest) (out FoldResponse, sequel Sequel, err error)
}

// Sequel is the plan that follows a fold, on its way before it was asked for.
type Sequel interface {
	// Plan is [Method].Plan. A request that is another than was foreseen is asked anew.
	Plan(context.Context, PlanRequest) (PlanResponse, error)
	// Drop says that nobody will ask.
	Drop()
}
