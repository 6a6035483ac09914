// Package scenario turns a YAML file into a [Scenario]: a question asked of a simulated
// world, with every choice made and every default filled in.
//
// What goes in is text and the words of --set; what comes out is a [Document] or a list of
// [Problem] values, all of them at once, each with its place and a cure. A document whose
// `vary` is empty is one scenario; sim/plan multiplies the others out.
//
// The package refuses to know files, methods and numbers: it opens nothing, has never
// heard of FLoRA and trains nothing. Whether a parameter suits a method is asked in
// sim/plan, whether a folder holds a model in sim/base, both with places from
// [Document.At].
//
// The words of a scenario live in tables (table.go and its neighbours), one row a word:
// where its value lands in the types of types.go, what may stand there, its default and
// what it means. Reading, resolved.yaml, the JSON Schema and the reference are four walks
// over the same rows, so nothing in a file is ever ignored. A value that is said otherwise
// here is recognised and refused by name, with the words to use.
//
// A few things of YAML are left out on purpose, each refused with a reason: anchors,
// aliases and merge keys (a reader should see a value where it is used; what varies goes
// under `vary`), tags, and several documents in one file.
//
// Read in this order: types.go (what a scenario is), document.go (the way through), node.go
// and yaml.go (text to tree), kind.go (what a row can hold), table.go (the rows),
// references.go (what must fit together), vary.go and set.go (changing a tree), resolve.go
// and schema.go (the way back).
package scenario
