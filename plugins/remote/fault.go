package remote

import (
	"fmt"
	"strings"
)

// Fault is what a plugin did wrong: it did not start, crashed, hung, answered nonsense or
// said itself that it failed.
type Fault struct {
	Plugin string // as the user named it
	Method string // "": the plugin as a whole
	Call   string // "start", "describe", "plan", "fold", "check"
	Why    string
	Err    error // behind it, or nil
}

func (f *Fault) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "plugin %s", f.Plugin)
	if f.Method != "" {
		fmt.Fprintf(&b, ", method %s", f.Method)
	}
	fmt.Fprintf(&b, ": %s: %s", f.Call, f.Why)
	return b.String()
}

func (f *Fault) Unwrap() error { return f.Err }
