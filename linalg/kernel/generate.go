package kernel

//go:generate go run -C ../../tools/asm . -set gemm -out ../../linalg/kernel/gemm_amd64.s -stubs ../../linalg/kernel/gemm_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set gemm64 -out ../../linalg/kernel/gemm64_amd64.s -stubs ../../linalg/kernel/gemm64_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set rows -out ../../linalg/kernel/rows_amd64.s -stubs ../../linalg/kernel/rows_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set thin -out ../../linalg/kernel/thin_amd64.s -stubs ../../linalg/kernel/thin_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set gemm16 -out ../../linalg/kernel/gemm16_amd64.s -stubs ../../linalg/kernel/gemm16_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set scattered -out ../../linalg/kernel/scattered_amd64.s -stubs ../../linalg/kernel/scattered_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set pairs -out ../../linalg/kernel/pairs_amd64.s -stubs ../../linalg/kernel/pairs_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set shallow -out ../../linalg/kernel/shallow_amd64.s -stubs ../../linalg/kernel/shallow_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set brief -out ../../linalg/kernel/brief_amd64.s -stubs ../../linalg/kernel/brief_stubs_amd64.go -pkg kernel
//go:generate go run -C ../../tools/asm . -set sums -out ../../linalg/kernel/sums_amd64.s -stubs ../../linalg/kernel/sums_stubs_amd64.go -pkg kernel
