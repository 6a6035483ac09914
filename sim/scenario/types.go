package scenario

// Scenario is one question asked of a simulated world, with every choice made: nothing in
// it varies any more. A [Document] is the same with lists under `vary`; sim/plan turns a
// document into scenarios. Field comments give the word in YAML, unit and default; the
// generated reference and the JSON Schema are made from this file.
type Scenario struct {
	Version    int          // `version`: 1
	Name       string       // `name`: lower case, digits, dashes
	Question   string       // `question`: one sentence that the report answers
	Bases      []Base       // `bases`, in order of their names
	Data       []Data       // `data`, in order of their names
	Devices    []Device     // `devices`, in order of their names
	Population []Pool       // `population`, in order of their names
	Stages     []Stage      // `stages`
	Grants     []Grant      // `grant`, in order of their names
	Method     []Member     // `method`: the chain
	Evaluate   []Evaluation // `evaluate`
	Seed       uint64       // `seed`: first seed; default 1
	Budget     Budget       // `budget`
}

// Base is a base model, of exactly one kind: a Hugging Face folder, a recipe, or the name of one.
type Base struct {
	Name    string
	HF      string // `hf: DIR`: config.json, safetensors, tokenizer.json
	Classes string `json:",omitempty"` // `classes: DATA`: whose answers an encoder without a head tells apart
	Weights string `json:",omitempty"` // `weights: bf16`: of a folder, rounded as they are read; "": as stored
	// `precision: bf16|f16`: both sides of products by frozen weights are rounded to it; "": float32
	Precision string `json:",omitempty"`
	Recipe    *Recipe
	Builtin   string // `builtin: NAME`: a recipe known by name; written out into Recipe, and empty then
	Reads     string `json:",omitempty"` // `reads: DATA`, of builtin; likewise
	Adapter   string `json:",omitempty"` // `adapter: DIR`: a PEFT folder to start from
}

// Recipe is a base that the scenario makes for itself and caches by hash.
type Recipe struct {
	Family   string // `family`: "llama"
	Image    int    `json:",omitempty"` // `image`: side of the pictures that a ViT reads, in pixels
	Patch    int    `json:",omitempty"` // `patch`: side of its pieces
	Channels int    `json:",omitempty"` // `channels`: 1 (gray) or 3
	Width    int    // `d`
	Blocks   int    // `layers`
	Heads    int    // `heads`
	KVHeads  int    // `kv_heads`; default: heads
	Hidden   int    // `hidden`, of the MLP; default: ⌈8d/3⌉ rounded up to 8
	Vocab    int    `json:",omitempty"` // `vocab`: pieces of a trained BPE; default 0: words
	Context  int    // `context`: longest sequence in tokens; default 128
	Window   int    `json:",omitempty"` // `window`: places that one place sees, of families with a sliding window
	Tied     bool   // `tied`: head tied to the embedding; default true
	Pretrain Pretrain
}

// Pretrain says what a recipe's base has seen before the scenario begins.
type Pretrain struct {
	Data   string  // `data`: an entry of `data`; its texts also make the vocabulary
	Tokens int     // `tokens`: how many to train on
	Batch  int     // `batch`: sequences a step; default 32
	Rate   float64 // `lr`; default 3e-3, cosine to zero after 5 % warm-up
	Seed   uint64  // `seed`; default 1
}

// Data is a data set, of exactly one kind: a known layout, files, or a generator.
type Data struct {
	Name     string
	Set      string            // `set: NAME`: dolly
	Path     string            // `path: DIR` of a set
	File     string            // `file: GLOB`
	Form     string            // `form: instruction|classification|language-model|windows` of files
	Format   string            // `format: jsonl|csv|tsv|text|parquet|idx|lamp` of files
	Generate string            // `generate: NAME`
	With     map[string]any    // `with`: parameters of the generator
	Columns  map[string]string // `columns: {prompt: question, answer: reply, label: y, …}`
	Template string            // `template`: "{instruction}\n{context}"; default "{prompt}"
	By       string            // `by`: the column that split and reports group by
	Valid    float64           // `valid`: share of each shard kept for validation, by hash of the row; default 0.05
	Test     string            // `test`: GLOB of the files that make the test set; sets and generators know theirs
	Limit    int               // `limit`: at most so many training examples; 0: all
	Tokens   int               // `tokens`: longest example in tokens, prompt and answer; 0: the base's context
	Label    string            // `label`: the column of the class, which is the answer
	Groups   []string          // `groups`: columns of protected attributes
	Tasks    Tasks             // `tasks`: what makes tasks; default: one
}

