package nn

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unsafe"

	"github.com/loramesh/loramesh/linalg/rng"
)

// placeable are models of every form in which weights are held.
func placeable(t *testing.T) map[string]*Model {
	s := rng.New(81).At("placed").Stream()
	all := map[string]*Model{}
	for _, tied := range []bool{true, false} {
		c := small(tied)
		all[fmt.Sprintf("float32, tied %v", tied)] = randomModel(t, c, s)
		for _, form := range []Form{{Weights: "BF16"}, {Weights: "F16"}, {Products: "BF16"}, {Products: "F16"}} {
			m, err := LoadAs(c, stored(t, randomModel(t, c, s), "F32"), form)
			if err != nil {
				t.Fatal(err)
			}
			all[fmt.Sprintf("%+v, tied %v", form, tied)] = m
		}
	}
	for _, family := range []string{"gpt2", "gemma"} { // maps stored the other way; gains stored otherwise
		c, err := Design(family, Shape{Vocab: 40, Width: 24, Inner: 56, Layers: 2, Heads: 2, KVHeads: 2, Context: 64, Tied: true})
		if err != nil {
			t.Fatal(err)
		}
		all[family] = randomModel(t, c, s)
	}
	return all
}

// learned is what a step of training says: the loss, and the gradients of a branch.
func learned(t *testing.T, m *Model) []float32 {
	t.Helper()
	s := rng.New(82).Stream()
	r := NewRunner(m)
	_, params := trained(t, r, s)
	loss, _, err := r.Learn(raggedBatch(m.config, s), nil)
	if err != nil {
		t.Fatal(err)
	}
	out := []float32{float32(loss.Mean())}
	for _, p := range params {
		out = append(out, p.Grad...)
	}
	return out
}

// roomFor is memory for a model, which begins where a line of the cache does, and is not empty.
func roomFor(m *Model) []byte {
	room := make([]byte, m.Room()+64)
	for i := range room {
		room[i] = 0xa5
	}
	lo := -int(uintptr(unsafe.Pointer(unsafe.SliceData(room)))) & 63
	return room[lo : lo+m.Room() : lo+m.Room()]
}

// A model that lies in a room has the same bits on both ways, and nothing of its own; training
// its weights leaves the room as it was.
func TestModelsElsewhere(t *testing.T) {
	for name, m := range placeable(t) {
		t.Run(name, func(t *testing.T) {
			room := roomFor(m)
			m.Place(room)
			there, err := m.At(room)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := learned(t, there), learned(t, m); !slices.Equal(got, want) {
				t.Error("a step there has other numbers")
			}
			was := slices.Clone(room)
			r := NewRunner(there)
			params := r.TrainBase(func(string) bool { return true })
			if _, _, err := r.Learn(raggedBatch(m.config, rng.New(83).Stream()), nil); err != nil {
				t.Fatal(err)
			}
			NewAdamW(0.9, 0.999, 1e-8, 0).Step(params, 1e-2)
			if !slices.Equal(room, was) {
				t.Error("training a copy of the weights wrote into the room")
			}
			clear(room) // what is held elsewhere would not mind
			for _, x := range there.Tensors().List {
				if slices.ContainsFunc(x.Data, func(v float32) bool { return v != 0 }) {
					t.Errorf("%s is held outside the room", x.Name)
				}
			}
			for id, p := range there.maps {
				if slices.ContainsFunc(p.backward().Bytes(), func(b byte) bool { return b != 0 }) {
					t.Errorf("map %d is held outside the room for the way back", id)
				}
			}
		})
	}
}

// A room in which a number is another is refused, wherever that lies, by the names of the tensors.
func TestRoomsWithOtherNumbers(t *testing.T) {
	for name, m := range placeable(t) {
		room := roomFor(m)
		m.Place(room)
		cut := cutter{room: room}
		spoilt := func(n int, to place, owner int) {
			s := m.slots[slices.IndexFunc(m.slots, func(s slot) bool { return s.to == to && s.owner == owner })]
			for _, at := range []int{0, n / 2, n - 1} {
				b := &cut.room[cut.at+at]
				*b ^= 1
				if _, err := m.At(room); err == nil || !strings.Contains(err.Error(), strconv.Quote(s.name)) || !strings.Contains(err.Error(), "other numbers") {
					t.Errorf("%s: byte %d of %s was another: %v", name, at, s.name, err)
				}
				*b ^= 1
			}
			cut.next(n)
		}
		for id, p := range m.maps {
			spoilt(len(p.forward.Bytes()), toMap, id)
			spoilt(p.forward.TurnedBytes(), toMap, id)
		}
		for i, v := range m.data {
			spoilt(4*len(v), toVector, i)
		}
		if _, err := m.At(room); err != nil {
			t.Errorf("%s: the room as it was is refused: %v", name, err)
		}
	}
}
