package report

import "unicode/utf8"

// How much of a plot's drawing a mark's name takes, in points: a letter on the average, a line,
// and how far it stands from the middle of its mark.
const (
	letterWidth = 4.9
	lineHeight  = 10.0
	nameOffset  = 7.0
	innerWidth  = 360.0 // of a plot, between its axes
	innerHeight = 210.0
)

// box is where a name stands, in points from the lower left corner of the axes.
type box struct{ left, right, low, high float64 }

func (b box) meets(o box) bool {
	return b.left < o.right && o.left < b.right && b.low < o.high && o.low < b.high
}

// placed says of each mark on which side its name can stand, to the right (1) or left (−1), so that
// no two names meet and none leaves the axes; 0 where there is no room: the legend has it.
func placed(curves []curve, least, greatest point) []int {
	sides := make([]int, len(curves))
	var taken []box
	at := func(p point) (x, y float64) {
		return innerWidth * (p.X - least.X) / (greatest.X - least.X), innerHeight * (p.Y - least.Y) / (greatest.Y - least.Y)
	}
	for _, c := range curves { // marks are in the way as well
		for _, p := range c.Points {
			x, y := at(p)
			taken = append(taken, box{x - 4, x + 4, y - 4, y + 4})
		}
	}
	for i, c := range curves {
		if len(c.Points) == 0 {
			continue
		}
		x, y := at(c.Points[0])
		width := widthOf(c.Label)
		for _, side := range []int{1, -1} {
			b := box{x + nameOffset, x + nameOffset + width, y - lineHeight/2, y + lineHeight/2}
			if side < 0 {
				b.left, b.right = x-nameOffset-width, x-nameOffset
			}
			free := b.left >= 0 && b.right <= innerWidth
			for _, o := range taken {
				free = free && !b.meets(o)
			}
			if free {
				sides[i], taken = side, append(taken, b)
				break
			}
		}
	}
	return sides
}

// widthOf is about how wide a name is on the page.
func widthOf(name string) float64 { return letterWidth * float64(utf8.RuneCountInString(name)) }
