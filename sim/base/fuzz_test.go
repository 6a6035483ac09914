package base_test

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/base"
	"github.com/loramesh/loramesh/sim/simtest"
)

// FuzzFolder: whatever stands in the files of a folder, reading it ends without a panic;
// what is accepted has weights, and its content has a name.
func FuzzFolder(f *testing.F) {
	whole := sharded(f)
	f.Add(whole[configFile], whole[indexFile], whole["hf/model-0.safetensors"])
	f.Fuzz(func(t *testing.T, config, index, shard string) {
		if len(config)+len(index)+len(shard) > 1<<16 {
			t.Skip("long input finds nothing that short input does not")
		}
		files := simtest.Files{}
		for name, text := range whole {
			files[name] = text
		}
		files[configFile], files[indexFile], files["hf/model-0.safetensors"] = config, index, shard
		b, err := base.FromFolder("main", base.Folder{Dir: "hf"}, files)
		if err != nil {
			if !strings.Contains(err.Error(), "hf") {
				t.Fatalf("the error names no file: %v", err)
			}
			return
		}
		if len(b.Blob) != 64 || b.Context < 1 || len(b.Tensors().List) == 0 {
			t.Fatalf("read as %+v", b)
		}
	})
}
