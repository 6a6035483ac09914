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

// Every built-in method passes the exam, in process and out of process.
func TestEveryMethodPassesTheExam(t *testing.T) {
	for _, m := range all() {
		methodtest.Exam(t, m)
	}
}
