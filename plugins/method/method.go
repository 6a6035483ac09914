// Package method is what a LoRA method is, and all that its author imports.
//
// A method never calls; it asks. [Method.Plan] returns assignments, the host has
// participants carry them out, [Method.Fold] is told what came back. Between two
// calls a method is nothing but its [State]: it can be killed, restarted, resumed
// and forked after any call.
//
// Read in this order: this file, plan.go (what may be asked, and of whom),
// recipe.go (the four verbs), model.go (what a participant works on), fold.go
// (what comes back). catalogue.go is for looking things up.
//
// Three rules, checked by the exam in plugins/methodtest:
//   - the same request gives the same response, bit for bit;
//   - a method is written over a cohort: one participant is the small case;
//   - what Fold is not given it does not wait for: any non-empty subset will do,
//     unless the card says [NeedAll].
package method

import "context"

// Method is one LoRA method as a quiet state machine.
//
// Optional powers, found by type assertion: [MethodWithCheck]; of hosts' stand-ins for methods, [MethodWithSequel].
type Method interface {
	// Describe says who the method is. It is constant.
	Describe() Card
	// Plan says what should be done next, or that the stage is finished.
	Plan(context.Context, PlanRequest) (PlanResponse, error)
	// Fold is told what came of it. It is never called without a report.
	Fold(context.Context, FoldRequest) (FoldResponse, error)
}

// MethodWithCheck is a method that refuses some scenarios before they start.
type MethodWithCheck interface {
	Method
	// Check returns what is wrong, each problem with the parameter or scenario
	// field it is about; an error is for when checking itself failed.
	Check(context.Context, Scene) ([]Problem, error)
}

// Problem is a fault in a scenario as its author should read it.
type Problem struct {
	Path string // "params.rank", "population.client.rank"
	Text string // what was expected, and a suggestion
}

// Card is a method's self-description; scenarios are validated against it.
type Card struct {
	Name   string  // "flora": lower case, unique
	Title  string  // one line for `simrun plugin list`
	Paper  string  // citation; empty for controls
	Params []Param // see [Values] for reading them
	Roles  []Role  // pools it addresses; the scenario must have them
	Needs  []Need  // what it must be granted; granted needs are printed in every report
	Stale  bool    // Fold accepts reports of earlier rounds (overlapping regimes)

	// What follows is for who reads a scenario before it runs; no run depends on it. See [Card.Binding].
	Weights bool     // trains the weights themselves, and no adapter
	Routes  bool     // deploys routers, or experts that a task's name finds: metrics of routers can be had
	Trains  []string // names of the adapters that participants train
	Keeps   []string // those of them that each participant keeps, and is answered with
	Moves   bool     // leaves an init that is taken out of the weight: Spectral, or Given with Residual
	Still   string   // why such an init cannot be taken, as "its server draws what all share"; "": it can
	Alike   bool     // such an init can be taken at equal ranks alone, for all must begin at one start
}

// Param is one parameter of a method.
type Param struct {
	Name     string
	Kind     Kind
	Default  any      // int, float64, bool, string or []float64, as Kind says
	Min, Max float64  // both 0: no bounds
	OneOf    []string // for Text
	Doc      string   // unit, paper's symbol, and the value at which it does nothing
}

// Kind is the type of a parameter.
type Kind string

const (
	Int    Kind = "int"
	Float  Kind = "float"
	Flag   Kind = "flag"
	Text   Kind = "text"
	Floats Kind = "floats"
)

// Need is a permission beyond a participant's own visible data. The scenario grants
// it, the host enforces it, and methods with unlike needs are never ranked together
// without saying so.
type Need string

const (
	NeedTrainGroups Need = "groups-in-training"  // group labels of training examples
	NeedTestGroups  Need = "groups-at-test"      // FairNet-Full, group thresholds
	NeedTestTask    Need = "task-at-test"        // oracle routing
	NeedPast        Need = "data-of-past-stages" // joint training
	NeedOnePlace    Need = "data-in-one-place"   // centralised training: what all of a pool see
	NeedExamples    Need = "examples-may-leave"  // replay buffers, seeds
	NeedFeatures    Need = "features-may-leave"  // per-example features: LOF, retrieval index
	NeedEqualRanks  Need = "equal-ranks"         // FedIT
	NeedAll         Need = "all-reports"         // nothing may be missing from a round
	NeedTokenizer   Need = "one-tokenizer"       // soft targets between two bases
)
