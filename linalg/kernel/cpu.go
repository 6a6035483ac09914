package kernel

import (
	"fmt"
	"os"
	"slices"
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
	for _, x := range []struct {
		format   Format
		contract string
	}{{Rounded, RoundedContract}, {RoundedHalf, HalfContract}} {
		if slices.Contains(formats, x.format) {
			c += "+" + x.contract
		}
	}
	return c
}

// KnownContract says whether a contract is one that this build keeps.
func KnownContract(c string) bool {
	return slices.Contains([]string{Contract(), ContractWith(Rounded), ContractWith(RoundedHalf), ContractWith(Rounded, RoundedHalf)}, c)
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
