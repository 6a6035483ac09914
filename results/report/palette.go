package report

import (
	"fmt"
	"image/color"
)

// Colours on the drawing are placeholders: after drawing, each is replaced by a variable
// of the page's style sheet, which has one set for light screens and one for dark.
var (
	ink   = placeholder(0)
	faint = placeholder(1)
)

// hues is the number of colours that can be told apart by readers with any common colour
// vision (Okabe and Ito, 2008; yellow left out: it cannot be seen on white). From the
// eighth curve on they repeat with another dash.
const hues = 7

// hue is the colour of curve number i.
func hue(i int) color.RGBA { return placeholder(2 + i%hues) }

// A placeholder's blue says which it is; they lie step apart, because a drawing with
// transparency may round each part by one.
const (
	red, green, blue = 0x10, 0x20, 0x30
	step             = 8
)

func placeholder(i int) color.RGBA {
	return color.RGBA{R: red, G: green, B: uint8(blue + step*i), A: 0xFF}
}

// variable is the style sheet's variable for a placeholder as it was drawn ("#102030"), or
// the colour itself where it is none.
func variable(hex string) string {
	var r, g, b int
	if _, err := fmt.Sscanf(hex, "#%02X%02X%02X", &r, &g, &b); err != nil {
		return hex
	}
	i := (b - blue + 1) / step
	if abs(r-red) > 1 || abs(g-green) > 1 || i < 0 || i > 1+hues || abs(b-blue-step*i) > 1 {
		return hex
	}
	switch i {
	case 0:
		return "var(--ink)"
	case 1:
		return "var(--grid)"
	}
	return fmt.Sprintf("var(--c%d)", i-2)
}

func abs(x int) int { return max(x, -x) }
