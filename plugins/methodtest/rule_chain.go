package methodtest

import (
	"fmt"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

// ruleChain plays the first round with an init that the chain left, and one that no method
// would think of.
func ruleChain(e *exam) error {
	left := []method.InitAt{{Modules: "*.q", Init: method.Gaussian{Std: 0.25}}, {Modules: "0.*", Init: method.Gaussian{Std: 0.5}}}
	got, err := e.play(script{rounds: 1, init: left})
	if err != nil {
		return err
	}
	for _, a := range got.plans[0].Assign {
		f, ok := a.Recipe.(method.Fit)
		if !ok {
			continue
		}
		for _, part := range f.Train {
			l, ok := part.(method.LoRA)
			if ok && (len(l.Init) < len(left) || !slices.Equal(l.Init[:len(left)], left)) {
				return fmt.Errorf("part %q of assignment %q begins by %s; the chain said %s: take Scene.Inits", l.Name, a.Name, method.Canonical(l.Init), method.Canonical(left))
			}
		}
	}
	return nil
}
