package train

import (
	"fmt"

	"github.com/loramesh/loramesh/sim/base"
)

// says refuses what can only be asked of a base that says tokens, of one that answers for whole
// texts or pictures by its head.
func says(b *base.Base, what string) error {
	if !b.Answers() {
		return nil
	}
	return fmt.Errorf("%s cannot be asked of base %q: it writes nothing, it tells %d classes apart", what, b.Name, len(b.Classes()))
}
