// Package routing holds the methods that learn tasks one after the other: an expert for each
// task with a router that finds it (Dynamic Routing), and its rivals, which train one adapter
// on and on, hold it back, or merge what they learned apart.
//
// What goes in are plan and fold requests, what comes out are recipes and deployed models.
// A stage of the scenario is a task; its participants are offered in that stage and bring the
// task's data. Between two calls a method is nothing but its State: the blobs of its experts,
// by hash, with the names of their tasks. An expert that is registered is never trained,
// rescaled or averaged again: the same hashes stand in the state for ever.
//
// The package refuses to know data, metrics and the order of tasks, and it refuses to look at
// a past task's data: methods that need them say so on their card, and the scenario grants it.
//
// Read memory.go (the state) and expert.go (one task's training), then routing.go and
// router.go; shared.go is the one adapter that rivals train on, and each rival has a file.
package routing

import "github.com/loramesh/loramesh/plugins/method"

// Set is the package's methods, in the order in which lists print them.
func Set() []method.Method {
	return []method.Method{Routing(), Generic(), Retrieval(), Pooled(), Oracle(), Sequential(), Joint(), Replay(), DERPP(), EWC(), LwF(), OLoRA(), Arithmetic(), TIES(), DARE()}
}