// Tasks says how the examples of a data set make tasks: by a column, or by classes.
type Tasks struct {
	By    string // `by`: a task for each value of the column
	Cut   int    // `cut`: a task for so many classes
	First int    // `first`: only so many tasks; 0: all
	Order int    // `order`: number of an order by chance; 0: as they come
}

// Some says whether there are tasks.
func (t Tasks) Some() bool { return t.By != "" || t.Cut > 0 }

// Device is a class of devices, or a file of them. Quantities are in base units: FLOP/s, bytes, bytes/s,
// seconds, joules.
type Device struct {
	Name        string
	FlopsPerSec float64 // `flops: 20 GFLOPS`
	MemoryBytes float64 // `memory: 512 MB`
	UpPerSec    float64 // `up: 10 Mbps`, in bytes/s here
	DownPerSec  float64 // `down`
	LatencySec  float64 // `latency: 30 ms`
	JitterSec   float64 // `jitter`
	Share       float64 // `share` of the mixture; default 1
	Energy      Energy  // `energy`; default: not counted
	Trace       string  // `trace`: a file of devices, in the place of the quantities
	Hours       []Hours // of a device of a trace: when it can be reached; none: always
	PeriodHours float64 // after which those come again
}

// Hours are a stretch of time, counted in hours from the beginning.
type Hours struct{ From, Until float64 }

// Energy is the power that a device draws, in watts: Watts whatever it does, or each by itself.
type Energy struct {
	Watts float64 // `energy: 4 W`
	Work  float64 // `work`: while it computes
	Up    float64 // `up`: while it sends
	Down  float64 // `down`: while it receives
}

// Joules is what a device draws that computes, sends and receives for so many seconds.
func (e Energy) Joules(workSec, upSec, downSec float64) float64 {
	if e.Watts > 0 {
		return float64(e.Watts * (workSec + upSec + downSec))
	}
	return float64(e.Work*workSec) + float64(e.Up*upSec) + float64(e.Down*downSec)
}

// Pool is a population of participants.
type Pool struct {
	Name   string
	Count  int     // `count`; 0: as many as a natural split, or one of users, has
	Data   string  // `data`: an entry of `data`; default: the only one
	Split  Split   // `split`; default iid
	Ranks  []Share // `rank: n` or `{rank: share}`; none: no limit
	Device []Share // `device: NAME`, `{NAME: share}` or a list, by the devices' own shares; none: the built-in "server" device
	Offer  Offer   // `offer`; default all
	Reach  Reach   // `available`; default always
	Faults Faults  // `faults`, over those of the world; default none
	Upload Upload  // `upload`; default: updates travel as they are
	Per    Per     // `per`; default: none
	Of     string  // `of`: the pool inside whose participants these live
}

// Per says for what a pool has participants: each task of its data, or so many for each
// participant of another pool.
type Per struct {
	Kind string // "task"; "" with N
	N    int    // inside each of the pool `of`
}

// Faults say how often something goes wrong with what a participant is asked: each a share
// of its leases, drawn by name, so that all methods meet the same.
type Faults struct {
	DropOut float64 // `drop-out`: it never begins
	Lost    float64 // `lost-upload`: the work is done, and what it made does not arrive
	Slow    float64 // `slow`: all takes `times` as long
	Times   float64 // `times`; default 3
	Partial float64 // `partial`: it stops in the midst of a Fit
	Corrupt float64 // `corrupt`: what arrives is not what was sent
}

// Upload says what becomes of updates on their way up: clipped, then with noise, then encoded.
type Upload struct {
	Encode string  // `encode: f16|bf16|int8`; "": float32
	Clip   float64 // `clip`: norm of a change at most; 0: any
	Noise  float64 // `noise`: standard deviation of each number, in multiples of clip
}

