package data

import (
	"path"
	"strconv"

	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/scenario"
)

// Coloured MNIST (Arjovsky et al. 2019, Invariant Risk Minimization, section 5.1): digits below
// five are one class and the others another, some labels are wrong, and the colour of a picture
// goes with its label in training more often than the digit does, and in the test seldom.
var (
	colouredNames  = []string{"label", "digit", "s"}
	colouredParams = []param{
		{name: "flip", initial: 0.25, above: 1},      // share of labels that are wrong
		{name: "apart", initial: 0.15, above: 1},     // of the training pictures, those whose colour is the other class's
		{name: "test_apart", initial: 0.9, above: 1}, // of the test's
	}
)

// loadColoured colours the files of MNIST as they are read. Its colours are the column s, the
// attribute that is to be told from the class: groups: [s] protects it.
func loadColoured(d scenario.Data, files Files) (*Set, error) {
	with, err := readParams(d.With, colouredParams)
	if err != nil {
		return nil, err
	}
	s, err := shapeOf(d, "", "label")
	if err != nil {
		return nil, err
	}
	read := func(file string, apart float64) ([]Example, error) {
		set, err := readShards(files, []string{path.Join(d.Path, file)}, func(file string, src []byte) ([]row, error) {
			rows, err := readIDX(files)(file, src)
			for i := range rows {
				rows[i] = coloured(rows[i], with["flip"], apart)
			}
			return rows, err
		}, s)
		if err != nil {
			return nil, err
		}
		return set.Train, nil
	}
	mnist := tables["mnist"]
	set := &Set{Names: colouredNames, Label: "label"}
	if set.Train, err = read(mnist.train, with["apart"]); err != nil {
		return nil, err
	}
	set.Test, err = read(mnist.test, with["test_apart"])
	return set, err
}

// coloured is a picture of a digit in red or green, with its class; the draws are the row's own,
// so that limits and orders do not change them.
func coloured(r row, flip, apart float64) row {
	draw := rng.New(r.hash()).At("coloured").Stream()
	class := 0
	if r.values["label"] >= "5" {
		class = 1
	}
	if draw.Float64() < flip {
		class = 1 - class
	}
	colour := class
	if draw.Float64() < apart {
		colour = 1 - colour
	}
	p := &Picture{Width: r.picture.Width, Height: r.picture.Height, Channels: 3, Pixels: make([]byte, 3*len(r.picture.Pixels))}
	for i, v := range r.picture.Pixels {
		p.Pixels[3*i+colour] = v
	}
	r.names, r.picture = colouredNames, p
	r.values = map[string]string{"label": strconv.Itoa(class), "digit": r.values["label"], "s": []string{"red", "green"}[colour]}
	return r
}
