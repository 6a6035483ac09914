package kernel

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// The roads by which the kernels run. The two of assembly give the same bits.
const (
	roadGeneric = "generic"
	roadAVX2    = "avx2"
	roadAVX512  = "avx512"
)

// choice is the road in use, found once at start: the best that the processor has, or what
// the environment variable SIMRUN_CPU names. If that cannot be had, the road is the best
// one all the same and refused says why.
var choice, refused = choose(os.Getenv("SIMRUN_CPU"), available())

// choose takes a road from those that there are, the best one first.
func choose(want string, have []string) (string, error) {
	switch want {
	case "":
		return have[0], nil
	case roadGeneric, roadAVX2, roadAVX512:
		for _, r := range have {
			if r == want {
				return r, nil
			}
		}
		return have[0], fmt.Errorf("SIMRUN_CPU=%s: this processor, or this build, has no such kernels; it has %v", want, have)
	}
	return have[0], fmt.Errorf("SIMRUN_CPU=%q: expected %s, %s or %s; leave it out for the best that the processor has", want, roadGeneric, roadAVX2, roadAVX512)
}

// CPU names the road in use: "avx512", "avx2" or "generic".
func CPU() string { return choice }

// CheckCPU is the error in what SIMRUN_CPU asks for, if there is one. A program calls it
// before any work.
func CheckCPU() error { return refused }

// ContractWith is [Contract] of runs that have products of rounded numbers beside the others: of
// panels of these formats.
func ContractWith(formats ...Format) string {
	c := Contract()
	for _, f := range withContract {
		if slices.Contains(formats, f) {
			c += "+" + f.Contract()
		}
	}
	return c
}

// KnownContract says whether a contract is one that this build keeps.
func KnownContract(c string) bool {
	rest, ok := strings.CutPrefix(c, Contract())
	for _, f := range withContract {
		rest = strings.TrimPrefix(rest, "+"+f.Contract())
	}
	return ok && rest == ""
}

// withContract are the formats whose products have a contract of their own, in the order in which
// [ContractWith] names them.
var withContract = [...]Format{Rounded, RoundedHalf}

// Contract names what products of panels of this format promise beyond [Contract]; "" where they
// promise that and no more.
func (f Format) Contract() string {
	switch f {
	case Rounded:
		return RoundedContract
	case RoundedHalf:
		return HalfContract
	}
	return ""
}

// Contract names what the numbers of the road in use promise: roads of one contract give
// the same bits. The assembly fuses each multiplication with its addition, which the
// portable road cannot without great cost.
func Contract() string {
	if choice == roadGeneric {
		return "float32/portable/2"
	}
	return "float32/fma/2"
}
