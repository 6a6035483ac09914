package kernel

// The inner loops. A tile of six sums keeps all of them and their six products in
// registers; with more, today's compiler computes all products first and spills a sum
// into memory, whose latency then bounds the loop (2×3: 8 to 10 GFLOP/s, 3×3: 5, 4×4: 4,
// on the same core). Slices are cut to equal length first, so that the loops run with
// few bounds checks. Edges are narrower tiles with the same order of sums.

// nt23 is six dot products: two rows of a with three of b.
func nt23(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	a0, a1 := a[:k], a[lda:][:k]
	b0, b1, b2 := b[:k], b[ldb:][:k], b[2*ldb:][:k]
	c00, c01, c02 := c.start3(i, j, add)
	c10, c11, c12 := c.start3(i+1, j, add)
	for p := range a0 {
		x, y, z := b0[p], b1[p], b2[p]
		w := a0[p]
		c00 += float32(w * x)
		c01 += float32(w * y)
		c02 += float32(w * z)
		w = a1[p]
		c10 += float32(w * x)
		c11 += float32(w * y)
		c12 += float32(w * z)
	}
	c.put3(i, j, c00, c01, c02)
	c.put3(i+1, j, c10, c11, c12)
}

// nt22 is for the last two columns: most sides are even and no multiple of three.
func nt22(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	a0, a1, b0, b1 := a[:k], a[lda:][:k], b[:k], b[ldb:][:k]
	c00, c01 := c.start2(i, j, add)
	c10, c11 := c.start2(i+1, j, add)
	for p := range a0 {
		x, y := b0[p], b1[p]
		w, v := a0[p], a1[p]
		c00 += float32(w * x)
		c01 += float32(w * y)
		c10 += float32(v * x)
		c11 += float32(v * y)
	}
	c.put2(i, j, c00, c01)
	c.put2(i+1, j, c10, c11)
}

func nt21(c *Matrix, a, b []float32, lda, k, i, j int, add bool) {
	a0, a1, b0 := a[:k], a[lda:][:k], b[:k]
	c0, c1 := c.start(i, j, add), c.start(i+1, j, add)
	for p, x := range b0 {
		c0 += float32(a0[p] * x)
		c1 += float32(a1[p] * x)
	}
	c.put(i, j, c0)
	c.put(i+1, j, c1)
}

func nt13(c *Matrix, a, b []float32, ldb, k, i, j int, add bool) {
	a0, b0, b1, b2 := a[:k], b[:k], b[ldb:][:k], b[2*ldb:][:k]
	c0, c1, c2 := c.start3(i, j, add)
	for p, x := range a0 {
		c0 += float32(x * b0[p])
		c1 += float32(x * b1[p])
		c2 += float32(x * b2[p])
	}
	c.put3(i, j, c0, c1, c2)
}

func dot(sum float32, a, b []float32, k int) float32 {
	a, b = a[:k], b[:k]
	for p, x := range a {
		sum += float32(x * b[p])
	}
	return sum
}

// nn32 is three rows of a times two neighbouring columns of b.
func nn32(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	a0, a1, a2 := a[:k], a[lda:][:k], a[2*lda:][:k]
	c00, c01 := c.start2(i, j, add)
	c10, c11 := c.start2(i+1, j, add)
	c20, c21 := c.start2(i+2, j, add)
	q := 0
	for p := range a0 {
		r := b[q : q+2 : q+2]
		q += ldb
		x, y := r[0], r[1]
		w := a0[p]
		c00 += float32(w * x)
		c01 += float32(w * y)
		w = a1[p]
		c10 += float32(w * x)
		c11 += float32(w * y)
		w = a2[p]
		c20 += float32(w * x)
		c21 += float32(w * y)
	}
	c.put2(i, j, c00, c01)
	c.put2(i+1, j, c10, c11)
	c.put2(i+2, j, c20, c21)
}

func nn12(c *Matrix, a, b []float32, ldb, k, i, j int, add bool) {
	c0, c1 := c.start2(i, j, add)
	q := 0
	for _, w := range a[:k] {
		r := b[q : q+2 : q+2]
		q += ldb
		c0 += float32(w * r[0])
		c1 += float32(w * r[1])
	}
	c.put2(i, j, c0, c1)
}

// tn23 is two neighbouring columns of a with three of b.
func tn23(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	c00, c01, c02 := c.start3(i, j, add)
	c10, c11, c12 := c.start3(i+1, j, add)
	o, q := 0, 0
	for range k {
		l, r := a[o:o+2:o+2], b[q:q+3:q+3]
		o += lda
		q += ldb
		x, y, z := r[0], r[1], r[2]
		w := l[0]
		c00 += float32(w * x)
		c01 += float32(w * y)
		c02 += float32(w * z)
		w = l[1]
		c10 += float32(w * x)
		c11 += float32(w * y)
		c12 += float32(w * z)
	}
	c.put3(i, j, c00, c01, c02)
	c.put3(i+1, j, c10, c11, c12)
}

func tn21(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	c0, c1 := c.start(i, j, add), c.start(i+1, j, add)
	o, q := 0, 0
	for range k {
		l, x := a[o:o+2:o+2], b[q]
		o += lda
		q += ldb
		c0 += float32(l[0] * x)
		c1 += float32(l[1] * x)
	}
	c.put(i, j, c0)
	c.put(i+1, j, c1)
}

func tn13(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	c0, c1, c2 := c.start3(i, j, add)
	o, q := 0, 0
	for range k {
		w, r := a[o], b[q:q+3:q+3]
		o += lda
		q += ldb
		c0 += float32(w * r[0])
		c1 += float32(w * r[1])
		c2 += float32(w * r[2])
	}
	c.put3(i, j, c0, c1, c2)
}

// strided is one element, its sides read with any step.
func strided(c *Matrix, a, b []float32, lda, ldb, k, i, j int, add bool) {
	sum := c.start(i, j, add)
	for p := range k {
		sum += float32(a[p*lda] * b[p*ldb])
	}
	c.put(i, j, sum)
}

// put3 stores three neighbours of a row.
func (m *Matrix) put3(i, j int, x, y, z float32) {
	at := i*m.Stride + j
	r := m.Data[at : at+3 : at+3]
	r[0], r[1], r[2] = x, y, z
}

// put2 stores two neighbours of a row.
func (m *Matrix) put2(i, j int, x, y float32) {
	at := i*m.Stride + j
	r := m.Data[at : at+2 : at+2]
	r[0], r[1] = x, y
}

// start3 is where the chains of three neighbours begin.
func (m *Matrix) start3(i, j int, add bool) (x, y, z float32) {
	if !add {
		return 0, 0, 0
	}
	at := i*m.Stride + j
	r := m.Data[at : at+3 : at+3]
	return r[0], r[1], r[2]
}

// start2 is where the chains of two neighbours begin.
func (m *Matrix) start2(i, j int, add bool) (x, y float32) {
	if !add {
		return 0, 0
	}
	at := i*m.Stride + j
	r := m.Data[at : at+2 : at+2]
	return r[0], r[1]
}
