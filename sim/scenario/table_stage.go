package scenario

var stageTable = &record{
	name: "a stage",
	doc:  "A stretch of the scenario in which the world shows the same data.",
	fields: []field{
		{key: "name", kind: text{what: "a name", name: true}, to: at(func(s *Stage) any { return &s.Name }), says: "with per: tasks; else it must be given", doc: "Its name."},
		{key: "per", kind: choice{words: []string{"task"}}, to: at(func(s *Stage) any { return &s.Per }), says: "one stage",
			doc: "task: a stage for each task of the data, in their order, called NAME/TASK."},
		{key: "of", kind: text{what: "the name of a data set"}, to: at(func(s *Stage) any { return &s.Of }), says: "with per: the only one that has tasks", doc: "The data whose tasks they are."},
		{key: "show", kind: choice{words: []string{"all", "current", "seen", "none"}, here: map[string]string{
			"own": `a shard is its participant's own: write "all"`, "history": `what a user trains on is its history: write "all"`}},
			to: at(func(s *Stage) any { return &s.Show }), def: "all",
			doc: "What participants see of their shards. all: everything; current: the stage's task; seen: that and the tasks of the stages before; none: nothing, and everybody is offered all the same."},
		{key: "base", kind: text{what: "the name of a base"}, to: at(func(s *Stage) any { return &s.Base }), says: "the only one, or main", doc: "An entry of bases."},
		{key: "at", kind: arrivalKind, to: at(func(s *Stage) any { return &s.At }), says: "when the one before ends",
			doc: "When it begins, in virtual time, if the one before has ended; {every: 2h}: one after the other, the first at 0."},
		{key: "offer", kind: offersKind{}, to: at(func(s *Stage) any { return &s.Offer }), says: "as each pool says", doc: "Who is offered in it, by pool: {client: {draw: 5}}."},
	},
}

var arrivalKind = short{
	word: span,
	to:   at(func(a *Arrival) any { return &a.Sec }),
	record: &record{name: "an arrival", one: []string{"every"}, fields: []field{
		{key: "every", kind: wait, to: at(func(a *Arrival) any { return &a.EverySec }), doc: "From one of its stages to the next."},
	}},
}
