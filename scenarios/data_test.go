package scenarios

import "maps"

// What the scenarios on real data leave to their user, and how many trials they expand to.
var (
	needsOfData = map[string][]string{
		"federated/smollm2-dolly": {"bases.main.hf=DIR", "data.dolly.path=DIR"},
		"federated/shakespeare":   {"data.plays.path=DIR", "data.wiki.path=DIR"},
		"federated/clinc150":      {"data.intents.path=DIR", "data.wiki.path=DIR"},
		"continual/clinc150":      {"data.intents.path=DIR"},
		"continual/digits":        {"data.digits.path=DIR"},
		"continual/sentiment":     {"data.opinions.path=DIR"},
		"continual/intents":       {"data.intents.path=DIR"},
	}
	trialsOfData = map[string]int{
		"federated/smollm2-dolly": 4, "federated/shakespeare": 3, "federated/clinc150": 3, "continual/clinc150": 12, "continual/digits": 18, "continual/sentiment": 15, "continual/intents": 18, "continual/made": 3,
		"continual/pairs": 30, "continual/modalities": 36,
	}
)

func init() { maps.Copy(needs, needsOfData) }
