package data_test

import (
	"bytes"
	"compress/gzip"
	"image"
	"image/color"
	"image/png"
	"slices"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
	"github.com/loramesh/loramesh/sim/simtest"
)

// idx is an IDX file of bytes with these sides.
func idx(content []byte, sides ...int) []byte {
	b := []byte{0, 0, 8, byte(len(sides))}
	for _, n := range sides {
		b = append(b, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(b, content...)
}

func zipped(t *testing.T, b []byte) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func pngOf(t *testing.T, img image.Image) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, img); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// A pair of IDX files, plain or gzipped, is rows with a picture and a label; rows with equal
// labels and other pictures are other rows.
func TestIDX(t *testing.T) {
	pictures, labels := idx([]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}, 2, 2, 3), idx([]byte{7, 7}, 2)
	files := simtest.Files{"d/a-images-idx3-ubyte": string(pictures), "d/a-labels-idx1-ubyte": string(labels),
		"d/b-images-idx3-ubyte.gz": zipped(t, pictures), "d/b-labels-idx1-ubyte.gz": zipped(t, labels)}
	for _, file := range []string{"d/a-images-idx3-ubyte", "d/b-images-idx3-ubyte.gz"} {
		set, err := data.Load(scenario.Data{Name: "x", File: file}, files, 1)
		if err != nil {
			t.Fatal(file, err)
		}
		p := set.Train[1].Picture
		if len(set.Train) != 2 || set.Label != "label" || set.Train[1].Answer != "7" || p.Width != 3 || p.Height != 2 || p.Channels != 1 || !slices.Equal(p.Pixels, []byte{7, 8, 9, 10, 11, 12}) {
			t.Errorf("%s: %+v, %+v", file, set.Train, p)
		}
		if set.Train[0].Hash == set.Train[1].Hash {
			t.Errorf("%s: two pictures are one row", file)
		}
	}
}

func TestIDXThatCannotBe(t *testing.T) {
	good, labels := idx(make([]byte, 8), 2, 2, 2), idx([]byte{1, 2}, 2)
	for want, x := range map[string]struct{ pictures, labels []byte }{
		"ends after 7 of 8 bytes":          {good[:len(good)-1], labels},
		"something follows":                {append(slices.Clone(good), 0), labels},
		"begins with 00000801":             {idx(make([]byte, 16), 16), labels},
		"1 labels, and":                    {good, idx([]byte{1}, 1)},
		"side 1 is 0":                      {idx(nil, 0, 2, 2), labels},
		"at most 2147483648 bytes":         {idx(nil, 1<<20, 1<<20, 1<<20), labels},
		"16 bytes; it ends before":         {good[:9], labels},
		"damaged gzip":                     {[]byte{0x1f, 0x8b, 0}, labels},
		"x-labels-idx1-ubyte: it begins w": {good, good},
	} {
		files := simtest.Files{"x-images-idx3-ubyte": string(x.pictures), "x-labels-idx1-ubyte": string(x.labels)}
		if _, err := data.Load(scenario.Data{Name: "x", File: "x-images-idx3-ubyte"}, files, 1); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v; %q was expected in it", err, want)
		}
	}
	lonely := simtest.Files{"x-images-idx3-ubyte": string(good)}
	if _, err := data.Load(scenario.Data{Name: "x", File: "x-images-idx3-ubyte"}, lonely, 1); err == nil || !strings.Contains(err.Error(), "its labels cannot be read") {
		t.Errorf("%v", err)
	}
	if _, err := data.Load(scenario.Data{Name: "x", File: "y", Format: "idx"}, simtest.Files{"y": string(good)}, 1); err == nil || !strings.Contains(err.Error(), "named as MNIST's") {
		t.Errorf("%v", err)
	}
}

// Files of pictures are found from the rows that name them.
func TestPicturesByColumn(t *testing.T) {
	gray, colour := image.NewGray(image.Rect(0, 0, 2, 1)), image.NewNRGBA(image.Rect(0, 0, 1, 1))
	gray.Pix = []byte{3, 200}
	colour.SetNRGBA(0, 0, color.NRGBA{10, 20, 30, 128})
	files := simtest.Files{"d/rows.jsonl": `{"path": "a.png", "answer": "x"}` + "\n" + `{"path": "b.png", "answer": "y"}`,
		"d/a.png": string(pngOf(t, gray)), "d/b.png": string(pngOf(t, colour))}
	d := scenario.Data{Name: "x", File: "d/rows.jsonl", Columns: map[string]string{"image": "path"}}
	set, err := data.Load(d, files, 1)
	if err != nil {
		t.Fatal(err)
	}
	a, b := set.Train[0].Picture, set.Train[1].Picture
	if a.Channels != 1 || !slices.Equal(a.Pixels, gray.Pix) || b.Channels != 3 || !slices.Equal(b.Pixels, []byte{10, 20, 30}) {
		t.Errorf("%+v, %+v", a, b)
	}
	files["d/b.png"] = "no picture"
	if _, err := data.Load(d, files, 1); err == nil || !strings.Contains(err.Error(), "d/rows.jsonl:2: d/b.png: no PNG or JPEG") {
		t.Errorf("%v", err)
	}
	delete(files, "d/b.png")
	if _, err := data.Load(d, files, 1); err == nil || !strings.Contains(err.Error(), "d/rows.jsonl:2: its picture") {
		t.Errorf("%v", err)
	}
}

