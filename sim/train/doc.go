// Package train carries out the verbs of a recipe with the engine of linalg: it is the
// built-in trainer, one [Trainer] for each slot of a worker.
//
// What goes in is one lease, a method.WorkRequest, with what its participant keeps; what
// comes out are its reports, and what it keeps now. Work is
// a pure function of the request and the world: who does it, when, and how often changes
// nothing. Draws come from the seeds in the request.
//
// The package refuses to know rounds, methods, virtual time and cost. What the seam allows
// and this version does not carry out is refused by name, see [Carries]; no field of a
// recipe is ever ignored. Read fit.go, score.go and probe.go; objective.go for what a Fit
// descends on, lesson.go for terms over the data and pull.go for those over weights;
// model.go for how a method.Model
// becomes weights and branches; merged.go for bases that grow by a merge a round; sources.go
// and store.go for what is kept; memory.go for what a Fit that resumes goes on from.
package train
