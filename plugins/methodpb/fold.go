package methodpb

import "github.com/loramesh/loramesh/plugins/method"

// FromFoldRequest says only how many reports there are: they are asked for in batches.
func FromFoldRequest(x method.FoldRequest) *FoldRequest {
	p := &FoldRequest{Scene: FromScene(x.Scene), Missing: each(x.Missing, FromMissing)}
	if x.Reports != nil {
		p.Reports = int64(x.Reports.Len())
	}
	return p
}

// ToFoldRequest leaves the reports to whoever asks for them.
func ToFoldRequest(p *FoldRequest) method.FoldRequest {
	return method.FoldRequest{
		Scene:   ToScene(p.GetScene()),
		Missing: each(p.GetMissing(), ToMissing),
	}
}

func FromReport(x method.Report) *Report {
	return &Report{
		Round:    int64(x.Round),
		Name:     x.Name,
		From:     FromID(x.From),
		Age:      int64(x.Age),
		Examples: int64(x.Examples),
		Share:    x.Share,
		Made:     each(x.Made, FromNamed),
		Began:    each(x.Began, FromNamed),
		Values:   each(x.Values, FromValue),
		Up:       x.Up,
		Down:     x.Down,
		Spent:    float64(x.Spent),
		Warnings: x.Warnings,
	}
}

func ToReport(p *Report) method.Report {
	return method.Report{
		Round:    int(p.GetRound()),
		Name:     p.GetName(),
		From:     ToID(p.GetFrom()),
		Age:      int(p.GetAge()),
		Examples: int(p.GetExamples()),
		Share:    p.GetShare(),
		Made:     each(p.GetMade(), ToNamed),
		Began:    each(p.GetBegan(), ToNamed),
		Values:   each(p.GetValues(), ToValue),
		Up:       p.GetUp(),
		Down:     p.GetDown(),
		Spent:    method.Seconds(p.GetSpent()),
		Warnings: p.GetWarnings(),
	}
}

func FromValue(x method.Value) *Value {
	return &Value{
		Name:   x.Name,
		Group:  x.Group,
		Value:  x.Value,
		Weight: x.Weight,
	}
}

func ToValue(p *Value) method.Value {
	return method.Value{
		Name:   p.GetName(),
		Group:  p.GetGroup(),
		Value:  p.GetValue(),
		Weight: p.GetWeight(),
	}
}

func FromMissing(x method.Missing) *Missing {
	return &Missing{
		To:   FromID(x.To),
		Name: x.Name,
		Why:  x.Why,
	}
}

func ToMissing(p *Missing) method.Missing {
	return method.Missing{
		To:   ToID(p.GetTo()),
		Name: p.GetName(),
		Why:  p.GetWhy(),
	}
}

func FromFoldResponse(x method.FoldResponse) *FoldResponse {
	return &FoldResponse{
		State:    FromState(x.State),
		Deploy:   optional(x.Deploy, FromModel),
		Values:   each(x.Values, FromValue),
		Notes:    each(x.Notes, FromNote),
		Exports:  each(x.Exports, FromNamed),
		Warnings: x.Warnings,
		Flops:    x.Flops,
		Init:     each(x.Init, FromInitAt),
	}
}

func ToFoldResponse(p *FoldResponse) method.FoldResponse {
	return method.FoldResponse{
		State:    ToState(p.GetState()),
		Deploy:   pointer(p.GetDeploy(), ToModel),
		Values:   each(p.GetValues(), ToValue),
		Notes:    each(p.GetNotes(), ToNote),
		Exports:  each(p.GetExports(), ToNamed),
		Warnings: p.GetWarnings(),
		Flops:    p.GetFlops(),
		Init:     each(p.GetInit(), ToInitAt),
	}
}

func FromNote(x method.Note) *Note {
	return &Note{
		About: FromID(x.About),
		Text:  x.Text,
	}
}

func ToNote(p *Note) method.Note {
	return method.Note{
		About: ToID(p.GetAbout()),
		Text:  p.GetText(),
	}
}
