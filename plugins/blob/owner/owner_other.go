//go:build !unix

package owner

import "os"

// Tells says whether this system tells who has a file.
const Tells = false

// Take does nothing where the system has no lock that ends with the process: there, that somebody
// has a file cannot be told.
func Take(*os.File) error { return nil }

// Gone is never certain there.
func Gone(string) (bool, error) { return false, nil }
