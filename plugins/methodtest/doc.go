// Package methodtest is the exam that every method passes: the rules of plugins/method,
// each by name, tried on worlds that are made up for it.
//
// A method's own test is three lines, and examines it in this process and in another:
//
//	func TestMain(m *testing.M) { methodtest.Main(m, Set()) }
//	func TestExam(t *testing.T) {
//		for _, m := range Set() { methodtest.Exam(t, m) }
//	}
//
// [Run] is the same without package testing, for plugins that are programs.
//
// What goes in is a method; what comes out are the rules that it broke, each with what
// was seen. The worlds have a base with named modules, pools of participants with unequal
// ranks and data, and participants that answer at once with adapters of the right shapes
// and random numbers. Nothing is trained: the exam refuses to know whether a method is any
// good.
//
// Read rules.go (the list), exam.go, script.go and trial.go (a round), participant.go (what
// comes back); rule_*.go are the rules.
package methodtest
