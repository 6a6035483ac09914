package methodpb

import "github.com/loramesh/loramesh/plugins/method"

// FromRecipe panics at a pointer to a member: unions hold values.
func FromRecipe(x method.Recipe) *Recipe {
	switch x := x.(type) {
	case nil:
		return nil
	case method.Fit:
		return &Recipe{Kind: &Recipe_Fit{FromFit(x)}}
	case method.Score:
		return &Recipe{Kind: &Recipe_Score{FromScore(x)}}
	case method.Probe:
		return &Recipe{Kind: &Recipe_Probe{FromProbe(x)}}
	case method.Sample:
		return &Recipe{Kind: &Recipe_Sample{FromSample(x)}}
	}
	panic(noMember(x, "recipe"))
}

// ToRecipe is nil where no kind is set.
func ToRecipe(p *Recipe) method.Recipe {
	switch k := p.GetKind().(type) {
	case *Recipe_Fit:
		return ToFit(k.Fit)
	case *Recipe_Score:
		return ToScore(k.Score)
	case *Recipe_Probe:
		return ToProbe(k.Probe)
	case *Recipe_Sample:
		return ToSample(k.Sample)
	}
	return nil
}

func FromFit(x method.Fit) *Fit {
	return &Fit{
		Model:     FromModel(x.Model),
		Train:     each(x.Train, FromPart),
		Data:      FromData(x.Data),
		Objective: each(x.Objective, FromTerm),
		Optimiser: FromOptimiser(x.Optimiser),
		Schedule:  FromSchedule(x.Schedule),
		Epochs:    x.Epochs,
		Steps:     int64(x.Steps),
		Batch:     int64(x.Batch),
		Pile:      int64(x.Pile),
		Clip:      x.Clip,
		Resume:    x.Resume,
		Trace:     int64(x.Trace),
	}
}

func ToFit(p *Fit) method.Fit {
	return method.Fit{
		Model:     ToModel(p.GetModel()),
		Train:     each(p.GetTrain(), ToPart),
		Data:      ToData(p.GetData()),
		Objective: each(p.GetObjective(), ToTerm),
		Optimiser: ToOptimiser(p.GetOptimiser()),
		Schedule:  ToSchedule(p.GetSchedule()),
		Epochs:    p.GetEpochs(),
		Steps:     int(p.GetSteps()),
		Batch:     int(p.GetBatch()),
		Pile:      int(p.GetPile()),
		Clip:      p.GetClip(),
		Resume:    p.GetResume(),
		Trace:     int(p.GetTrace()),
	}
}

func FromScore(x method.Score) *Score {
	return &Score{
		Model:   FromModel(x.Model),
		Data:    FromData(x.Data),
		Metrics: x.Metrics,
		By:      x.By,
		Column:  x.Column,
		Of:      x.Of,
	}
}

func ToScore(p *Score) method.Score {
	return method.Score{
		Model:   ToModel(p.GetModel()),
		Data:    ToData(p.GetData()),
		Metrics: p.GetMetrics(),
		By:      p.GetBy(),
		Column:  p.GetColumn(),
		Of:      p.GetOf(),
	}
}

func FromProbe(x method.Probe) *Probe {
	return &Probe{
		Model: FromModel(x.Model),
		Data:  FromData(x.Data),
		What:  each(x.What, FromStatistic),
		By:    x.By,
	}
}

func ToProbe(p *Probe) method.Probe {
	return method.Probe{
		Model: ToModel(p.GetModel()),
		Data:  ToData(p.GetData()),
		What:  each(p.GetWhat(), ToStatistic),
		By:    p.GetBy(),
	}
}

func FromSample(x method.Sample) *Sample {
	return &Sample{
		Model:  FromModel(x.Model),
		Data:   FromData(x.Data),
		Shots:  int64(x.Shots),
		Count:  int64(x.Count),
		Into:   x.Into,
		Column: x.Column,
		Unique: x.Unique,
		Logits: x.Logits,
	}
}

