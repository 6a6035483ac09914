//go:build amd64 && !purego

package kernel

// kernels are the functions of a kind of tile, by vectors in a row of it (1, 2, 4 and 8
// exist, on some roads; 0 is half a vector) and by rows, from 1.
type kernels [9][]func(*byte)

// rows512 are for a whose rows are strided, columns512 for its transpose.
var rows512 = kernels{
	0: {gemm512srs1x1, gemm512srs2x1, gemm512srs3x1, gemm512srs4x1, gemm512srs5x1, gemm512srs6x1, gemm512srs7x1, gemm512srs8x1, gemm512srs9x1, gemm512srs10x1, gemm512srs11x1, gemm512srs12x1, gemm512srs13x1, gemm512srs14x1, gemm512srs15x1, gemm512srs16x1},
	1: {gemm512rs1x1, gemm512rs2x1, gemm512rs3x1, gemm512rs4x1, gemm512rs5x1, gemm512rs6x1, gemm512rs7x1, gemm512rs8x1, gemm512rs9x1, gemm512rs10x1, gemm512rs11x1, gemm512rs12x1, gemm512rs13x1, gemm512rs14x1},
	2: {gemm512rs1x2, gemm512rs2x2, gemm512rs3x2, gemm512rs4x2, gemm512rs5x2, gemm512rs6x2, gemm512rs7x2, gemm512rs8x2, gemm512rs9x2, gemm512rs10x2, gemm512rs11x2, gemm512rs12x2, gemm512rs13x2, gemm512rs14x2},
	4: {gemm512rs1x4, gemm512rs2x4, gemm512rs3x4, gemm512rs4x4, gemm512rs5x4, gemm512rs6x4},
	8: {gemm512rs1x8, gemm512rs2x8, gemm512rs3x8},
}

// columns512 see rows512.
var columns512 = kernels{
	0: {gemm512sks1x1, gemm512sks2x1, gemm512sks3x1, gemm512sks4x1, gemm512sks5x1, gemm512sks6x1, gemm512sks7x1, gemm512sks8x1, gemm512sks9x1, gemm512sks10x1, gemm512sks11x1, gemm512sks12x1, gemm512sks13x1, gemm512sks14x1, gemm512sks15x1, gemm512sks16x1},
	1: {gemm512ks1x1, gemm512ks2x1, gemm512ks3x1, gemm512ks4x1, gemm512ks5x1, gemm512ks6x1, gemm512ks7x1, gemm512ks8x1, gemm512ks9x1, gemm512ks10x1, gemm512ks11x1, gemm512ks12x1, gemm512ks13x1, gemm512ks14x1},
	2: {gemm512ks1x2, gemm512ks2x2, gemm512ks3x2, gemm512ks4x2, gemm512ks5x2, gemm512ks6x2, gemm512ks7x2, gemm512ks8x2, gemm512ks9x2, gemm512ks10x2, gemm512ks11x2, gemm512ks12x2, gemm512ks13x2, gemm512ks14x2},
	4: {gemm512ks1x4, gemm512ks2x4, gemm512ks3x4, gemm512ks4x4, gemm512ks5x4, gemm512ks6x4},
	8: {gemm512ks1x8, gemm512ks2x8, gemm512ks3x8},
}

// rows256 are those of AVX2.
var rows256 = kernels{
	2: {gemm256rs1x2, gemm256rs2x2, gemm256rs3x2, gemm256rs4x2, gemm256rs5x2, gemm256rs6x2},
	4: {gemm256rs1x4, gemm256rs2x4, gemm256rs3x4},
}

// columns256 see rows256.
var columns256 = kernels{
	2: {gemm256ks1x2, gemm256ks2x2, gemm256ks3x2, gemm256ks4x2, gemm256ks5x2, gemm256ks6x2},
	4: {gemm256ks1x4, gemm256ks2x4, gemm256ks3x4},
}

// rows512d are those of float64.
var rows512d = kernels{
	1: {gemm512drs1x1, gemm512drs2x1, gemm512drs3x1, gemm512drs4x1, gemm512drs5x1, gemm512drs6x1, gemm512drs7x1, gemm512drs8x1, gemm512drs9x1, gemm512drs10x1, gemm512drs11x1, gemm512drs12x1, gemm512drs13x1, gemm512drs14x1},
	2: {gemm512drs1x2, gemm512drs2x2, gemm512drs3x2, gemm512drs4x2, gemm512drs5x2, gemm512drs6x2, gemm512drs7x2, gemm512drs8x2, gemm512drs9x2, gemm512drs10x2, gemm512drs11x2, gemm512drs12x2, gemm512drs13x2, gemm512drs14x2},
}

// columns512d see rows512d.
var columns512d = kernels{
	1: {gemm512dks1x1, gemm512dks2x1, gemm512dks3x1, gemm512dks4x1, gemm512dks5x1, gemm512dks6x1, gemm512dks7x1, gemm512dks8x1, gemm512dks9x1, gemm512dks10x1, gemm512dks11x1, gemm512dks12x1, gemm512dks13x1, gemm512dks14x1},
	2: {gemm512dks1x2, gemm512dks2x2, gemm512dks3x2, gemm512dks4x2, gemm512dks5x2, gemm512dks6x2, gemm512dks7x2, gemm512dks8x2, gemm512dks9x2, gemm512dks10x2, gemm512dks11x2, gemm512dks12x2, gemm512dks13x2, gemm512dks14x2},
}

// rows256d are those of float64 by AVX2.
var rows256d = kernels{
	2: {gemm256drs1x2, gemm256drs2x2, gemm256drs3x2, gemm256drs4x2, gemm256drs5x2, gemm256drs6x2},
}

// columns256d see rows256d.
var columns256d = kernels{
	2: {gemm256dks1x2, gemm256dks2x2, gemm256dks3x2, gemm256dks4x2, gemm256dks5x2, gemm256dks6x2},
}
