package data

import "math"

// resized is the picture at another size, by the triangle filter of Pillow's bilinear resize
// (Resample.c): a picture that shrinks is averaged over all that a new pixel covers. Rows come
// first, then columns; weights are whole numbers. The bytes are Pillow's own, as long as it
// takes rows first too: version 13 begins with columns where it finds that cheaper, and some
// bytes are then one apart.
func (p *Picture) resized(width, height int) *Picture {
	q := p
	if width != p.Width {
		q = &Picture{Width: width, Height: p.Height, Channels: p.Channels, Pixels: make([]byte, width*p.Height*p.Channels)}
		for x, t := range taps(p.Width, width) {
			for y := range p.Height {
				for c := range p.Channels {
					q.Pixels[(y*width+x)*p.Channels+c] = t.sum(p.Pixels[(y*p.Width+t.first)*p.Channels+c:], p.Channels)
				}
			}
		}
	}
	if height == q.Height {
		return q
	}
	row := width * p.Channels
	out := &Picture{Width: width, Height: height, Channels: p.Channels, Pixels: make([]byte, height*row)}
	for y, t := range taps(q.Height, height) {
		for i := range row {
			out.Pixels[y*row+i] = t.sum(q.Pixels[t.first*row+i:], row)
		}
	}
	return out
}

// tap is where a new pixel looks among the old ones, and with which weights, in 2⁻²².
type tap struct {
	first   int
	weights []int64
}

// tapBits is Pillow's PRECISION_BITS for bytes.
const tapBits = 32 - 8 - 2

// taps gives the tap of each of the new pixels along one side.
func taps(from, to int) []tap {
	scale := float64(from) / float64(to)
	support := max(scale, 1)
	all := make([]tap, to)
	for i := range all {
		center := float64((float64(i) + 0.5) * scale)
		lo := max(0, int(float64(center-support)+0.5))
		hi := min(from, int(float64(center+support)+0.5))
		weights, sum := make([]float64, hi-lo), 0.0
		for k := range weights {
			weights[k] = max(0, 1-math.Abs(float64(float64(k+lo)-center+0.5)*float64(1/support)))
			sum += weights[k]
		}
		all[i].first = lo
		for _, w := range weights {
			all[i].weights = append(all[i].weights, int64(0.5+float64(w/sum*(1<<tapBits))))
		}
	}
	return all
}

// sum is the weighted sum of bytes that stand so far apart, rounded.
func (t tap) sum(from []byte, step int) byte {
	s := int64(1) << (tapBits - 1)
	for k, w := range t.weights {
		s += w * int64(from[k*step])
	}
	return byte(min(max(s>>tapBits, 0), 255))
}
