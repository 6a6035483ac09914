// Command asm writes the assembly of linalg/kernel with avo: a set of kernels each time,
// chosen by -set, both for AVX2 with FMA and for AVX-512. A kernel is written once, over
// the operations of an [isa], so that the two roads compute every element by the same
// chain of operations and agree bit for bit.
//
// It is a module of its own, so that avo never enters the product's graph. Run it by
// "go generate" in linalg/kernel; the files it writes are not to be edited.
package main

import (
	"flag"
	"fmt"
	"os"

	"github.com/mmcloughlin/avo/attr"
	. "github.com/mmcloughlin/avo/build"
)

// sets are the files, by the name that -set takes.
var sets = map[string]func(){
	"brief":   brief,
	"gemm":    gemm32,
	"gemm16":  gemm16,
	"gemm64":  gemm64,
	"pairs":   pairs,
	"rows":    rows,
	"thin":    thin,
	"shallow": shallow,
	"sums":    sums,

	"scattered": scattered,
}

func main() {
	set := flag.String("set", "", "the kernels to write")
	flag.CommandLine.Init("asm", flag.ExitOnError)
	args := os.Args[1:]
	if len(args) < 2 || args[0] != "-set" {
		fmt.Fprintln(os.Stderr, "asm: -set NAME comes first")
		os.Exit(2)
	}
	*set = args[1]
	write, ok := sets[*set]
	if !ok {
		fmt.Fprintf(os.Stderr, "asm: no set is called %q\n", *set)
		os.Exit(2)
	}
	os.Args = append(os.Args[:1], args[2:]...)
	ConstraintExpr("!purego")
	write()
	Generate()
}

// text opens a function that takes one pointer, to the structure it works by, and that
// neither grows the stack nor lets the pointer escape.
func text(name, doc string) { textWith(NOSPLIT, name, doc) }

// textWith is text with attributes: without NOSPLIT the function may use more of the stack than
// there is, and grows it.
func textWith(attributes attr.Attribute, name, doc string) {
	TEXT(name, attributes, "func(t *byte)")
	Pragma("noescape")
	Doc(name + " " + doc)
}

// end closes it: wide registers are never left dirty, or all scalar code after it crawls.
func end() {
	VZEROUPPER()
	RET()
}
