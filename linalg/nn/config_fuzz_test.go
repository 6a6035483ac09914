package nn

import (
	"strings"
	"testing"
)

// FuzzParseConfig: whatever config.json says, no panic; errors name the file; and a shape
// that is accepted has sides that a model can have.
func FuzzParseConfig(f *testing.F) {
	f.Add([]byte(`{"model_type":"llama","vocab_size":8,"hidden_size":4,"intermediate_size":8,"num_hidden_layers":1,"num_attention_heads":1}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		c, err := ParseConfig(text)
		if err != nil {
			if !strings.Contains(err.Error(), "config.json") {
				t.Fatalf("the error does not name the file: %v", err)
			}
			return
		}
		if err := c.Check(); err != nil {
			t.Fatalf("%s\nis accepted, and then: %v", text, err)
		}
	})
}