// Reach says when participants can be offered.
type Reach struct {
	Kind     string  // "always"; "diurnal", which is 8 hours; "hours", "share"
	Hours    float64 // hours: a stretch of each simulated day, beginning at an hour of each one's own
	Share    float64 // share: of all hours, each by a coin
	JoinsSec float64 // `joins`: each is first there at a moment drawn from so long a time
}

// Share is one entry of an exact division: names or ranks with their shares, dealt by
// largest remainder in the order of a named permutation.
type Share struct {
	Name  string // device class
	Rank  int
	Share float64
}

// Split is the rule that makes shards, of exactly one kind.
type Split struct {
	Kind  string  // "iid", "dirichlet", "shards", "natural", "users", "drawn"
	Alpha float64 // dirichlet: concentration; drawn: that of each one's mix, 0 for none
	Each  int     // shards: how many a participant gets; drawn: how many rows
	Part  string  // users: "pool" or "test"
	Test  float64 // users: `share`, of those who are tested
	By    string  // natural: the column; users: default "user"; dirichlet, shards and a drawn mix: default the data's `by`
}

// Offer is how a pool is offered to methods, round by round.
type Offer struct {
	Kind string // "all", "draw", "sweep"
	N    int    // draw, sweep: so many a round
	Of   int    `json:",omitempty"` // sweep: so many in all; 0: everyone
}

// Stage is a stretch of the scenario in which the world shows the same data.
type Stage struct {
	Name  string
	Per   string           // `per`: "task", a stage for each
	Of    string           // `of`: the data whose tasks they are
	Show  string           // "all", "current", "seen", "none": what participants see of their shards
	Base  string           // `base`; default: the only one, or "main"
	At    Arrival          // `at`; default: when the one before ends
	Offer map[string]Offer // `offer` by pool; default: as the pools say
}

// Arrival is when a stage begins, unless the one before has not ended by then.
type Arrival struct {
	Sec      float64 // `at: 2h`, virtual
	EverySec float64 // `at: {every: 2h}` of a stage for each task: the first at 0
}

// Of is when the stage of a task comes, in virtual seconds; the first task is 0.
func (a Arrival) Of(task int) float64 { return a.Sec + float64(float64(task)*a.EverySec) }

// Grant allows a need that a card lists.
type Grant struct {
	Need   string
	Amount float64 // number or share; meaningless with All
	All    bool
}

// Member is one method of the chain.
type Member struct {
	Use    string            // `use`: the method's name
	With   map[string]any    // `with`: its parameters, as written
	Roles  map[string]string // `roles: {detector: client}`
	In     []string          // `in`: names of stages; none: all
	Rounds int               // `rounds`; 0: until it has finished
	Regime Regime            // `regime`; default sync
	Init   string            // `init: {from: chain}`
}

// Regime is how rounds close.
type Regime struct {
	Kind        string  // "sync"
	DeadlineSec float64 // `deadline: 120s`
	Over        float64 // `over`: times the cohort are asked
	Flying      int     // `flying`
	Close       int     // `close`
}

// Evaluation is one line of `evaluate`: a Score of the deployed model, asked by the
// scenario.
type Evaluation struct {
	At      string   // `at`: "end", "stage-end", "start"; or
	Every   int      // `every` so many rounds; the last round counts too
	On      string   // `on`: "test", "valid", "train"; default test
	Of      string   // `of`: a pool, each of whose participants answers with what it keeps; "": one model for all
	Each    string   // `each`: "participant", only with of, or "task": for each by itself as well
	By      []string // `by`: columns that make groups
	Metrics []string // `metrics`; default loss
	Limit   int      // `limit`: at most so many examples; 0: all
	After   *Tuning  `json:",omitempty"` // `after`: a few steps on each participant's own examples before
}

// Tuning is what each participant trains before an evaluation, for it alone.
type Tuning struct {
	Steps int     // `steps`
	Batch int     // `batch`; default 8
	Rate  float64 // `lr`; default 3e-3
}

// Budget ends a trial early.
type Budget struct {
	Rounds int
	Sec    float64 // virtual
	Bytes  float64
}
