// Sixteen chains of SHA-256 side by side in registers of sixteen words, one word of each chain to a
// register: FIPS 180-4, 6.2.2, as it stands there. No two chains meet but where their blocks are read.

//go:build amd64

#include "textflag.h"

// ROW reads a block of the chain whose pointer is at SI.
#define ROW(i, w) \
	MOVQ      i*8(SI), R8; \
	VMOVDQU32 (R8)(CX*1), w; \
	VPSHUFB   Z31, w, w

// FOURS has, of four rows, each four words that stand in one column next to each other.
#define FOURS(a, b, c, d) \
	VPUNPCKLDQ  b, a, Z24; \
	VPUNPCKHDQ  b, a, Z25; \
	VPUNPCKLDQ  d, c, Z26; \
	VPUNPCKHDQ  d, c, Z27; \
	VPUNPCKLQDQ Z26, Z24, a; \
	VPUNPCKHQDQ Z26, Z24, b; \
	VPUNPCKLQDQ Z27, Z25, c; \
	VPUNPCKHQDQ Z27, Z25, d

// COLUMNS makes of fours four whole columns, each fourth of the block's words.
#define COLUMNS(a, b, c, d) \
	VSHUFI32X4 $0x44, b, a, Z24; \
	VSHUFI32X4 $0xee, b, a, Z25; \
	VSHUFI32X4 $0x44, d, c, Z26; \
	VSHUFI32X4 $0xee, d, c, Z27; \
	VSHUFI32X4 $0x88, Z26, Z24, a; \
	VSHUFI32X4 $0xdd, Z26, Z24, b; \
	VSHUFI32X4 $0x88, Z27, Z25, c; \
	VSHUFI32X4 $0xdd, Z27, Z25, d

// XOR3 is the exclusive or of three, CHOOSE and MAJORITY are Ch and Maj, in place of z.
#define XOR3(x, y, z) VPTERNLOGD $0x96, x, y, z
#define CHOOSE(x, y, z) VPTERNLOGD $0xca, x, y, z
#define MAJORITY(x, y, z) VPTERNLOGD $0xe8, x, y, z

// ROUND is one round: what was h is a of the next one, and d is its e.
#define ROUND(k, w, a, b, c, d, e, f, g, h) \
	VPADDD.BCST k(AX), w, Z24; \
	VPRORD      $6, e, Z25; \
	VPRORD      $11, e, Z26; \
	VPRORD      $25, e, Z27; \
	VMOVDQA32   e, Z28; \
	VPADDD      Z24, h, h; \
	CHOOSE(g, f, Z28); \
	XOR3(Z25, Z26, Z27); \
	VPADDD      Z28, h, h; \
	VPRORD      $2, a, Z25; \
	VPRORD      $13, a, Z26; \
	VPADDD      Z27, h, h; \
	VPRORD      $22, a, Z28; \
	VMOVDQA32   a, Z29; \
	VPADDD      h, d, d; \
	MAJORITY(c, b, Z29); \
	XOR3(Z25, Z26, Z28); \
	VPADDD      Z29, h, h; \
	VPADDD      Z28, h, h

// EXTEND makes of word t the word t+16: of t, t+1, t+9 and t+14.
#define EXTEND(w, w1, w9, w14) \
	VPRORD $7, w1, Z24; \
	VPRORD $18, w1, Z25; \
	VPSRLD $3, w1, Z26; \
	VPADDD w9, w, w; \
	XOR3(Z24, Z25, Z26); \
	VPRORD $17, w14, Z27; \
	VPRORD $19, w14, Z28; \
	VPSRLD $10, w14, Z29; \
	VPADDD Z26, w, w; \
	XOR3(Z27, Z28, Z29); \
	VPADDD Z29, w, w

