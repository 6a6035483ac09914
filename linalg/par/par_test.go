package par

import "testing"

func TestForCoversOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 5, 16, 17} {
		for workers := 1; workers <= 6; workers++ {
			hits := make([]int, n)
			sizes := make([]int, n)
			For(n, workers, func(lo, hi int) {
				for i := lo; i < hi; i++ {
					hits[i]++
					sizes[i] = hi - lo
				}
			})
			for i, h := range hits {
				if h != 1 || sizes[i] < n/workers || sizes[i] > n/min(n, workers)+1 {
					t.Errorf("n %d, workers %d: item %d met %d times in a range of %d", n, workers, i, h, sizes[i])
				}
			}
		}
	}
}

func TestPanicReachesTheCaller(t *testing.T) {
	defer func() {
		if p := recover(); p != "first" {
			t.Errorf("recovered %v; want the panic of the lowest range", p)
		}
	}()
	For(4, 4, func(lo, _ int) {
		switch lo {
		case 1:
			panic("first")
		case 3:
			panic("second")
		}
	})
	t.Error("For returned")
}

func TestNoWorkersPanics(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	For(3, 0, func(int, int) {})
}
