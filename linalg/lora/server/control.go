package server

import "fmt"

// Control is SCAFFOLD's correction of a client's gradient, Server − Own: what the mean
// client would do, less what this one does anyway (Karimireddy et al. 2020, algorithm 1).
type Control struct{ Server, Own []float64 }

// Correct adds Server − Own to a gradient, in place.
func (c Control) Correct(g []float64) {
	c.fits(len(g))
	for i := range g {
		g[i] += c.Server[i] - c.Own[i]
	}
}

// Next is the client's control after it went from began to ended, by option II:
//
//	c_k − c + (x − y_k)/(Σ η_l)
//
// where rates is the sum of the learning rates of its steps (E·η_l at a constant rate). It is
// the mean gradient of the round only where the steps were plain gradient descent.
func (c Control) Next(began, ended []float64, rates float64) []float64 {
	c.fits(len(began))
	c.fits(len(ended))
	next := make([]float64, len(began))
	for i := range next {
		next[i] = c.Own[i] - c.Server[i] + (began[i]-ended[i])/rates
	}
	return next
}

// Gather adds what one client of a cohort changed its control by to the server's next one, in
// place: share is 1/N of a population of N.
func Gather(server []float64, share float64, was, now []float64) {
	for i := range server {
		server[i] += float64(share * (now[i] - was[i]))
	}
}

func (c Control) fits(n int) {
	if len(c.Server) != n || len(c.Own) != n {
		panic(fmt.Sprintf("server: controls of %d and %d for %d parameters", len(c.Server), len(c.Own), n))
	}
}
