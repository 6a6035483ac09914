package method

// Recipe is what one participant does: [Fit], [Score], [Probe] or [Sample]. Its cost in
// FLOPs and bytes follows from itself and the participant's data, before it is done.
type Recipe interface{ verb() string }

// Fit trains parts of a model on data and returns them.
type Fit struct {
	Model     Model  // frozen, but for Train
	Train     []Part // what is trained, on top of Model
	Data      Data
	Objective []Term
	Optimiser Optimiser
	Schedule  Schedule
	Epochs    float64 // over the data; or
	Steps     int     // optimiser updates
	Batch     int     // 0: all examples at once
	Pile      int     // micro-batches per update; 0: 1
	Clip      float64 // global norm of the gradient; 0: none
	Resume    bool    // go on with the kept optimiser: moments, schedule, data order, state of terms
	Trace     int     // report the loss every so many updates; 0: first and last
}

// Score measures a model on examples: metrics by group, and a column if asked.
type Score struct {
	Model   Model
	Data    Data
	Metrics []string // names of the metric catalogue
	By      []string // columns whose values make the groups: "task"; "y", "s"
	Column  string   // keep the first metric of each example under this name
	Of      string   // an attached detector or head whose output is scored; "": the model's
}

// Probe measures a model from inside: statistics as tensors. Nothing is trained.
type Probe struct {
	Model Model
	Data  Data
	What  []Statistic
	By    []string // groups of rows; "example": a row each; none: one row for the participant
}

// Sample makes examples: a model writes them, or, without a model, they are drawn from
// Data (seeds, replay buffers). Examples travel as text, never as token numbers.
type Sample struct {
	Model  Model
	Data   Data   // what to continue or complete
	Shots  int    // so many examples of Data per prompt; 0: complete each example
	Count  int    // examples to make; 0: one for each of Data
	Into   string // name of the set; what is there already is added to
	Column string // write completions into this column of Data instead
	Unique bool   // drop exact duplicates
	Logits bool   // of a reservoir: what Model makes of an example is kept with it, for [Recall]
}

func (Fit) verb() string    { return "fit" }
func (Score) verb() string  { return "score" }
func (Probe) verb() string  { return "probe" }
func (Sample) verb() string { return "sample" }

// Data says which examples, in what order and how often. The zero value is "train",
// shuffled.
type Data struct {
	From    []Source // mixed within every batch by Share
	Where   []Cond   // all must hold
	Draw    Draw
	By      []string // groups for Balanced and Subsampled
	Weigh   []Weigh  // how often an example counts: the product of what matches
	Limit   int      // at most so many, after Where; 0: all
	Columns []Named  // a value per example of the first source, made by a Fold: LOF flags, clusters
}

// Source is a set of examples: the participant's own ("train", "valid", "history"), what all
// of its pool train on ("pool", where [NeedOnePlace] is granted), one that it keeps, or one
// that travels as a blob.
type Source struct {
	Name  string
	Blob  Blob
	Share float64 // of every batch; 0 for all sources: by size
}

// Weigh makes the examples that match count Times-fold: JTT's 1+λ, Kamiran and Calders' cells.
type Weigh struct {
	Where []Cond
	Times float64
}

// Cond compares a column with a value. Where the column is missing it does not hold. Of data
// from several sources the column "source" is the place of an example's in From, from 0.
type Cond struct {
	Column string
	Is     string // "=", "!=", ">", "<"
	Value  float64
}

// Draw is the order in which examples come.
type Draw string

const (
	Shuffled   Draw = "shuffled"
	InOrder    Draw = "in-order"
	Balanced   Draw = "balanced"   // with replacement, each group equally often
	Subsampled Draw = "subsampled" // each group cut to the smallest
	Reservoir  Draw = "reservoir"  // of a Sample: the set it draws into holds Count of all that ever passed
)

// Part is something a Fit trains: [LoRA], [Keys], [Head], [Detector], [Weights], [Soft].
type Part interface{ part() }

// From is where a part or attachment comes from: Blob over what is kept over Init, factor
// by factor. FedSA gets A by Blob and B from what it kept; at first B comes from Init.
// A start keeps its delta: where rank or scale differ, leading rows are taken and B is
// rescaled. What is kept nowhere is left out of an attachment.
type From struct {
	Blob Blob
	Kept bool
}

// LoRA is a pair of factors per module.
type LoRA struct {
	Name    string
	Modules []string // patterns: "*.q", "4-7.v", "*"
	Rank    int      // or [OwnRank]; ranks in From.Blob or Given win, module by module; clamped to min(Out, In) with a warning
	Form    string   // "" or "dora": with magnitudes
	Scale   float64  // s in s·B·A, what others call alpha/rank or alpha/√rank; 0 is refused
	Dropout float64
	Freeze  string // "", "A" or "B"
	From    From
	Init    []InitAt // first match wins
	Shared  bool     // random inits are drawn once a round for all who are asked, not per participant
	Rates   []RateAt // multiples of the learning rate
}

// InitAt is an init for the modules that match.
type InitAt struct {
	Modules string
	Init    Init
}

// RateAt multiplies the learning rate of the modules and factor ("", "A", "B") that match.
type RateAt struct {
	Modules string
	Factor  string
	Times   float64
}

// Keys trains the gate vectors of attachments that have a Sigmoid gate.
type Keys struct {
	Name string
	Of   []string
	From From
}

// Head is a linear map from pooled features to outputs.
type Head struct {
	Name        string
	Outputs     int
	Hidden      []int
	Standardise bool // of features by the training data; folded into the weights
	From        From
}

// Detector reads the tokens after a block: attention pooling, an MLP, a probability.
type Detector struct {
	Name    string
	After   int
	Hidden  []int
	Outputs int // 0: one probability
	From    From
}

// Weights trains the base itself: full fine-tuning, ERM before a fairness method.
type Weights struct {
	Name    string
	Modules []string // none: all
	From    From
}

// Soft is a trained prompt of so many vectors.
type Soft struct {
	Name   string
	Tokens int
	Text   string // what it begins as
	From   From
}

func (LoRA) part()     {}
func (Keys) part()     {}
func (Head) part()     {}
func (Detector) part() {}
func (Weights) part()  {}
func (Soft) part()     {}

// Optimiser is AdamW unless named.
type Optimiser struct {
	Name     string // "adamw", "sgd"
	LR       float64
	Decay    float64
	Beta1    float64 // 0: 0.9
	Beta2    float64 // 0: 0.999
	Momentum float64 // sgd
}

// Schedule of the learning rate over Total updates (0: those of this Fit).
type Schedule struct {
	Name   string  // "constant", "linear", "cosine"
	Warmup float64 // fraction of Total
	Total  int
}
