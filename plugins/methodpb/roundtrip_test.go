package methodpb

import (
	"go/ast"
	"go/parser"
	"go/token"
	"math"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// there sends a value through bytes and back.
func there[A any, P interface {
	comparable
	proto.Message
}](from func(A) P, to func(P) A) func(t *testing.T, r *rand.Rand) {
	return func(t *testing.T, r *rand.Rand) {
		var x A
		fill(r, reflect.ValueOf(&x).Elem())
		wire, err := proto.Marshal(from(x))
		if err != nil {
			t.Fatal(err)
		}
		p := reflect.New(reflect.TypeFor[P]().Elem()).Interface().(P)
		if err := proto.Unmarshal(wire, p); err != nil {
			t.Fatal(err)
		}
		if got := to(p); !reflect.DeepEqual(got, x) {
			t.Fatalf("\nsent %s\n got %s", method.Canonical(x), method.Canonical(got))
		}
		if zero := *new(A); !reflect.DeepEqual(to(*new(P)), zero) {
			t.Errorf("nothing arrives as %s", method.Canonical(to(*new(P))))
		}
	}
}

// pairs has every type that travels, by name.
var pairs = map[string]func(*testing.T, *rand.Rand){
	"Card": there(FromCard, ToCard), "Param": there(FromParam, ToParam), "Problem": there(FromProblem, ToProblem),
	"ID": there(FromID, ToID), "Scene": there(FromScene, ToScene), "Stage": there(FromStage, ToStage),
	"Base": there(FromBase, ToBase), "Module": there(FromModule, ToModule), "Pool": there(FromPool, ToPool),
	"Participant": there(FromParticipant, ToParticipant), "PlanRequest": there(FromPlanRequest, ToPlanRequest),
	"PlanResponse": there(FromPlanResponse, ToPlanResponse), "Assignment": there(FromAssignment, ToAssignment),
	"Fit": there(FromFit, ToFit), "Score": there(FromScore, ToScore), "Probe": there(FromProbe, ToProbe),
	"Sample": there(FromSample, ToSample), "Optimiser": there(FromOptimiser, ToOptimiser), "Schedule": there(FromSchedule, ToSchedule),
	"Data": there(FromData, ToData), "Source": there(FromSource, ToSource), "Weigh": there(FromWeigh, ToWeigh), "Cond": there(FromCond, ToCond),
	"From": there(FromFrom, ToFrom), "LoRA": there(FromLoRA, ToLoRA), "InitAt": there(FromInitAt, ToInitAt), "RateAt": there(FromRateAt, ToRateAt),
	"Keys": there(FromKeys, ToKeys), "Head": there(FromHead, ToHead), "Detector": there(FromDetector, ToDetector),
	"Weights": there(FromWeights, ToWeights), "Soft": there(FromSoft, ToSoft),
	"Model": there(FromModel, ToModel), "Attach": there(FromAttach, ToAttach), "Sigmoid": there(FromSigmoid, ToSigmoid),
	"Switch": there(FromSwitch, ToSwitch), "Router": there(FromRouter, ToRouter), "Expert": there(FromExpert, ToExpert),
	"Prompt": there(FromPrompt, ToPrompt), "Decode": there(FromDecode, ToDecode),
	"Term": there(FromTerm, ToTerm), "CrossEntropy": there(FromCrossEntropy, ToCrossEntropy), "Distill": there(FromDistill, ToDistill), "Recall": there(FromRecall, ToRecall),
	"Triplet": there(FromTriplet, ToTriplet), "Quadratic": there(FromQuadratic, ToQuadratic), "Control": there(FromControl, ToControl), "Orthogonal": there(FromOrthogonal, ToOrthogonal),
	"Tail": there(FromTail, ToTail), "Norm": there(FromNorm, ToNorm), "GroupDRO": there(FromGroupDRO, ToGroupDRO),
	"Adversary": there(FromAdversary, ToAdversary), "Custom": there(FromCustom, ToCustom),
	"Kaiming": there(FromKaiming, ToKaiming), "Gaussian": there(FromGaussian, ToGaussian), "Spectral": there(FromSpectral, ToSpectral),
	"Orthonormal": there(FromOrthonormal, ToOrthonormal), "Given": there(FromGiven, ToGiven),
	"Feature": there(FromFeature, ToFeature), "Input": there(FromInput, ToInput), "Gradient": there(FromGradient, ToGradient),
	"Fisher": there(FromFisher, ToFisher), "Routing": there(FromRouting, ToRouting),
	"FoldRequest": there(FromFoldRequest, ToFoldRequest), "Report": there(FromReport, ToReport), "Named": there(FromNamed, ToNamed),
	"Value": there(FromValue, ToValue), "Missing": there(FromMissing, ToMissing), "FoldResponse": there(FromFoldResponse, ToFoldResponse),
	"Note": there(FromNote, ToNote), "State": there(FromState, ToState),
	"TrainerCard": there(FromTrainerCard, ToTrainerCard), "WorkRequest": there(FromWorkRequest, ToWorkRequest),
	"WorkResponse": there(FromWorkResponse, ToWorkResponse), "LossRequest": there(FromLossRequest, ToLossRequest),
	"LossResponse": there(FromLossResponse, ToLossResponse),
	"Tensors":      there(FromTensors, ToTensors), "Tensor": there(FromTensor, ToTensor),
}

func TestNothingIsLostOnTheWay(t *testing.T) {
	for name, pair := range pairs {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(30) {
				pair(t, rand.New(rand.NewPCG(seed, 0)))
			}
		})
	}
}

