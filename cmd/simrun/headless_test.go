package main

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// makeHeadless DIR FAMILY makes a Hugging Face folder of a tiny encoder without a head, of a
// vision model with pictures to read (even.png, odd.png, and a pair of IDX files), or of an
// encoder-decoder.
func makeHeadless(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: headless DIR FAMILY")
	}
	dir, family := ts.MkAbs(args[0]), args[1]
	tok, err := tokenizer.Words(strings.Fields("the a cat dog sees eats is good bad"))
	ts.Check(err)
	shape := nn.Shape{Vocab: tok.Vocab(), Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 2, Context: 16, Tied: true}
	if family == "vit" {
		shape = nn.Shape{Width: 12, Inner: 20, Layers: 1, Heads: 2, KVHeads: 2, Image: nn.Image{Size: 4, Patch: 2, Channels: 1}}
	}
	c, err := nn.Design(family, shape)
	ts.Check(err)
	m, err := nn.New(c, 0.3, rng.New(1).Stream())
	ts.Check(err)
	weights, err := safetensors.EncodeTensors(m.Tensors())
	ts.Check(err)
	files := map[string][]byte{"config.json": c.JSON(), "model.safetensors": weights, "tokenizer.json": tok.JSON()}
	if family == "vit" {
		delete(files, "tokenizer.json")
		makePictures(files)
	}
	ts.Check(os.MkdirAll(dir, 0o755))
	for name, content := range files {
		ts.Check(os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
}

// makePictures adds eight pictures with the labels 0 and 1 as IDX files, and two as PNG.
func makePictures(files map[string][]byte) {
	pictures, labels := []byte{0, 0, 8, 3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0, 4}, []byte{0, 0, 8, 1, 0, 0, 0, 8}
	for i := range 8 {
		img := image.NewGray(image.Rect(0, 0, 4, 4))
		for p := range 16 {
			img.SetGray(p%4, p/4, color.Gray{Y: byte(16*p*(i%2) + 7*i)})
		}
		pictures, labels = append(pictures, img.Pix...), append(labels, byte(i%2))
		var out bytes.Buffer
		if err := png.Encode(&out, img); err != nil {
			panic(err) // into memory, of a sound picture
		}
		files[[]string{"even.png", "odd.png"}[i%2]] = out.Bytes()
	}
	files["eight-images-idx3-ubyte"], files["eight-labels-idx1-ubyte"] = pictures, labels
}
