//go:build !amd64

package wide

const twoAbreast, sixteenAbreast = false, false

// blocks2 and blocks16 are for processors of which this package knows the instructions.
func blocks2(*[2][8]uint32, *byte, *byte, int) { panic(impossible) }

func blocks16(*[8][Most]uint32, *[Most]*byte, int) { panic(impossible) }

const impossible = "wide: hashed side by side where that cannot be"
