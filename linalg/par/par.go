// Package par runs a loop on several goroutines with a split that depends on the numbers
// alone. It is the only place of the floor that starts any.
//
// What goes in is a length, a number of workers and a function of a range; the function
// returns nothing, it writes to the part of the result that its range owns. The package
// refuses to know what is computed, and it has no queue: a split that followed the load
// could be seen in a result that is summed per range.
package par

import (
	"fmt"
	"runtime"
	"sync"
)

// For calls f on consecutive ranges lo…hi−1 that cover 0…n−1, one per worker, sizes
// differing by at most one, and returns when all are done. With one worker, or n < 2, f
// runs in the caller's goroutine. A panic in f is raised again in the caller's goroutine,
// the one of the lowest range if there are several.
func For(n, workers int, f func(lo, hi int)) {
	if workers < 1 {
		panic(fmt.Sprintf("par: %d workers for %d items", workers, n))
	}
	workers = min(workers, n)
	if workers <= 1 {
		if n > 0 {
			f(0, n)
		}
		return
	}
	panics := make([]any, workers)
	var wait sync.WaitGroup
	for w := range workers {
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer func() { panics[w] = recover() }()
			f(w*n/workers, (w+1)*n/workers)
		}()
	}
	wait.Wait()
	for _, p := range panics {
		if p != nil {
			panic(p)
		}
	}
}

// Cores is how many workers pay on this machine. What is computed must not depend on it.
func Cores() int { return runtime.GOMAXPROCS(0) }
