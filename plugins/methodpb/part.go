package methodpb

import "github.com/loramesh/loramesh/plugins/method"

// FromPart panics at a pointer to a member: unions hold values.
func FromPart(x method.Part) *Part {
	switch x := x.(type) {
	case nil:
		return nil
	case method.LoRA:
		return &Part{Kind: &Part_Lora{FromLoRA(x)}}
	case method.Keys:
		return &Part{Kind: &Part_Keys{FromKeys(x)}}
	case method.Head:
		return &Part{Kind: &Part_Head{FromHead(x)}}
	case method.Detector:
		return &Part{Kind: &Part_Detector{FromDetector(x)}}
	case method.Weights:
		return &Part{Kind: &Part_Weights{FromWeights(x)}}
	case method.Soft:
		return &Part{Kind: &Part_Soft{FromSoft(x)}}
	}
	panic(noMember(x, "part"))
}

// ToPart is nil where no kind is set.
func ToPart(p *Part) method.Part {
	switch k := p.GetKind().(type) {
	case *Part_Lora:
		return ToLoRA(k.Lora)
	case *Part_Keys:
		return ToKeys(k.Keys)
	case *Part_Head:
		return ToHead(k.Head)
	case *Part_Detector:
		return ToDetector(k.Detector)
	case *Part_Weights:
		return ToWeights(k.Weights)
	case *Part_Soft:
		return ToSoft(k.Soft)
	}
	return nil
}

func FromLoRA(x method.LoRA) *LoRA {
	return &LoRA{
		Name:    x.Name,
		Modules: x.Modules,
		Rank:    int64(x.Rank),
		Form:    x.Form,
		Scale:   x.Scale,
		Dropout: x.Dropout,
		Freeze:  x.Freeze,
		From:    FromFrom(x.From),
		Init:    each(x.Init, FromInitAt),
		Shared:  x.Shared,
		Rates:   each(x.Rates, FromRateAt),
	}
}

func ToLoRA(p *LoRA) method.LoRA {
	return method.LoRA{
		Name:    p.GetName(),
		Modules: p.GetModules(),
		Rank:    int(p.GetRank()),
		Form:    p.GetForm(),
		Scale:   p.GetScale(),
		Dropout: p.GetDropout(),
		Freeze:  p.GetFreeze(),
		From:    ToFrom(p.GetFrom()),
		Init:    each(p.GetInit(), ToInitAt),
		Shared:  p.GetShared(),
		Rates:   each(p.GetRates(), ToRateAt),
	}
}

func FromInitAt(x method.InitAt) *InitAt {
	return &InitAt{
		Modules: x.Modules,
		Init:    FromInit(x.Init),
	}
}

func ToInitAt(p *InitAt) method.InitAt {
	return method.InitAt{
		Modules: p.GetModules(),
		Init:    ToInit(p.GetInit()),
	}
}

func FromRateAt(x method.RateAt) *RateAt {
	return &RateAt{
		Modules: x.Modules,
		Factor:  x.Factor,
		Times:   x.Times,
	}
}

func ToRateAt(p *RateAt) method.RateAt {
	return method.RateAt{
		Modules: p.GetModules(),
		Factor:  p.GetFactor(),
		Times:   p.GetTimes(),
	}
}

func FromKeys(x method.Keys) *Keys {
	return &Keys{
		Name: x.Name,
		Of:   x.Of,
		From: FromFrom(x.From),
	}
}

func ToKeys(p *Keys) method.Keys {
	return method.Keys{
		Name: p.GetName(),
		Of:   p.GetOf(),
		From: ToFrom(p.GetFrom()),
	}
}

func FromHead(x method.Head) *Head {
	return &Head{
		Name:        x.Name,
		Outputs:     int64(x.Outputs),
		Hidden:      ints64(x.Hidden),
		Standardise: x.Standardise,
		From:        FromFrom(x.From),
	}
}

func ToHead(p *Head) method.Head {
	return method.Head{
		Name:        p.GetName(),
		Outputs:     int(p.GetOutputs()),
		Hidden:      ints(p.GetHidden()),
		Standardise: p.GetStandardise(),
		From:        ToFrom(p.GetFrom()),
	}
}