// Every struct of the seam has a pair here, and every member of a union is filled in.
func TestEveryTypeTravels(t *testing.T) {
	filled := map[string]bool{}
	for _, list := range members {
		for _, m := range list {
			filled[reflect.TypeOf(m).Name()] = true
		}
	}
	files, err := filepath.Glob("../method/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files of the seam: %v", err)
	}
	markers := map[string]bool{"verb": true, "part": true, "loss": true, "init_": true, "statistic": true, "gate": true}
	seen := 0
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.TypeSpec:
				if _, ok := n.Type.(*ast.StructType); ok && n.Name.IsExported() {
					if seen++; pairs[n.Name.Name] == nil {
						t.Errorf("%s: %s has no message, or its pair is not tested here", file, n.Name.Name)
					}
				}
			case *ast.FuncDecl:
				if n.Recv != nil && markers[n.Name.Name] {
					if id, ok := n.Recv.List[0].Type.(*ast.Ident); !ok || !filled[id.Name] {
						t.Errorf("%s: a member of a union is not filled in here", file)
					}
				}
			}
			return true
		})
	}
	if seen < 60 {
		t.Errorf("only %d types found", seen)
	}
}

var members = map[reflect.Type][]any{
	reflect.TypeFor[method.Recipe](): {method.Fit{}, method.Score{}, method.Probe{}, method.Sample{}},
	reflect.TypeFor[method.Part]():   {method.LoRA{}, method.Keys{}, method.Head{}, method.Detector{}, method.Weights{}, method.Soft{}},
	reflect.TypeFor[method.Loss](): {method.CrossEntropy{}, method.Distill{}, method.Recall{}, method.Triplet{}, method.Quadratic{}, method.Control{}, method.Orthogonal{},
		method.Tail{}, method.Norm{}, method.GroupDRO{}, method.Adversary{}, method.Custom{}},
	reflect.TypeFor[method.Init]():      {method.Kaiming{}, method.Gaussian{}, method.Spectral{}, method.Orthonormal{}, method.Given{}},
	reflect.TypeFor[method.Statistic](): {method.Feature{}, method.Input{}, method.Gradient{}, method.Fisher{}, method.Routing{}},
	reflect.TypeFor[method.Gate]():      {method.Sigmoid{}, method.Switch{}},
	reflect.TypeFor[any]():              {1, -2.5, true, "text", []float64{1, 2}, []float64{}},
}

// fill gives every field a value; lists are nil or have one to three members.
func fill(r *rand.Rand, v reflect.Value) {
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint32:
		v.SetUint(uint64(r.Uint32()))
	case reflect.Uint64:
		v.SetUint(r.Uint64())
	case reflect.Uint8:
		v.SetUint(uint64(r.IntN(256)))
	case reflect.Float64, reflect.Float32:
		v.SetFloat([]float64{0, math.Copysign(0, -1), 1, math.Inf(1), math.Inf(-1), math.SmallestNonzeroFloat64, 0.1, r.NormFloat64()}[r.IntN(8)])
	case reflect.String:
		v.SetString([]string{"", "a", "é\x00∞", "client/17"}[r.IntN(4)])
	case reflect.Slice:
		if n := r.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(r, v.Index(i))
			}
		}
	case reflect.Map:
		if r.IntN(3) > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for _, key := range []string{"b", "", "a"} {
				x := reflect.New(v.Type().Elem()).Elem()
				for fill(r, x); x.Kind() == reflect.Interface && x.IsNil(); fill(r, x) {
				}
				v.SetMapIndex(reflect.ValueOf(key), x)
			}
		}
	case reflect.Pointer:
		if r.IntN(2) == 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(r, v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			fill(r, v.Field(i))
		}
	case reflect.Interface:
		list := members[v.Type()]
		if len(list) == 0 || r.IntN(4) == 0 {
			return // Blobs, Reports, or nothing set
		}
		one := reflect.ValueOf(list[r.IntN(len(list))])
		x := reflect.New(one.Type()).Elem()
		if v.Type() == reflect.TypeFor[any]() {
			x.Set(one)
		} else {
			fill(r, x)
		}
		v.Set(x)
	default:
		panic("no rule for " + v.Type().String())
	}
}
