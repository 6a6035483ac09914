package data

import (
	"math"
	"strconv"
	"testing"
)

// As many labels are wrong, and as many colours are the other class's, as is said; a picture has
// its pixels in its colour alone, and a row its colour whatever comes before it.
func TestColours(t *testing.T) {
	const n = 20_000
	wrong, apart := 0, 0
	for i := range n {
		plain := row{names: []string{"label"}, values: map[string]string{"label": strconv.Itoa(i % 10)},
			picture: &Picture{Width: 2, Height: 2, Channels: 1, Pixels: []byte{byte(i), byte(i >> 8), 3, 200}}}
		r := coloured(plain, 0.25, 0.1)
		class := r.values["label"]
		if (class == "1") != (i%10 >= 5) {
			wrong++
		}
		if r.values["digit"] != strconv.Itoa(i%10) {
			t.Fatalf("the digit %d is called %q", i%10, r.values["digit"])
		}
		channel := map[string]int{"red": 0, "green": 1}[r.values["s"]]
		if strconv.Itoa(channel) != class {
			apart++
		}
		for k, v := range r.picture.Pixels {
			want := byte(0)
			if k%3 == channel {
				want = plain.picture.Pixels[k/3]
			}
			if v != want {
				t.Fatalf("pixel %d of a picture in %s is %d; want %d", k, r.values["s"], v, want)
			}
		}
		if again := coloured(plain, 0.25, 0.1); again.hash() != r.hash() {
			t.Fatal("a row was coloured twice, and otherwise")
		}
	}
	for what, c := range map[string][2]float64{"labels are wrong": {float64(wrong) / n, 0.25}, "colours are apart": {float64(apart) / n, 0.1}} {
		if math.Abs(c[0]-c[1]) > 0.01 {
			t.Errorf("%g of the %s; want %g", c[0], what, c[1])
		}
	}
}