// Numbers are what Pillow and ViTImageProcessor make of the same bytes.
func TestLook(t *testing.T) {
	p := &data.Picture{Width: 5, Height: 4, Channels: 1}
	for i := range 20 {
		p.Pixels = append(p.Pixels, byte(i*37))
	}
	look, err := data.ParseLook([]byte(`{"do_normalize": false, "do_rescale": false, "resample": 2}`))
	if err != nil {
		t.Fatal(err)
	}
	got, err := look.Numbers(p, nn.Image{Size: 3, Patch: 1, Channels: 1})
	if want := []float32{71, 70, 111, 166, 124, 81, 80, 138, 153}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; Pillow makes %v of it", got, err, want)
	}
	look, err = data.ParseLook([]byte(`{"image_mean": [0.5, 0.25, 0], "image_std": 0.5, "do_resize": false}`))
	if err != nil {
		t.Fatal(err)
	}
	one := &data.Picture{Width: 1, Height: 1, Channels: 1, Pixels: []byte{255}}
	if got, err = look.Numbers(one, nn.Image{Size: 1, Patch: 1, Channels: 3}); err != nil || !slices.Equal(got, []float32{1, 1.5, 2}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := look.Numbers(p, nn.Image{Size: 3, Patch: 1, Channels: 3}); err == nil || !strings.Contains(err.Error(), "5×4 pixels; expected 3×3") {
		t.Errorf("%v", err)
	}
	for text, want := range map[string]string{
		`{"resample": 3}`: "resample 3 is not supported", `{"do_center_crop": true}`: "do_center_crop", `{"image_std": [0]}`: "image_std has 0",
		`{"image_mean": []}`: "image_mean has 0 numbers", `{"rescale_factor": 0}`: "rescale_factor is 0", `{"image_mean": "x"}`: "image_mean: expected",
	} {
		if _, err := data.ParseLook([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v; %q was expected in it", text, err, want)
		}
	}
}

// No picture, of whatever bytes, ends in more than an error.
func FuzzPicture(f *testing.F) {
	f.Add([]byte("\x89PNG\r\n\x1a\n"))
	gray := image.NewGray(image.Rect(0, 0, 2, 2))
	var out bytes.Buffer
	if err := png.Encode(&out, gray); err != nil {
		f.Fatal(err)
	}
	f.Add(out.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if p, err := data.DecodePicture(b); err == nil && len(p.Pixels) != p.Width*p.Height*p.Channels {
			t.Errorf("%d×%d×%d, and %d bytes", p.Width, p.Height, p.Channels, len(p.Pixels))
		}
	})
}

// No IDX file does either.
func FuzzIDX(f *testing.F) {
	f.Add(idx(make([]byte, 8), 2, 2, 2), idx([]byte{1, 2}, 2))
	f.Fuzz(func(t *testing.T, pictures, labels []byte) {
		files := simtest.Files{"x-images-idx3-ubyte": string(pictures), "x-labels-idx1-ubyte": string(labels)}
		set, err := data.Load(scenario.Data{Name: "x", File: "x-images-idx3-ubyte"}, files, 1)
		if err == nil && len(set.Train) == 0 {
			t.Error("no rows and no error")
		}
	})
}

// Whatever a preprocessor_config.json says, pictures become finite numbers or an error.
func FuzzLook(f *testing.F) {
	f.Add([]byte(`{"image_mean": [0.5], "image_std": 1e-300, "do_resize": true}`))
	p := &data.Picture{Width: 2, Height: 2, Channels: 1, Pixels: []byte{0, 255, 3, 4}}
	f.Fuzz(func(t *testing.T, b []byte) {
		look, err := data.ParseLook(b)
		if err != nil {
			return
		}
		if got, err := look.Numbers(p, nn.Image{Size: 3, Patch: 1, Channels: 1}); err == nil && len(got) != 9 {
			t.Errorf("%d numbers", len(got))
		}
	})
}
