package remote

import "errors"

// freeing gives memory back beside a stream's calls. To unmap the last that is left of a file
// takes milliseconds, and whoever waits for an answer is not to wait for that.
type freeing struct {
	free  chan func() error
	ended chan error // what could not be freed, once all else is
}

// beginFreeing lets a goroutine work, until end.
func beginFreeing() *freeing {
	f := &freeing{free: make(chan func() error, 1), ended: make(chan error, 1)}
	go func() {
		var errs []error
		for free := range f.free {
			errs = append(errs, free())
		}
		f.ended <- errors.Join(errs...)
	}()
	return f
}

// hand has something freed, nil being nothing. It waits where that falls behind by two calls, so
// that no more memory than that is kept by it.
func (f *freeing) hand(free func() error) {
	if free != nil {
		f.free <- free
	}
}

// end waits until all is freed.
func (f *freeing) end() error {
	close(f.free)
	return <-f.ended
}