func FromDetector(x method.Detector) *Detector {
	return &Detector{
		Name:    x.Name,
		After:   int64(x.After),
		Hidden:  ints64(x.Hidden),
		Outputs: int64(x.Outputs),
		From:    FromFrom(x.From),
	}
}

func ToDetector(p *Detector) method.Detector {
	return method.Detector{
		Name:    p.GetName(),
		After:   int(p.GetAfter()),
		Hidden:  ints(p.GetHidden()),
		Outputs: int(p.GetOutputs()),
		From:    ToFrom(p.GetFrom()),
	}
}

func FromWeights(x method.Weights) *Weights {
	return &Weights{
		Name:    x.Name,
		Modules: x.Modules,
		From:    FromFrom(x.From),
	}
}

func ToWeights(p *Weights) method.Weights {
	return method.Weights{
		Name:    p.GetName(),
		Modules: p.GetModules(),
		From:    ToFrom(p.GetFrom()),
	}
}

func FromSoft(x method.Soft) *Soft {
	return &Soft{
		Name:   x.Name,
		Tokens: int64(x.Tokens),
		Text:   x.Text,
		From:   FromFrom(x.From),
	}
}

func ToSoft(p *Soft) method.Soft {
	return method.Soft{
		Name:   p.GetName(),
		Tokens: int(p.GetTokens()),
		Text:   p.GetText(),
		From:   ToFrom(p.GetFrom()),
	}
}

// FromInit panics at a pointer to a member: unions hold values.
func FromInit(x method.Init) *Init {
	switch x := x.(type) {
	case nil:
		return nil
	case method.Kaiming:
		return &Init{Kind: &Init_Kaiming{FromKaiming(x)}}
	case method.Gaussian:
		return &Init{Kind: &Init_Gaussian{FromGaussian(x)}}
	case method.Spectral:
		return &Init{Kind: &Init_Spectral{FromSpectral(x)}}
	case method.Orthonormal:
		return &Init{Kind: &Init_Orthonormal{FromOrthonormal(x)}}
	case method.Given:
		return &Init{Kind: &Init_Given{FromGiven(x)}}
	}
	panic(noMember(x, "init"))
}

// ToInit is nil where no kind is set.
func ToInit(p *Init) method.Init {
	switch k := p.GetKind().(type) {
	case *Init_Kaiming:
		return ToKaiming(k.Kaiming)
	case *Init_Gaussian:
		return ToGaussian(k.Gaussian)
	case *Init_Spectral:
		return ToSpectral(k.Spectral)
	case *Init_Orthonormal:
		return ToOrthonormal(k.Orthonormal)
	case *Init_Given:
		return ToGiven(k.Given)
	}
	return nil
}

func FromKaiming(_ method.Kaiming) *Kaiming {
	return &Kaiming{}
}

func ToKaiming(_ *Kaiming) method.Kaiming {
	return method.Kaiming{}
}

func FromGaussian(x method.Gaussian) *Gaussian {
	return &Gaussian{
		Std: x.Std,
	}
}

func ToGaussian(p *Gaussian) method.Gaussian {
	return method.Gaussian{
		Std: p.GetStd(),
	}
}

func FromSpectral(x method.Spectral) *Spectral {
	return &Spectral{
		Pick:   x.Pick,
		Random: x.Random,
	}
}

func ToSpectral(p *Spectral) method.Spectral {
	return method.Spectral{
		Pick:   p.GetPick(),
		Random: p.GetRandom(),
	}
}

func FromOrthonormal(_ method.Orthonormal) *Orthonormal {
	return &Orthonormal{}
}

func ToOrthonormal(_ *Orthonormal) method.Orthonormal {
	return method.Orthonormal{}
}

func FromGiven(x method.Given) *Given {
	return &Given{
		Blob:     string(x.Blob),
		Residual: x.Residual,
	}
}

func ToGiven(p *Given) method.Given {
	return method.Given{
		Blob:     method.Blob(p.GetBlob()),
		Residual: p.GetResidual(),
	}
}
