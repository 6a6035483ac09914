package method

// Model is how an input is answered: a prompt is built, a base runs, things are
// attached to it, gates decide where they act. It says everything by name and blob, so
// the same value serves training, evaluation and deployment, for one participant or all.
type Model struct {
	Base    string // a base of the scenario, or the blob of one that a Fit made
	Attach  []Attach
	Routers []Router
	Prompt  Prompt
	Decode  Decode // for text; the zero value is greedy
}

// Attach adds an adapter, dense delta, head or soft prompt to a base.
type Attach struct {
	Name  string
	From  From    // a blob, or what the participant keeps under Name: a personal model
	Merge bool    // add into the weights before work begins; else run beside them
	Scale float64 // on top of alpha/rank; 1 is as trained, 0 is refused: leave it out
	Rank  int     // use the leading rows only; 0: all; [OwnRank]
	Gate  Gate    // nil: always on
}

// OwnRank is the largest rank that the participant can hold.
const OwnRank = -1

// Gate decides per token or example how far one attachment acts: [Sigmoid] or [Switch].
type Gate interface{ gate() }

// Sigmoid scales the branch by σ(v·u) for each token u; v from Key, or trained ([Keys]).
type Sigmoid struct{ Key Blob }

// Switch rounds the branch on for whole examples, by the first of these that is set.
// With the switch off the logits are those of the base, bit for bit.
type Switch struct {
	Detector Blob // p(x) > Above, read after block After with this attachment off
	After    int
	Above    float64
	Column   string  // a column that is not 0: the true group, an oracle, an earlier Score
	Rate     float64 // a coin per example
}

// Router shares each token, example or batch among experts and adds what they say.
type Router struct {
	Over    []Expert
	By      Affinity
	Grain   Grain
	TopK    int     // renormalised over the kept; 0: all; a tie goes to the lowest index
	Raw     bool    // not renormalised
	Epsilon float64 // inside the standardisation
	Mix     Mix
	Below   float64 // no expert where the best score is lower
	Encoder string  // base that embeds the input, for Nearest
	Judge   Blob    // a detector with an output per expert, for Judged
	Column  string  // for ByColumn: names the expert
}

// Expert is an attachment seen by a router; an empty Attach is the null expert.
type Expert struct {
	Attach string
	Key    Blob // a vector per module; for Nearest: rows of example embeddings
}

// Affinity is how a router scores an expert.
type Affinity string

const (
	Standardised Affinity = "standardised" // std(v)·std(u)/√n, softmax
	Absolute     Affinity = "absolute"     // |v·u|: Arrow
	Nearest      Affinity = "nearest"      // closest stored embedding, whole sequence
	Judged       Affinity = "judged"       // a trained classifier: the upper bound that sees all data
	ByColumn     Affinity = "column"       // oracle
	Uniform      Affinity = "uniform"
)

// Grain is what a routing decision is made for.
type Grain string

const (
	Token    Grain = "token"
	Sequence Grain = "sequence"
	Batch    Grain = "batch" // once for all data of the work: PER-PCS
)

// Mix is what is added: outputs (Σ w·BAx) or factors ((Σ wB)(Σ wA)x).
type Mix string

const (
	Outputs Mix = "outputs"
	Factors Mix = "factors"
)

// Prompt says how an example becomes text.
type Prompt struct {
	Template string // name of a template of the data set
	Retrieve string // "": none, "bm25", "recent", "random", or the name of an encoder base
	From     string // set retrieved from: "history"
	TopK     int
	Leave    bool   // leave the example itself out: training on one's own history
	Past     bool   // only what is earlier than the example
	Profile  string // column of the participant's own text put in front
	Join     bool   // all examples as one text: user embeddings
}

// Decode says how text is drawn.
type Decode struct {
	Temperature float64
	TopP        float64
	TopK        int
	Tokens      int // at most
}
