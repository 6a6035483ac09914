//go:build !amd64

package twin

const sideBySide = false

// blocks is for processors of which this package knows the instructions.
func blocks(*[2][8]uint32, *byte, *byte, int) {
	panic("twin: hashed side by side where that cannot be")
}
