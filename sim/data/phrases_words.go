package data

import (
	"slices"
	"strings"
)

// field is a group of words that go together: they share a clause.
type field struct{ adjectives, nouns, verbs []string }

// words makes a field from three lists.
func words(adjectives, nouns, verbs string) field {
	return field{strings.Fields(adjectives), strings.Fields(nouns), strings.Fields(verbs)}
}

// fields are the twelve of the corpus; no word is in two of them.
var fields = []field{
	words("salty calm deep foaming", "gull boat wave sailor reef anchor", "drifts dives sinks splashes"),
	words("warm spicy sweet crisp", "soup bread cook pan pepper cake", "simmers bakes fries rises"),
	words("mossy green wild shady", "oak fox owl fern badger stream", "rustles hides grows prowls"),
	words("clever eager curious patient", "pupil teacher book lesson pencil answer", "reads learns writes counts"),
	words("cheap busy fresh noisy", "seller stall basket coin apple crowd", "bargains sells weighs shouts"),
	words("loud gentle tuneful slow", "fiddle singer drum choir melody dancer", "sings plays hums echoes"),
	words("grey stormy windy damp", "cloud rain thunder fog storm breeze", "pours blows rumbles clears"),
	words("dusty long narrow steep", "truck rider bridge bend wheel signpost", "turns rolls climbs stops"),
	words("dark starry silent pale", "moon bat lantern dream shadow comet", "glows sleeps flickers fades"),
	words("muddy woolly tame plump", "cow barn sheep plough farmer hen", "grazes bleats digs feeds"),
	words("sharp heavy rusty oiled", "hammer saw engine smith bolt anvil", "bangs cuts hisses spins"),
	words("frozen white icy bitter", "glacier sledge bear peak husky drift", "melts glides freezes cracks"),
}

var (
	// The habit of all topics is the first determiner; see habit's zero value.
	determiners = []string{"the", "one", "each", "this"}
	connectives = []string{"and", "then", "while", "but"}
	// topicNames are words of their own: what a topic favours is drawn, not told by its name.
	topicNames = []string{"harbour", "tavern", "meadow", "academy", "bazaar", "theatre", "tower", "highway", "castle", "village", "foundry", "summit"}
)

// phrasesWords is the closed vocabulary, whatever the parameters: a base that was pre-trained
// on few topics can be asked about more.
func phrasesWords() []string {
	list := slices.Concat([]string{".", ":"}, determiners, connectives, topicNames)
	for _, f := range fields {
		list = slices.Concat(list, f.adjectives, f.nouns, f.verbs)
	}
	return list
}
