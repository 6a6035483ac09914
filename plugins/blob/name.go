package blob

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"github.com/loramesh/loramesh/plugins/blob/wide"
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
	var errs []error
	called, contents := make([]method.Hash, 0, wide.Most), make([][]byte, 0, wide.Most)
	for i := range n {
		c, err := at(i)
		if err != nil {
			errs = append(errs, err)
		} else {
			called, contents = append(called, c.hash), append(contents, c.content)
		}
		if len(contents) < wide.Most && i < n-1 {
			continue // so many take little longer than one
		}
		for j, is := range wide.Sums(contents) {
			if is != called[j] {
				wrong = append(wrong, called[j])
			}
		}
		called, contents = called[:0], contents[:0]
	}
	return wrong, errors.Join(errs...)
}
