package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromTrainerCard(x method.TrainerCard) *TrainerCard {
	return &TrainerCard{
		Name:  x.Name,
		Verbs: x.Verbs,
		Names: x.Names,
		Exact: x.Exact,
	}
}

func ToTrainerCard(p *TrainerCard) method.TrainerCard {
	return method.TrainerCard{
		Name:  p.GetName(),
		Verbs: p.GetVerbs(),
		Names: p.GetNames(),
		Exact: p.GetExact(),
	}
}

func FromWorkRequest(x method.WorkRequest) *WorkRequest {
	return &WorkRequest{
		Whom:   FromID(x.Whom),
		Round:  int64(x.Round),
		Stage:  FromStage(x.Stage),
		Bases:  each(x.Bases, FromBase),
		Assign: each(x.Assign, FromAssignment),
		Draws:  x.Draws,
		Sets:   each(x.Sets, FromNamed),
		Kept:   each(x.Kept, FromNamed),
	}
}

func ToWorkRequest(p *WorkRequest) method.WorkRequest {
	return method.WorkRequest{
		Whom:   ToID(p.GetWhom()),
		Round:  int(p.GetRound()),
		Stage:  ToStage(p.GetStage()),
		Bases:  each(p.GetBases(), ToBase),
		Assign: each(p.GetAssign(), ToAssignment),
		Draws:  p.GetDraws(),
		Sets:   each(p.GetSets(), ToNamed),
		Kept:   each(p.GetKept(), ToNamed),
	}
}

func FromWorkResponse(x method.WorkResponse) *WorkResponse {
	return &WorkResponse{
		Reports: each(x.Reports, FromReport),
		Kept:    each(x.Kept, FromNamed),
	}
}

func ToWorkResponse(p *WorkResponse) method.WorkResponse {
	return method.WorkResponse{
		Reports: each(p.GetReports(), ToReport),
		Kept:    each(p.GetKept(), ToNamed),
	}
}

func FromLossRequest(x method.LossRequest) *LossRequest {
	return &LossRequest{
		Params:   FromValues(x.Params),
		Features: FromTensor(x.Features),
		Logits:   FromTensor(x.Logits),
		Targets:  ints64(x.Targets),
		Columns:  each(x.Columns, FromTensor),
		State:    x.State,
	}
}

func ToLossRequest(p *LossRequest) method.LossRequest {
	return method.LossRequest{
		Params:   ToValues(p.GetParams()),
		Features: ToTensor(p.GetFeatures()),
		Logits:   ToTensor(p.GetLogits()),
		Targets:  ints(p.GetTargets()),
		Columns:  each(p.GetColumns(), ToTensor),
		State:    p.GetState(),
	}
}

func FromLossResponse(x method.LossResponse) *LossResponse {
	return &LossResponse{
		Loss:      x.Loss,
		DFeatures: FromTensor(x.DFeatures),
		DLogits:   FromTensor(x.DLogits),
		Values:    each(x.Values, FromValue),
		State:     x.State,
	}
}

func ToLossResponse(p *LossResponse) method.LossResponse {
	return method.LossResponse{
		Loss:      p.GetLoss(),
		DFeatures: ToTensor(p.GetDFeatures()),
		DLogits:   ToTensor(p.GetDLogits()),
		Values:    each(p.GetValues(), ToValue),
		State:     p.GetState(),
	}
}
