package methodpb

import (
	"fmt"
	"maps"
	"slices"

	"github.com/loramesh/loramesh/plugins/method"
)

func FromProblem(x method.Problem) *Problem {
	return &Problem{
		Path: x.Path,
		Text: x.Text,
	}
}

func ToProblem(p *Problem) method.Problem {
	return method.Problem{
		Path: p.GetPath(),
		Text: p.GetText(),
	}
}

func FromCard(x method.Card) *Card {
	return &Card{
		Name:    x.Name,
		Title:   x.Title,
		Paper:   x.Paper,
		Params:  each(x.Params, FromParam),
		Roles:   texts(x.Roles),
		Needs:   texts(x.Needs),
		Stale:   x.Stale,
		Weights: x.Weights,
		Routes:  x.Routes,
		Trains:  x.Trains,
		Keeps:   x.Keeps,
		Moves:   x.Moves,
		Still:   x.Still,
		Alike:   x.Alike,
	}
}

func ToCard(p *Card) method.Card {
	return method.Card{
		Name:    p.GetName(),
		Title:   p.GetTitle(),
		Paper:   p.GetPaper(),
		Params:  each(p.GetParams(), ToParam),
		Roles:   words[method.Role](p.GetRoles()),
		Needs:   words[method.Need](p.GetNeeds()),
		Stale:   p.GetStale(),
		Weights: p.GetWeights(),
		Routes:  p.GetRoutes(),
		Trains:  p.GetTrains(),
		Keeps:   p.GetKeeps(),
		Moves:   p.GetMoves(),
		Still:   p.GetStill(),
		Alike:   p.GetAlike(),
	}
}

func FromParam(x method.Param) *Param {
	return &Param{
		Name:    x.Name,
		Kind:    string(x.Kind),
		Default: FromScalar(x.Default),
		Min:     x.Min,
		Max:     x.Max,
		OneOf:   x.OneOf,
		Doc:     x.Doc,
	}
}

func ToParam(p *Param) method.Param {
	return method.Param{
		Name:    p.GetName(),
		Kind:    method.Kind(p.GetKind()),
		Default: ToScalar(p.GetDefault()),
		Min:     p.GetMin(),
		Max:     p.GetMax(),
		OneOf:   p.GetOneOf(),
		Doc:     p.GetDoc(),
	}
}

// FromValues lists parameters in order of their names.
func FromValues(x method.Values) []*Setting {
	return each(slices.Sorted(maps.Keys(x)), func(name string) *Setting {
		return &Setting{Name: name, Value: FromScalar(x[name])}
	})
}

// ToValues is nil for an empty list.
func ToValues(ps []*Setting) method.Values {
	if len(ps) == 0 {
		return nil
	}
	x := make(method.Values, len(ps))
	for _, p := range ps {
		x[p.GetName()] = ToScalar(p.GetValue())
	}
	return x
}

// FromScalar takes the Go type of one of the kinds of [method.Kind]. Others panic: the
// card's author wrote a default that no parameter can have.
func FromScalar(x any) *Scalar {
	switch x := x.(type) {
	case nil:
		return nil
	case int:
		return &Scalar{Kind: &Scalar_Int{int64(x)}}
	case float64:
		return &Scalar{Kind: &Scalar_Float{x}}
	case bool:
		return &Scalar{Kind: &Scalar_Flag{x}}
	case string:
		return &Scalar{Kind: &Scalar_Text{x}}
	case []float64:
		return &Scalar{Kind: &Scalar_Floats{&Floats{List: x}}}
	}
	panic(fmt.Sprintf("methodpb: a parameter is %T: int, float64, bool, string or []float64 is expected", x))
}

// ToScalar is nil where no kind is set.
func ToScalar(p *Scalar) any {
	switch k := p.GetKind().(type) {
	case *Scalar_Int:
		return int(k.Int)
	case *Scalar_Float:
		return k.Float
	case *Scalar_Flag:
		return k.Flag
	case *Scalar_Text:
		return k.Text
	case *Scalar_Floats:
		return append([]float64{}, k.Floats.GetList()...)
	}
	return nil
}
