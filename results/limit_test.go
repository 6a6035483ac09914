package results

import (
	"bytes"
	"errors"
	"os"
)

// Limit has a journal hold so many bytes, and so many in a record. It is called before the first
// checkpoint.
func (k *Keeping) Limit(room, most int) { k.journal.room, k.journal.most = room, most }

// Forge writes a word of the first record of a journal over, by one of the same length, and seals it again.
func Forge(path, word, by string) error {
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	sequence, body, _ := unseal(content)
	forged := bytes.Replace(body, []byte(word), []byte(by), 1)
	if len(word) != len(by) || bytes.Equal(forged, body) {
		return errors.New("not forged: " + word)
	}
	record := append(content[:headBytes:headBytes], forged...)
	seal(record, sequence)
	copy(content, record)
	return os.WriteFile(path, content, 0o600)
}
