package kernel

import (
	"strings"
	"testing"
)

func TestChoiceOfRoad(t *testing.T) {
	all := []string{roadAVX512, roadAVX2, roadGeneric}
	for _, c := range []struct {
		want  string
		have  []string
		road  string
		fault string
	}{
		{"", all, roadAVX512, ""},
		{"", all[1:], roadAVX2, ""},
		{"generic", all, roadGeneric, ""},
		{"avx2", all, roadAVX2, ""},
		{"avx512", all[1:], roadAVX2, "has no such kernels"},
		{"avx", all, roadAVX512, "expected generic, avx2 or avx512"},
	} {
		road, err := choose(c.want, c.have)
		if road != c.road || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("SIMRUN_CPU=%s on %v: %s, %v", c.want, c.have, road, err)
		}
	}
}

func TestKnownContracts(t *testing.T) {
	for _, with := range [][]Format{nil, {Rounded}, {RoundedHalf}, {RoundedHalf, Rounded}, {Float32, BFloat16, Float16}} {
		if c := ContractWith(with...); !KnownContract(c) {
			t.Errorf("%q, of %v, is not known", c, with)
		}
	}
	for _, c := range []string{"", Contract() + "+", Contract() + "+bfloat16/pairs/0", RoundedContract,
		Contract() + "+" + HalfContract + "+" + RoundedContract, Contract() + "+" + HalfContract + "+" + HalfContract} {
		if KnownContract(c) {
			t.Errorf("%q is known", c)
		}
	}
}
