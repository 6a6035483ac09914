package kernel

import "slices"

// Turned is the panels of the same matrix for the other way: of what [PackNT] packed, what
// [PackNN] would make of it. It holds numbers in the same format.
func (p *Panels) Turned() *Panels {
	back := p.turnedShape()
	if p.format == Float32 {
		back.data = Make[float32](p.TurnedBytes() / 4)
		turnPanels(p.data, p.K, p.N, func(at int, stretch []float32) { copy(back.data[at:], stretch) })
	} else {
		back.half = Make[uint16](p.TurnedBytes() / 2)
		p.turn16(func(at int, stretch []uint16) { copy(back.half[at:], stretch) })
	}
	return back
}

// turnedShape is Turned without its numbers.
func (p *Panels) turnedShape() *Panels { return &Panels{K: p.N, N: p.K, format: p.format} }

// TurnedBytes is how long the Bytes of [Panels.Turned] are.
func (p *Panels) TurnedBytes() int {
	back := p.turnedShape()
	switch p.format {
	case Float32:
		return 4 * back.size()
	case Rounded:
		back.K = 2 * back.pairs()
	}
	return 2 * back.size()
}

// TurnTo writes the Bytes of [Panels.Turned] into a room of that size, over whatever is there.
func (p *Panels) TurnTo(room []byte) {
	if p.format == Float32 {
		to := Floats(room)
		turnPanels(p.data, p.K, p.N, func(at int, stretch []float32) { copy(to[at:], stretch) })
		return
	}
	to := numbersOf[uint16](room)
	p.turn16(func(at int, stretch []uint16) { copy(to[at:], stretch) })
}

// TurnedAt is Turned in memory that holds it, under the conditions of [Panels.At].
func (p *Panels) TurnedAt(room []byte) (at *Panels, ok bool) {
	if len(room) != p.TurnedBytes() {
		return nil, false
	}
	back, same := p.turnedShape(), true
	if p.format == Float32 {
		back.data = Floats(aligned(room))
		turnPanels(p.data, p.K, p.N, func(at int, stretch []float32) {
			same = same && string(bytesOf(stretch)) == string(bytesOf(back.data[at:at+len(stretch)])) // a zero is not the other one
		})
	} else {
		back.half = numbersOf[uint16](aligned(room))
		p.turn16(func(at int, stretch []uint16) { same = same && slices.Equal(stretch, back.half[at:at+len(stretch)]) })
	}
	return back, same
}

// turn16 is turnPanels of panels of 16 bits.
func (p *Panels) turn16(put func(at int, stretch []uint16)) {
	if p.format == Rounded {
		p.turnRounded(put)
	} else {
		turnPanels(p.half, p.K, p.N, put)
	}
}

// turnPanels gives the turned panels piece by piece, and says where each lies. Where a panel has 32
// rows, 32 columns of them lie in one stretch, and so they do when they are turned.
func turnPanels[T any](from []T, k, n int, put func(at int, stretch []T)) {
	turned := make([]T, width*width)
	for j := 0; j < n; j += width {
		columns := min(width, n-j)
		for i := 0; i < k; i += width {
			rows := min(width, k-i)
			if rows < width {
				clear(turned)
			}
			for r := range rows {
				for c, x := range from[j*k+(i+r)*width:][:columns] {
					turned[c*width+r] = x
				}
			}
			put(i*n+j*width, turned[:columns*width])
		}
	}
}