// SIXTEEN are sixteen rounds, after which each word is again what it was called.
#define SIXTEEN(k) \
	ROUND(k+0, Z8, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7); \
	ROUND(k+4, Z9, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6); \
	ROUND(k+8, Z10, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5); \
	ROUND(k+12, Z11, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4); \
	ROUND(k+16, Z12, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3); \
	ROUND(k+20, Z13, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2); \
	ROUND(k+24, Z14, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1); \
	ROUND(k+28, Z15, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0); \
	ROUND(k+32, Z16, Z0, Z1, Z2, Z3, Z4, Z5, Z6, Z7); \
	ROUND(k+36, Z17, Z7, Z0, Z1, Z2, Z3, Z4, Z5, Z6); \
	ROUND(k+40, Z18, Z6, Z7, Z0, Z1, Z2, Z3, Z4, Z5); \
	ROUND(k+44, Z19, Z5, Z6, Z7, Z0, Z1, Z2, Z3, Z4); \
	ROUND(k+48, Z20, Z4, Z5, Z6, Z7, Z0, Z1, Z2, Z3); \
	ROUND(k+52, Z21, Z3, Z4, Z5, Z6, Z7, Z0, Z1, Z2); \
	ROUND(k+56, Z22, Z2, Z3, Z4, Z5, Z6, Z7, Z0, Z1); \
	ROUND(k+60, Z23, Z1, Z2, Z3, Z4, Z5, Z6, Z7, Z0)

// ADD adds the hash before a block to what the block made of it.
#define ADD(at, x) \
	VPADDD    at(DI), x, x; \
	VMOVDQU32 x, at(DI)

// func blocks16(h *[8][16]uint32, at *[16]*byte, n int)
// Requires: AVX512F, AVX512BW
TEXT ·blocks16(SB), NOSPLIT, $0-24
	MOVQ h+0(FP), DI
	MOVQ at+8(FP), SI
	MOVQ n+16(FP), DX
	XORQ CX, CX
	VBROADCASTI32X4 ·flip(SB), Z31
	VMOVDQU32 0(DI), Z0
	VMOVDQU32 64(DI), Z1
	VMOVDQU32 128(DI), Z2
	VMOVDQU32 192(DI), Z3
	VMOVDQU32 256(DI), Z4
	VMOVDQU32 320(DI), Z5
	VMOVDQU32 384(DI), Z6
	VMOVDQU32 448(DI), Z7

block:
	ROW(0, Z8)
	ROW(1, Z9)
	ROW(2, Z10)
	ROW(3, Z11)
	FOURS(Z8, Z9, Z10, Z11)
	ROW(4, Z12)
	ROW(5, Z13)
	ROW(6, Z14)
	ROW(7, Z15)
	FOURS(Z12, Z13, Z14, Z15)
	ROW(8, Z16)
	ROW(9, Z17)
	ROW(10, Z18)
	ROW(11, Z19)
	FOURS(Z16, Z17, Z18, Z19)
	ROW(12, Z20)
	ROW(13, Z21)
	ROW(14, Z22)
	ROW(15, Z23)
	FOURS(Z20, Z21, Z22, Z23)
	COLUMNS(Z8, Z12, Z16, Z20)
	COLUMNS(Z9, Z13, Z17, Z21)
	COLUMNS(Z10, Z14, Z18, Z22)
	COLUMNS(Z11, Z15, Z19, Z23)
	ADDQ $64, CX
	LEAQ ·constants(SB), AX
	MOVQ $3, BX

rounds:
	SIXTEEN(0)
	EXTEND(Z8, Z9, Z17, Z22)
	EXTEND(Z9, Z10, Z18, Z23)
	EXTEND(Z10, Z11, Z19, Z8)
	EXTEND(Z11, Z12, Z20, Z9)
	EXTEND(Z12, Z13, Z21, Z10)
	EXTEND(Z13, Z14, Z22, Z11)
	EXTEND(Z14, Z15, Z23, Z12)
	EXTEND(Z15, Z16, Z8, Z13)
	EXTEND(Z16, Z17, Z9, Z14)
	EXTEND(Z17, Z18, Z10, Z15)
	EXTEND(Z18, Z19, Z11, Z16)
	EXTEND(Z19, Z20, Z12, Z17)
	EXTEND(Z20, Z21, Z13, Z18)
	EXTEND(Z21, Z22, Z14, Z19)
	EXTEND(Z22, Z23, Z15, Z20)
	EXTEND(Z23, Z8, Z16, Z21)
	ADDQ $64, AX
	DECQ BX
	JNE  rounds
	SIXTEEN(0)
	ADD(0, Z0)
	ADD(64, Z1)
	ADD(128, Z2)
	ADD(192, Z3)
	ADD(256, Z4)
	ADD(320, Z5)
	ADD(384, Z6)
	ADD(448, Z7)
	DECQ DX
	JNE  block
	VZEROUPPER
	RET
