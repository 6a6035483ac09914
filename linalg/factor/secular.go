package factor

import "math"

// secular is the equation 1 + Σ z_j²/(d_j² − σ²) = 0, whose roots σ₀ < σ₁ < … are the singular
// values of the matrix with z in its first row and d on its diagonal below: d₀ = 0 < d₁ < …, no
// z is 0, and each root lies above its d and below the next (Gu, Eisenstat 1995, §3).
type secular struct{ d, z []float64 }

const (
	epsilon     = 0x1p-52
	mostSecular = 200 // steps for a root; five are usual
)

// root finds σ_i and fills gaps with d_j² − σ_i², each right to its last digits however close
// they are: what is iterated is η = σ² − d_o² from the nearer pole o. ok is false where it did
// not converge.
func (s secular) root(i int, gaps []float64) (sigma float64, ok bool) {
	o, lo, hi, eta := s.bracket(i, gaps)
	if len(s.d) > 1 { // else it is solved as it stands
		eta = s.descend(i, gaps, lo, hi, eta)
	}
	for j := range gaps {
		gaps[j] -= eta
	}
	d := s.d[o]
	sigma = d + eta/(d+math.Sqrt(float64(d*d)+eta))
	return sigma, !math.IsNaN(sigma) && gaps[i] < 0 && (i+1 == len(gaps) || gaps[i+1] > 0)
}

// descend goes from eta to the root that lies between lo and hi.
func (s secular) descend(i int, gaps []float64, lo, hi, eta float64) float64 {
	left, right := i, i+1 // the poles that are modelled
	if right == len(s.d) {
		left, right = i-1, i
	}
	for range mostSecular {
		v := s.at(gaps, eta, left)
		if math.Abs(v.f) <= 8*epsilon*(1+v.size) {
			break
		}
		if v.f < 0 {
			lo = eta
		} else {
			hi = eta
		}
		step := v.step(gaps[left]-eta, gaps[right]-eta, right == i)
		next := eta + step
		if !(next > lo && next < hi) {
			next = between(lo, hi)
		}
		if math.Abs(next-eta) <= epsilon*math.Abs(eta) || next == lo || next == hi {
			return next
		}
		eta = next
	}
	return eta
}

// bracket chooses the pole to count from, fills gaps with d_j² − d_o², and gives the ends
// between which the root lies, counted from there, and where to begin.
func (s secular) bracket(i int, gaps []float64) (o int, lo, hi, eta float64) {
	n := len(s.d)
	if i == n-1 {
		s.from(i, gaps)
		var sum float64
		for _, z := range s.z {
			sum += float64(z * z)
		}
		if n == 1 {
			return i, 0, sum, sum
		}
		return i, 0, sum * (1 + 4*epsilon), sum / 2
	}
	s.from(i, gaps)
	gap := gaps[i+1]
	mid := s.at(gaps, gap/2, i)
	zi, zn := float64(s.z[i]*s.z[i]), float64(s.z[i+1]*s.z[i+1])
	rest := mid.f + 2*zi/gap - 2*zn/gap // without the two poles
	if mid.f >= 0 {
		lo, hi = 0, gap/2
		a, b := float64(rest*gap)+zi+zn, float64(zi*gap)
		eta = quadratic(rest, a, b)
	} else {
		o = 1
		s.from(i+1, gaps)
		lo, hi = -gap/2, 0
		a, b := zi+zn-float64(rest*gap), -float64(zn*gap)
		eta = quadratic(rest, a, b)
	}
	if !(eta > lo && eta < hi) {
		eta = (lo + hi) / 2
	}
	return i + o, lo, hi, eta
}

// from fills gaps with d_j² − d_o².
func (s secular) from(o int, gaps []float64) {
	at := s.d[o]
	for j, d := range s.d {
		gaps[j] = (d - at) * (d + at)
	}
}

// quadratic is the root of c·x² − a·x + b that vanishes with b.
func quadratic(c, a, b float64) float64 {
	root := math.Sqrt(math.Abs(float64(a*a) - float64(4*float64(b*c))))
	if a > 0 {
		return 2 * b / (a + root)
	}
	if c == 0 {
		return 0
	}
	return (a - root) / (2 * c)
}

// values are the equation and its slope at a point, the slope from the poles up to left and
// from the others; size is Σ|terms|, of which the rounding is a share.
type secularValues struct{ f, size, below, above float64 }

func (s secular) at(gaps []float64, eta float64, left int) (v secularValues) {
	v.f = 1
	z := s.z[:len(gaps)]
	for j, g := range gaps[:left+1] {
		t := z[j] / (g - eta)
		v.f += float64(z[j] * t)
		v.size += math.Abs(float64(z[j] * t))
		v.below += float64(t * t)
	}
	for j := left + 1; j < len(gaps); j++ {
		t := z[j] / (gaps[j] - eta)
		v.f += float64(z[j] * t)
		v.size += math.Abs(float64(z[j] * t))
		v.above += float64(t * t)
	}
	return v
}

// step goes to the root of a model with both poles, by the middle way (Li 1993); where that
// leads the wrong way it is Newton's. a and b are the distances of the poles; in the last
// interval both lie below.
func (v secularValues) step(a, b float64, last bool) float64 {
	slope := v.below + v.above
	c := v.f - float64(a*v.below) - float64(b*v.above)
	p := float64((a+b)*v.f) - float64(float64(a*b)*slope)
	q := float64(float64(a*b) * v.f)
	root := math.Sqrt(math.Abs(float64(p*p) - float64(4*float64(q*c))))
	var h float64
	switch {
	case last && p >= 0:
		h = (p + root) / (2 * c)
	case last:
		h = 2 * q / (p - root)
	case p <= 0:
		h = (p - root) / (2 * c)
	default:
		h = 2 * q / (p + root)
	}
	if !(float64(h*v.f) < 0) {
		h = -v.f / slope
	}
	return h
}

// between halves an interval, by ratio where its ends are orders of magnitude apart.
func between(lo, hi float64) float64 {
	a, b := math.Abs(lo), math.Abs(hi)
	if small, large := min(a, b), max(a, b); small > 0 && large > 4*small && (lo < 0) == (hi < 0) {
		return math.Copysign(math.Sqrt(small)*math.Sqrt(large), lo+hi)
	}
	return lo + (hi-lo)/2
}

// fit is the z for which the roots that were found are the exact ones (Gu, Eisenstat 1995, eq.
// 3.6): with it, vectors are orthogonal however close the roots are. gaps has a row for each
// root; the range is of the entries to fill.
func (s secular) fit(out []float64, gaps func(i int) []float64, lo, hi int) {
	n := len(s.d)
	for k := lo; k < hi; k++ {
		out[k] = -gaps(n - 1)[k]
	}
	for i := range n - 1 {
		row := gaps(i)
		for k := lo; k < hi; k++ {
			pole := s.d[i]
			if k <= i {
				pole = s.d[i+1]
			}
			out[k] *= -row[k] / ((pole - s.d[k]) * (pole + s.d[k]))
		}
	}
	for k := lo; k < hi; k++ {
		out[k] = math.Copysign(math.Sqrt(math.Abs(out[k])), s.z[k])
	}
}
