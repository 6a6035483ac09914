package train_test

import (
	"math"
	"testing"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/data"
)

// uploaded is what a client's Fit uploads under a rule, what it began from, and what travels.
func uploaded(t *testing.T, sets ...string) (made, began method.Tensors, bytes int64) {
	t.Helper()
	r := newRig(t, sets...)
	rep := r.do(0, 5, fit())
	made, err := r.blobs.Open(rep.Made[0].Blob)
	if err != nil {
		t.Fatal(err)
	}
	if began, err = r.blobs.Open(rep.Began[0].Blob); err != nil {
		t.Fatal(err)
	}
	return made, began, data.TravelBytes(made)
}

// distance is the norm of what two lists of tensors differ by.
func distance(a, b method.Tensors) float64 {
	sum := 0.0
	for i := range a.List {
		for k := range a.List[i].Data {
			d := float64(a.List[i].Data[k] - b.List[i].Data[k])
			sum += float64(d * d)
		}
	}
	return math.Sqrt(sum)
}

// What arrives is what was made, as the code holds it, at the code's price; twice the same.
func TestUploadsAreEncoded(t *testing.T) {
	exact, began, full := uploaded(t)
	moved := distance(exact, began)
	for code, bytes := range map[string]int64{"f16": full / 2, "bf16": full / 2, "int8": full/4 + 4*int64(len(exact.List))} {
		got, from, n := uploaded(t, "population.client.upload.encode="+code)
		if n != bytes || distance(from, began) != 0 {
			t.Errorf("%s: %d bytes travel, expected %d of %d", code, n, bytes, full)
		}
		if off := distance(got, exact); off == 0 || off > 0.2*moved {
			t.Errorf("%s: off by %g, and the change is %g", code, off, moved)
		}
		again, _, _ := uploaded(t, "population.client.upload.encode="+code)
		if distance(got, again) != 0 {
			t.Errorf("%s: the same work arrives otherwise", code)
		}
		for i, x := range got.List {
			for k, v := range x.Data {
				if dtype := map[string]string{"f16": "F16", "bf16": "BF16"}[code]; dtype != "" && v != safetensors.Rounded(dtype, exact.List[i].Data[k]) {
					t.Fatalf("%s: %s[%d] is %g of %g", code, x.Name, k, v, exact.List[i].Data[k])
				}
			}
		}
	}
}

// A change is no longer than clip, and noise adds what it says.
func TestUploadsAreClippedWithNoise(t *testing.T) {
	exact, began, _ := uploaded(t)
	moved := distance(exact, began)
	if got, _, _ := uploaded(t, "population.client.upload.clip=1e6"); distance(got, exact) > 1e-6*moved {
		t.Error("a clip that nothing reaches changes something")
	}
	if got, _, _ := uploaded(t, "population.client.upload.clip=0.01"); math.Abs(distance(got, began)-0.01) > 1e-6 {
		t.Errorf("clipped to 0.01, a change is %g", distance(got, began))
	}
	clipped, _, _ := uploaded(t, "population.client.upload.clip=0.01")
	noisy, _, _ := uploaded(t, "population.client.upload={clip: 0.01, noise: 3}")
	n := 0
	for _, x := range exact.List {
		n += len(x.Data)
	}
	if sd := distance(noisy, clipped) / math.Sqrt(float64(n)); math.Abs(sd-0.03) > 0.005 {
		t.Errorf("noise of 3 times 0.01 has the standard deviation %g over %d numbers", sd, n)
	}
}

// Rounding by chance is right in the mean.
func TestInt8IsUnbiased(t *testing.T) {
	exact, _, _ := uploaded(t)
	x := exact.List[0]
	const times = 400
	mean := make([]float64, len(x.Data))
	largest := 0.0
	for i := range times {
		got := data.Encode(method.Tensors{List: exact.List[:1]}, data.Int8, rng.New(uint64(i)))
		for k, v := range got.List[0].Data {
			mean[k] += float64(v) / times
		}
	}
	for _, v := range x.Data {
		largest = max(largest, math.Abs(float64(v)))
	}
	step := largest / 127
	for k, v := range x.Data {
		if math.Abs(mean[k]-float64(v)) > 0.15*step { // six standard errors of at most half a step
			t.Errorf("%g comes to %g in the mean, a step is %g", v, mean[k], step)
		}
	}
}