func ToSample(p *Sample) method.Sample {
	return method.Sample{
		Model:  ToModel(p.GetModel()),
		Data:   ToData(p.GetData()),
		Shots:  int(p.GetShots()),
		Count:  int(p.GetCount()),
		Into:   p.GetInto(),
		Column: p.GetColumn(),
		Unique: p.GetUnique(),
		Logits: p.GetLogits(),
	}
}

func FromOptimiser(x method.Optimiser) *Optimiser {
	return &Optimiser{
		Name:     x.Name,
		Lr:       x.LR,
		Decay:    x.Decay,
		Beta1:    x.Beta1,
		Beta2:    x.Beta2,
		Momentum: x.Momentum,
	}
}

func ToOptimiser(p *Optimiser) method.Optimiser {
	return method.Optimiser{
		Name:     p.GetName(),
		LR:       p.GetLr(),
		Decay:    p.GetDecay(),
		Beta1:    p.GetBeta1(),
		Beta2:    p.GetBeta2(),
		Momentum: p.GetMomentum(),
	}
}

func FromSchedule(x method.Schedule) *Schedule {
	return &Schedule{
		Name:   x.Name,
		Warmup: x.Warmup,
		Total:  int64(x.Total),
	}
}

func ToSchedule(p *Schedule) method.Schedule {
	return method.Schedule{
		Name:   p.GetName(),
		Warmup: p.GetWarmup(),
		Total:  int(p.GetTotal()),
	}
}

// FromStatistic panics at a pointer to a member: unions hold values.
func FromStatistic(x method.Statistic) *Statistic {
	switch x := x.(type) {
	case nil:
		return nil
	case method.Feature:
		return &Statistic{Kind: &Statistic_Feature{FromFeature(x)}}
	case method.Input:
		return &Statistic{Kind: &Statistic_Input{FromInput(x)}}
	case method.Gradient:
		return &Statistic{Kind: &Statistic_Gradient{FromGradient(x)}}
	case method.Fisher:
		return &Statistic{Kind: &Statistic_Fisher{FromFisher(x)}}
	case method.Routing:
		return &Statistic{Kind: &Statistic_Routing{FromRouting(x)}}
	}
	panic(noMember(x, "statistic"))
}

// ToStatistic is nil where no kind is set.
func ToStatistic(p *Statistic) method.Statistic {
	switch k := p.GetKind().(type) {
	case *Statistic_Feature:
		return ToFeature(k.Feature)
	case *Statistic_Input:
		return ToInput(k.Input)
	case *Statistic_Gradient:
		return ToGradient(k.Gradient)
	case *Statistic_Fisher:
		return ToFisher(k.Fisher)
	case *Statistic_Routing:
		return ToRouting(k.Routing)
	}
	return nil
}

func FromFeature(x method.Feature) *Feature {
	return &Feature{
		After: int64(x.After),
		Pool:  x.Pool,
	}
}

func ToFeature(p *Feature) method.Feature {
	return method.Feature{
		After: int(p.GetAfter()),
		Pool:  p.GetPool(),
	}
}

func FromInput(x method.Input) *Input {
	return &Input{
		Modules: x.Modules,
		Second:  x.Second,
		Scale:   x.Scale,
		Answers: x.Answers,
	}
}

func ToInput(p *Input) method.Input {
	return method.Input{
		Modules: p.GetModules(),
		Second:  p.GetSecond(),
		Scale:   p.GetScale(),
		Answers: p.GetAnswers(),
	}
}

func FromGradient(x method.Gradient) *Gradient {
	return &Gradient{
		Modules: x.Modules,
	}
}

func ToGradient(p *Gradient) method.Gradient {
	return method.Gradient{
		Modules: p.GetModules(),
	}
}

func FromFisher(x method.Fisher) *Fisher {
	return &Fisher{
		Of: x.Of,
	}
}

func ToFisher(p *Fisher) method.Fisher {
	return method.Fisher{
		Of: p.GetOf(),
	}
}

func FromRouting(_ method.Routing) *Routing {
	return &Routing{}
}

func ToRouting(_ *Routing) method.Routing {
	return method.Routing{}
}
