package methodpb

import (
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/loramesh/loramesh/plugins/method"
)

// What a plugin sends may be anything. It is read and judged without a panic, whatever
// it is.
func FuzzAnswers(f *testing.F) {
	plan := method.PlanResponse{Assign: []method.Assignment{{Name: "fit", To: []method.ID{{Pool: "client"}}, Recipe: method.Fit{
		Train: []method.Part{method.LoRA{Name: "lora", Rank: 4, Init: []method.InitAt{{Modules: "*", Init: method.Given{}}}}}, Objective: method.CE,
		Model: method.Model{Attach: []method.Attach{{Gate: method.Switch{Rate: 1}}}}}}}}
	wire, err := proto.Marshal(FromPlanResponse(plan))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(wire)
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, wire []byte) {
		none := func(method.Blob) bool { return false }
		var p PlanResponse
		if proto.Unmarshal(wire, &p) == nil {
			out := ToPlanResponse(&p)
			method.ValidatePlan(method.PlanRequest{}, out, none)
			method.Canonical(out)
		}
		var d FoldResponse
		if proto.Unmarshal(wire, &d) == nil {
			method.ValidateFold(method.FoldRequest{}, ToFoldResponse(&d), none)
		}
		var c Card
		if proto.Unmarshal(wire, &c) == nil {
			method.ValidateCard(ToCard(&c))
		}
	})
}
