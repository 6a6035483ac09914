package builtin

import (
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodtest"
)

func all() []method.Method {
	var list []method.Method
	for _, s := range Sets() {
		list = append(list, s.Methods...)
	}
	return list
}

func TestMain(m *testing.M) { methodtest.Main(m, all()) }

// options of the exam: FLoRIST leaves a share of what even one participant made out, on
// purpose, but for τ = 1.
var options = map[string][]methodtest.Option{"florist": {methodtest.With("tau", 1.0)}}

// Control variates travel and are kept beside what is trained.
func TestControlsPassTheExam(t *testing.T) {
	for _, m := range all() {
		plain := []methodtest.Option{methodtest.With("control", "scaffold"), methodtest.With("optimiser", "sgd"), methodtest.With("clip", 0.0)}
		switch m.Describe().Name {
		case "fedit":
			methodtest.Exam(t, m, append(plain, methodtest.With("rank", 1))...)
		case "full-fine-tuning":
			methodtest.Exam(t, m, plain...)
		}
	}
}

// Every built-in method passes the exam, in process and out of process.
func TestEveryMethodPassesTheExam(t *testing.T) {
	for _, m := range all() {
		methodtest.Exam(t, m, options[m.Describe().Name]...)
	}
}
