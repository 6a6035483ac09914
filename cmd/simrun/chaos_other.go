//go:build !linux

package main

import "errors"

// fillUp needs a call that only Linux has; chaos runs there alone.
func fillUp(int) error { return errors.ErrUnsupported }
