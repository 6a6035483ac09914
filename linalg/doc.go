// Package linalg is the ground floor: numbers, and nothing but numbers.
//
// What goes in are slices of float32; what comes out are slices of float32, or float64
// where a factorisation or a sum over participants needs it. The floor refuses to know
// files, clocks, logs, methods and scenarios. Its only goroutines are those of
// linalg/par.
//
// Read next: kernel (matrix products and row operations), nn (the transformer), lora
// (adapters), factor (QR and singular values), then rng, safetensors and tokenizer as needed.
package linalg
