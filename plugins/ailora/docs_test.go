package ailora

import (
	"flag"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/methodtest"
)

var update = flag.Bool("update", false, "write the tables of parameters into docs/methods")

// Every method has a page, whose table of parameters is its card's; what all that train have
// stands on the page of where they begin.
func TestPagesSayWhatCardsSay(t *testing.T) {
	methodtest.Pages(t, "../../docs/methods", Set(), map[string][]method.Param{"starts": training()}, *update)
}
