// Bad is a plugin that is bad in the way that its first argument says: see
// plugins/remote/remotetest.
package main

import (
	"fmt"
	"os"

	"github.com/loramesh/loramesh/plugins/remote/remotetest"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintf(os.Stderr, "usage: bad MODE, with MODE one of %q\n", remotetest.Modes())
		os.Exit(2)
	}
	remotetest.Main(os.Args[1])
}
