package method

// Term is one weighted loss. Weight is always written: 0 switches a term off.
type Term struct {
	Weight float64
	Loss   Loss
	Where  []Cond // only these examples of a batch
}

// Times is a term: Times(0.1, Tail{…}).
func Times(weight float64, l Loss) Term { return Term{Weight: weight, Loss: l} }

// Loss is a term of an objective. Each reports its own value as "<loss>" and, where it
// has one, a diagnostic ("triplet.active").
type Loss interface{ loss() }

type (
	// CrossEntropy of the answer's tokens or of the class; rows without a target are skipped.
	CrossEntropy struct {
		Of     string // a trained detector or head; "": the model's output
		Target string // column; "": the label
		Inputs bool   // text: count the prompt too
		Even   bool   // weight classes by inverse frequency in the data
	}
	// Distill is τ²·KL(teacher‖student) on the same inputs. Another base needs [NeedTokenizer].
	Distill struct {
		Teacher Model
		Tau     float64
	}
	// Recall is Σ(z − z₀)² over the classes of every label, raw logits, z₀ being those that
	// examples were kept with ([Sample.Logits]): dark experience replay. Of those without it is
	// nothing.
	Recall struct{}
	// Triplet is max(0, D(z,μ_y,0) − D(z,μ_n,0) + Margin), n the nearest other class.
	Triplet struct {
		Prototypes Blob   // rows named by cell
		Distance   string // "unit" (Euclidean on the unit sphere), "euclidean", "squared"
		Margin     float64
		Even       bool // weight pivots by inverse class frequency in the batch
	}
	// Quadratic is Σ F(θ−θ*)², no ½, with a Fisher (EWC); ½ Σ (θ−θ*)² without (proximal).
	Quadratic struct {
		Of     string
		Centre Blob // "": where the Fit began
		Fisher Blob // "": 1
	}
	// Control is Σ(c−c_i)·(θ−θ_start), whose gradient is SCAFFOLD's correction: c is the server's
	// control, c_i the participant's own, which it keeps under [KeptControl] and renews when the
	// Fit is done. Its weight is 1, and the Fit descends plainly.
	Control struct {
		Of     string // a part or a factor of it ("lora.B")
		Server Blob   // "": 0
	}
	// Orthogonal is Σ|A_old·Aᵀ| against frozen adapters: O-LoRA.
	Orthogonal struct {
		Of      string
		Against []Blob
	}
	// Tail is ‖B[:,γr:]‖·‖A[γr:,:]‖, the rank regulariser of HetLoRA.
	Tail struct {
		Of    string
		Gamma float64
	}
	// Norm is Σ|θ|^Power of a part (L1 by proximal steps), or its root.
	Norm struct {
		Of    string
		Power int
		Root  bool
	}
	// GroupDRO replaces the mean of cross-entropy by Σ q_g·L_g, q updated at every step.
	GroupDRO struct {
		By     []string
		Eta    float64
		Adjust float64 // C/√n_g
	}
	// Adversary trains its own part to tell Target from the output; the others are
	// hindered by gradient projection (Zhang et al.) or reversal.
	Adversary struct {
		Part    Head
		Target  string
		Given   bool // sees the label too: equalised odds
		Alpha   float64
		Reverse bool
	}
	// Custom is a loss of the author's own, served through the objective socket.
	Custom struct {
		Name   string
		Params Values
	}
)

func (CrossEntropy) loss() {}
func (Distill) loss()      {}
func (Recall) loss()       {}
func (Triplet) loss()      {}
func (Quadratic) loss()    {}
func (Control) loss()      {}
func (Orthogonal) loss()   {}
func (Tail) loss()         {}
func (Norm) loss()         {}
func (GroupDRO) loss()     {}
func (Adversary) loss()    {}
func (Custom) loss()       {}

// Init is how the factors of a pair begin. Where B·A is not 0 at the start, the frozen
// weight becomes W − s·B0·A0, and the adapter carries B0, A0: its delta is s(BA − B0A0)
// wherever it is attached, averaged, stacked or exported.
type Init interface{ init_() }

type (
	// Kaiming draws A uniform in ±1/√in; B = 0.
	Kaiming struct{}
	// Gaussian draws A with deviation Std; B = 0.
	Gaussian struct{ Std float64 }
	// Spectral takes triples of W's SVD, √σ/s on each side.
	Spectral struct {
		Pick   string // "principal" (PiSSA), "minor" (MiLoRA), "middle", "random"
		Random bool   // keep the σ, draw the directions: the norm-matched control
	}
	// Orthonormal takes the leading columns and rows of W = QR: OLoRA.
	Orthonormal struct{}
	// Given takes factors made by a Fold: LoRA-GA, EVA, CorDA, a merged adapter.
	Given struct {
		Blob     Blob
		Residual bool // subtract them from W
	}
)

func (Kaiming) init_()     {}
func (Gaussian) init_()    {}
func (Spectral) init_()    {}
func (Orthonormal) init_() {}
func (Given) init_()       {}

// Statistic is a tensor that a Probe returns, with the count behind each row, so that
// means over participants are exact.
type Statistic interface{ statistic() }

type (
	// Feature is the hidden state after a block ([Last]: the final one), pooled over tokens.
	Feature struct {
		After int
		Pool  string // "mean", "first", "last"
	}
	// Input is the mean, or E[xxᵀ], of what enters each module.
	Input struct {
		Modules []string
		Second  bool
		Scale   string // "max": each example divided by the size of its largest input, and examples counted instead of tokens, as PEFT's CorDA does
		Answers bool   // only what enters at tokens of answers, as PEFT's EVA does
	}
	// Gradient is the mean of dL/dW of each module, no parameter being changed.
	Gradient struct{ Modules []string }
	// Fisher is the mean over examples of the squared gradient of an attached part.
	Fisher struct{ Of string }
	// Routing is the mean weight that each router gave to each expert in each module.
	Routing struct{}
)

// Last is the final block.
const Last = -1

func (Feature) statistic()  {}
func (Input) statistic()    {}
func (Gradient) statistic() {}
func (Fisher) statistic()   {}
func (Routing) statistic()  {}

func (Sigmoid) gate() {}
func (Switch) gate()  {}
