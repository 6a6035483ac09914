package method

import "fmt"

// Values are the parameters of this run, checked against the card, defaults filled in.
// Asking for a name or kind that the card does not have panics: it is a fault of the
// method's author, and the exam finds it.
type Values map[string]any

// Int is the parameter of kind [Int].
func (v Values) Int(name string) int { return value[int](v, name) }

// Float is the parameter of kind [Float].
func (v Values) Float(name string) float64 { return value[float64](v, name) }

// Flag is the parameter of kind [Flag].
func (v Values) Flag(name string) bool { return value[bool](v, name) }

// Text is the parameter of kind [Text].
func (v Values) Text(name string) string { return value[string](v, name) }

// Floats is the parameter of kind [Floats].
func (v Values) Floats(name string) []float64 { return value[[]float64](v, name) }

func value[T any](v Values, name string) T {
	x, ok := v[name].(T)
	if !ok {
		panic(fmt.Sprintf("method: parameter %q is %T here, %T was asked for: does the card list it?", name, v[name], x))
	}
	return x
}
