package routing

import (
	"flag"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodtest"
)

var update = flag.Bool("update", false, "write the tables of parameters into docs/methods")

// Every method has a page, whose table of parameters is its card's; what all have stands on
// the page of all.
func TestPagesSayWhatCardsSay(t *testing.T) {
	methodtest.Pages(t, "../../docs/methods", Set(), map[string][]method.Param{"tasks": params}, *update)
}
