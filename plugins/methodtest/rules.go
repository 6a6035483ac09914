package methodtest

// Rule is one thing that every method holds to.
type Rule struct {
	Name string
	Text string // what it demands, as the author of a method should read it
	// holds returns what was seen where the rule is broken.
	holds func(*exam) error
	first bool // without it the others make no sense
}

// Rules are all rules, in the order in which they are tried.
func Rules() []Rule {
	return []Rule{
		{"card", "The card is complete, its defaults are allowed, and it is the same whenever it is asked for.", ruleCard, true},
		{"plays", "A plain trial of three rounds goes through, and every answer makes sense to a host: names are unique, blobs are known, state and notes keep their limits.", rulePlays, true},
		{"same-bits", "The same request gives the same answer, bit for bit, also when the reports are ranged over again.", ruleSameBits, false},
		{"restart", "Started again before every call, the method answers the same: between two calls it is nothing but its state.", ruleRestart, false},
		{"interleaved", "Two trials whose calls alternate in one process do not touch each other.", ruleInterleaved, false},
		{"elsewhere", "In a process of its own the method answers the same as in the host's.", ruleElsewhere, false},
		{"input", "Nothing that a request holds or a blob opens is written to.", ruleInput, false},
		{"borrowed", "What a blob of a report opened is not used after the loop over the reports moved on.", ruleBorrowed, false},
		{"any-subset", "Any non-empty subset of the reports folds, unless the card needs all-reports.", ruleAnySubset, false},
		{"one-participant", "With one participant, what is deployed is what that participant made: the centralised case.", ruleOneParticipant, false},
		{"small-state", "State.Bytes stays within 64 KiB after 10,000 participants.", ruleSmallState, false},
		{"stale", "If the card says Stale, reports of ages 0 to 5 fold.", ruleStale, false},
		{"deploy", "What is deployed answers for everybody, offered or never seen: it exists, its blobs open, and its adapters fit the base.", ruleDeploy, false},
		{"does-nothing", "A parameter at the value at which its line says that it \"does nothing\" adds nothing to a recipe.", ruleDoesNothing, false},
		{"chain", "Where the chain says how factors begin (Scene.Init), every adapter in training begins so, before the method's own Init.", ruleChain, false},
		{"grants", "No recipe asks for what the card does not list as a need.", ruleGrants, false},
		{"says", "What is trained, kept and deployed is as the card says (Weights, Routes, Trains, Keeps, Moves, Still): who reads a scenario before it runs goes by that.", ruleSays, false},
		{"check", "Check, if there is one, finds nothing wrong with a plain scene, says the same twice, and survives a scene with nothing in it.", ruleCheck, false},
	}
}

func known(rule string) bool {
	for _, r := range Rules() {
		if r.Name == rule {
			return true
		}
	}
	return false
}
