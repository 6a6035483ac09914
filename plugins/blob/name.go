package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/loramesh/loramesh/plugins/blob/twin"
	"github.com/loramesh/loramesh/plugins/method"
)

// ErrName is the error, under errors.Is, for bytes that are not what they are called.
var ErrName = errors.New("a blob is not what its name says")

// Name is the blob that these bytes are.
func Name(content []byte) method.Blob { return method.Hash(sha256.Sum256(content)).Blob() }

// HashFile is the SHA-256 in hex of what is in a file of any size, as it would be named here. It
// is read piece by piece, so that a file may be larger than memory.
func HashFile(path string) (string, error) {
	file, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }()
	h := sha256.New()
	if _, err := io.Copy(h, file); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// claim is a content, and what it is called.
type claim struct {
	hash    method.Hash
	content []byte
}

// misnamed lists the hashes of those of n contents that are not what they are called. The errors of
// those that cannot be read are joined.
func misnamed(n int, at func(int) (claim, error)) (wrong []method.Hash, err error) {
	err = inPairs(n, at, func(_ int, called, is method.Hash) {
		if is != called {
			wrong = append(wrong, called)
		}
	})
	return wrong, err
}

// inPairs tells, in order, what n contents are called, and their hashes: two at a time they take half
// as long as one by one. What cannot be read is passed over, and the errors are joined.
func inPairs(n int, at func(int) (claim, error), tell func(i int, called, is method.Hash)) error {
	var errs []error
	var first claim // of two
	waits := -1     // its number
	for i := range n {
		c, err := at(i)
		switch {
		case err != nil:
			errs = append(errs, err)
		case waits < 0:
			first, waits = c, i
		default:
			sums := twin.Sum256(first.content, c.content)
			tell(waits, first.hash, sums[0])
			tell(i, c.hash, sums[1])
			waits = -1
		}
	}
	if waits >= 0 {
		tell(waits, first.hash, sha256.Sum256(first.content))
	}
	return errors.Join(errs...)
}
