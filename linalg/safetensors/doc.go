// Package safetensors reads and writes the safetensors container: eight bytes of header
// length (little endian), a JSON header, then the tensors' bytes without a gap.
//
// What goes in is the whole file as a slice of bytes (memory-mapped or read: the caller's
// business); what comes out are views into that slice, in the header's order. Writing is
// the way back, and it is deterministic: the same tensors give the same bytes, which is
// what lets a content hash name a checkpoint.
//
// A file is somebody else's word, so Parse believes nothing: lengths, offsets, shapes,
// types, names and encodings are all checked, and whatever is wrong comes back as an
// error that names the tensor. Parse never panics and allocates in proportion to the
// bytes it was given, not to the numbers that they claim.
//
// The package refuses to know what tensors mean, and it opens no files. Read parse.go
// first, then convert.go for what happens to float16 and friends, then encode.go.
//
// Format: https://github.com/huggingface/safetensors (format.md), as of version 0.6.
package safetensors

// Tensor is one named block of a file. Bytes is a view of the file's memory, row-major
// and little endian; it may be read-only memory, so nobody writes to it.
type Tensor struct {
	Name  string
	DType string
	Shape []int
	Bytes []byte
}

// File is a parsed container. Tensors are in the header's order, which need not be the
// order of their bytes. Meta is nil where the file has no "__metadata__".
type File struct {
	Meta    map[string]string
	Tensors []Tensor
}

// Get returns the tensor of that name.
func (f *File) Get(name string) (Tensor, bool) {
	for _, t := range f.Tensors {
		if t.Name == name {
			return t, true
		}
	}
	return Tensor{}, false
}
