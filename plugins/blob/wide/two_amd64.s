// Two chains of SHA-256 side by side, by the instructions that processors have for it: Intel's "New
// instructions supporting the Secure Hash Algorithm" (2013) has the order of one. Each step of a chain
// waits for the one before, and a processor can begin a step of another meanwhile.

//go:build amd64

#include "textflag.h"

// LOAD and STORE are the way from words a to h to the order of the instructions, abef and cdgh, and
// back.
#define LOAD(at, x, y, t) \
	MOVOU   at(DI), x; \
	MOVOU   at+16(DI), y; \
	PSHUFD  $0xb1, x, x; \
	PSHUFD  $0x1b, y, y; \
	MOVO    x, t; \
	PALIGNR $8, y, x; \
	PBLENDW $0xf0, t, y

#define STORE(at, x, y, t) \
	PSHUFD  $0x1b, x, x; \
	PSHUFD  $0xb1, y, y; \
	MOVO    x, t; \
	PBLENDW $0xf0, y, x; \
	PALIGNR $8, t, y; \
	MOVOU   x, at(DI); \
	MOVOU   y, at+16(DI)

// WORDS reads four words of a block.
#define WORDS(at, p, w) \
	MOVOU  at(p), w; \
	PSHUFB X15, w

// FOUR is four rounds of a chain, with the constants at k.
#define FOUR(k, w, x, y) \
	MOVO        w, X0; \
	PADDD       k(AX), X0; \
	SHA256RNDS2 X0, x, y; \
	PSHUFD      $0x0e, X0, X0; \
	SHA256RNDS2 X0, y, x

// EXTEND makes of the last sixteen words of a chain, the oldest first, the four that follow, in
// place of the oldest.
#define EXTEND(a, b, c, d, t) \
	SHA256MSG1 b, a; \
	MOVO       d, t; \
	PALIGNR    $4, c, t; \
	PADDD      t, a; \
	SHA256MSG2 d, a

// BOTH is four rounds of both chains.
#define BOTH(k, v, w) \
	FOUR(k, v, X1, X2); \
	FOUR(k, w, X8, X9)

// MORE is the next sixteen.
#define MORE(k) \
	EXTEND(X3, X4, X5, X6, X7); \
	EXTEND(X10, X11, X12, X13, X14); \
	BOTH(k, X3, X10); \
	EXTEND(X4, X5, X6, X3, X7); \
	EXTEND(X11, X12, X13, X10, X14); \
	BOTH(k+16, X4, X11); \
	EXTEND(X5, X6, X3, X4, X7); \
	EXTEND(X12, X13, X10, X11, X14); \
	BOTH(k+32, X5, X12); \
	EXTEND(X6, X3, X4, X5, X7); \
	EXTEND(X13, X10, X11, X12, X14); \
	BOTH(k+48, X6, X13)

// func blocks2(h *[2][8]uint32, a, b *byte, n int)
// Requires: SHA, SSE2, SSE4.1, SSSE3
TEXT ·blocks2(SB), NOSPLIT, $64-32
	MOVQ  h+0(FP), DI
	MOVQ  a+8(FP), SI
	MOVQ  b+16(FP), BX
	MOVQ  n+24(FP), DX
	TESTQ DX, DX
	JEQ   done
	MOVOU ·flip(SB), X15
	LEAQ  ·constants(SB), AX
	LOAD(0, X1, X2, X7)
	LOAD(32, X8, X9, X14)

block:
	MOVOU X1, was-64(SP)
	MOVOU X2, was-48(SP)
	MOVOU X8, was-32(SP)
	MOVOU X9, was-16(SP)
	WORDS(0, SI, X3)
	WORDS(0, BX, X10)
	BOTH(0, X3, X10)
	WORDS(16, SI, X4)
	WORDS(16, BX, X11)
	BOTH(16, X4, X11)
	WORDS(32, SI, X5)
	WORDS(32, BX, X12)
	BOTH(32, X5, X12)
	WORDS(48, SI, X6)
	WORDS(48, BX, X13)
	BOTH(48, X6, X13)
	MORE(64)
	MORE(128)
	MORE(192)
	MOVOU was-64(SP), X0
	PADDD X0, X1
	MOVOU was-48(SP), X0
	PADDD X0, X2
	MOVOU was-32(SP), X0
	PADDD X0, X8
	MOVOU was-16(SP), X0
	PADDD X0, X9
	ADDQ  $64, SI
	ADDQ  $64, BX
	DECQ  DX
	JNE   block
	STORE(0, X1, X2, X7)
	STORE(32, X8, X9, X14)

done:
	RET

// func features() (leaf1, leaf7 uint32)
TEXT ·features(SB), NOSPLIT, $0-8
	XORL  AX, AX
	XORL  CX, CX
	CPUID
	MOVL  AX, SI
	MOVL  $1, AX
	XORL  CX, CX
	CPUID
	MOVL  CX, leaf1+0(FP)
	XORL  BX, BX
	CMPL  SI, $7
	JLT   none
	MOVL  $7, AX
	XORL  CX, CX
	CPUID

none:
	MOVL BX, leaf7+4(FP)
	RET
