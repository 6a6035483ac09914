package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromTerm(x method.Term) *Term {
	return &Term{
		Weight: x.Weight,
		Loss:   FromLoss(x.Loss),
		Where:  each(x.Where, FromCond),
	}
}

func ToTerm(p *Term) method.Term {
	return method.Term{
		Weight: p.GetWeight(),
		Loss:   ToLoss(p.GetLoss()),
		Where:  each(p.GetWhere(), ToCond),
	}
}

// FromLoss panics at a pointer to a member: unions hold values.
func FromLoss(x method.Loss) *Loss {
	switch x := x.(type) {
	case nil:
		return nil
	case method.CrossEntropy:
		return &Loss{Kind: &Loss_CrossEntropy{FromCrossEntropy(x)}}
	case method.Distill:
		return &Loss{Kind: &Loss_Distill{FromDistill(x)}}
	case method.Recall:
		return &Loss{Kind: &Loss_Recall{FromRecall(x)}}
	case method.Triplet:
		return &Loss{Kind: &Loss_Triplet{FromTriplet(x)}}
	case method.Quadratic:
		return &Loss{Kind: &Loss_Quadratic{FromQuadratic(x)}}
	case method.Control:
		return &Loss{Kind: &Loss_Control{FromControl(x)}}
	case method.Orthogonal:
		return &Loss{Kind: &Loss_Orthogonal{FromOrthogonal(x)}}
	case method.Tail:
		return &Loss{Kind: &Loss_Tail{FromTail(x)}}
	case method.Norm:
		return &Loss{Kind: &Loss_Norm{FromNorm(x)}}
	case method.GroupDRO:
		return &Loss{Kind: &Loss_GroupDro{FromGroupDRO(x)}}
	case method.Adversary:
		return &Loss{Kind: &Loss_Adversary{FromAdversary(x)}}
	case method.Custom:
		return &Loss{Kind: &Loss_Custom{FromCustom(x)}}
	}
	panic(noMember(x, "loss"))
}

// ToLoss is nil where no kind is set.
func ToLoss(p *Loss) method.Loss {
	switch k := p.GetKind().(type) {
	case *Loss_CrossEntropy:
		return ToCrossEntropy(k.CrossEntropy)
	case *Loss_Distill:
		return ToDistill(k.Distill)
	case *Loss_Recall:
		return ToRecall(k.Recall)
	case *Loss_Triplet:
		return ToTriplet(k.Triplet)
	case *Loss_Quadratic:
		return ToQuadratic(k.Quadratic)
	case *Loss_Control:
		return ToControl(k.Control)
	case *Loss_Orthogonal:
		return ToOrthogonal(k.Orthogonal)
	case *Loss_Tail:
		return ToTail(k.Tail)
	case *Loss_Norm:
		return ToNorm(k.Norm)
	case *Loss_GroupDro:
		return ToGroupDRO(k.GroupDro)
	case *Loss_Adversary:
		return ToAdversary(k.Adversary)
	case *Loss_Custom:
		return ToCustom(k.Custom)
	}
	return nil
}

func FromCrossEntropy(x method.CrossEntropy) *CrossEntropy {
	return &CrossEntropy{
		Of:     x.Of,
		Target: x.Target,
		Inputs: x.Inputs,
		Even:   x.Even,
	}
}

func ToCrossEntropy(p *CrossEntropy) method.CrossEntropy {
	return method.CrossEntropy{
		Of:     p.GetOf(),
		Target: p.GetTarget(),
		Inputs: p.GetInputs(),
		Even:   p.GetEven(),
	}
}

func FromDistill(x method.Distill) *Distill {
	return &Distill{
		Teacher: FromModel(x.Teacher),
		Tau:     x.Tau,
	}
}

func ToDistill(p *Distill) method.Distill {
	return method.Distill{
		Teacher: ToModel(p.GetTeacher()),
		Tau:     p.GetTau(),
	}
}

func FromRecall(_ method.Recall) *Recall {
	return &Recall{}
}

func ToRecall(_ *Recall) method.Recall {
	return method.Recall{}
}

func FromTriplet(x method.Triplet) *Triplet {
	return &Triplet{
		Prototypes: string(x.Prototypes),
		Distance:   x.Distance,
		Margin:     x.Margin,
		Even:       x.Even,
	}
}

func ToTriplet(p *Triplet) method.Triplet {
	return method.Triplet{
		Prototypes: method.Blob(p.GetPrototypes()),
		Distance:   p.GetDistance(),
		Margin:     p.GetMargin(),
		Even:       p.GetEven(),
	}
}

func FromQuadratic(x method.Quadratic) *Quadratic {
	return &Quadratic{
		Of:     x.Of,
		Centre: string(x.Centre),
		Fisher: string(x.Fisher),
	}
}

func ToQuadratic(p *Quadratic) method.Quadratic {
	return method.Quadratic{
		Of:     p.GetOf(),
		Centre: method.Blob(p.GetCentre()),
		Fisher: method.Blob(p.GetFisher()),
	}
}

func FromControl(x method.Control) *Control {
	return &Control{
		Of:     x.Of,
		Server: string(x.Server),
	}
}

func ToControl(p *Control) method.Control {
	return method.Control{
		Of:     p.GetOf(),
		Server: method.Blob(p.GetServer()),
	}
}

func FromOrthogonal(x method.Orthogonal) *Orthogonal {
	return &Orthogonal{
		Of:      x.Of,
		Against: texts(x.Against),
	}
}

func ToOrthogonal(p *Orthogonal) method.Orthogonal {
	return method.Orthogonal{
		Of:      p.GetOf(),
		Against: words[method.Blob](p.GetAgainst()),
	}
}

func FromTail(x method.Tail) *Tail {
	return &Tail{
		Of:    x.Of,
		Gamma: x.Gamma,
	}
}

func ToTail(p *Tail) method.Tail {
	return method.Tail{
		Of:    p.GetOf(),
		Gamma: p.GetGamma(),
	}
}

func FromNorm(x method.Norm) *Norm {
	return &Norm{
		Of:    x.Of,
		Power: int64(x.Power),
		Root:  x.Root,
	}
}

func ToNorm(p *Norm) method.Norm {
	return method.Norm{
		Of:    p.GetOf(),
		Power: int(p.GetPower()),
		Root:  p.GetRoot(),
	}
}

func FromGroupDRO(x method.GroupDRO) *GroupDRO {
	return &GroupDRO{
		By:     x.By,
		Eta:    x.Eta,
		Adjust: x.Adjust,
	}
}

func ToGroupDRO(p *GroupDRO) method.GroupDRO {
	return method.GroupDRO{
		By:     p.GetBy(),
		Eta:    p.GetEta(),
		Adjust: p.GetAdjust(),
	}
}

func FromAdversary(x method.Adversary) *Adversary {
	return &Adversary{
		Part:    FromHead(x.Part),
		Target:  x.Target,
		Given:   x.Given,
		Alpha:   x.Alpha,
		Reverse: x.Reverse,
	}
}

func ToAdversary(p *Adversary) method.Adversary {
	return method.Adversary{
		Part:    ToHead(p.GetPart()),
		Target:  p.GetTarget(),
		Given:   p.GetGiven(),
		Alpha:   p.GetAlpha(),
		Reverse: p.GetReverse(),
	}
}

func FromCustom(x method.Custom) *Custom {
	return &Custom{
		Name:   x.Name,
		Params: FromValues(x.Params),
	}
}

func ToCustom(p *Custom) method.Custom {
	return method.Custom{
		Name:   p.GetName(),
		Params: ToValues(p.GetParams()),
	}
}
