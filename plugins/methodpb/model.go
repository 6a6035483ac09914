package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromFrom(x method.From) *From {
	return &From{
		Blob: string(x.Blob),
		Kept: x.Kept,
	}
}

func ToFrom(p *From) method.From {
	return method.From{
		Blob: method.Blob(p.GetBlob()),
		Kept: p.GetKept(),
	}
}

func FromModel(x method.Model) *Model {
	return &Model{
		Base:    x.Base,
		Attach:  each(x.Attach, FromAttach),
		Routers: each(x.Routers, FromRouter),
		Prompt:  FromPrompt(x.Prompt),
		Decode:  FromDecode(x.Decode),
	}
}

func ToModel(p *Model) method.Model {
	return method.Model{
		Base:    p.GetBase(),
		Attach:  each(p.GetAttach(), ToAttach),
		Routers: each(p.GetRouters(), ToRouter),
		Prompt:  ToPrompt(p.GetPrompt()),
		Decode:  ToDecode(p.GetDecode()),
	}
}

func FromAttach(x method.Attach) *Attach {
	return &Attach{
		Name:  x.Name,
		From:  FromFrom(x.From),
		Merge: x.Merge,
		Scale: x.Scale,
		Rank:  int64(x.Rank),
		Gate:  FromGate(x.Gate),
	}
}

func ToAttach(p *Attach) method.Attach {
	return method.Attach{
		Name:  p.GetName(),
		From:  ToFrom(p.GetFrom()),
		Merge: p.GetMerge(),
		Scale: p.GetScale(),
		Rank:  int(p.GetRank()),
		Gate:  ToGate(p.GetGate()),
	}
}

// FromGate panics at a pointer to a member: unions hold values.
func FromGate(x method.Gate) *Gate {
	switch x := x.(type) {
	case nil:
		return nil
	case method.Sigmoid:
		return &Gate{Kind: &Gate_Sigmoid{FromSigmoid(x)}}
	case method.Switch:
		return &Gate{Kind: &Gate_Switch{FromSwitch(x)}}
	}
	panic(noMember(x, "gate"))
}

// ToGate is nil where no kind is set.
func ToGate(p *Gate) method.Gate {
	switch k := p.GetKind().(type) {
	case *Gate_Sigmoid:
		return ToSigmoid(k.Sigmoid)
	case *Gate_Switch:
		return ToSwitch(k.Switch)
	}
	return nil
}

func FromSigmoid(x method.Sigmoid) *Sigmoid {
	return &Sigmoid{
		Key: string(x.Key),
	}
}

func ToSigmoid(p *Sigmoid) method.Sigmoid {
	return method.Sigmoid{
		Key: method.Blob(p.GetKey()),
	}
}

func FromSwitch(x method.Switch) *Switch {
	return &Switch{
		Detector: string(x.Detector),
		After:    int64(x.After),
		Above:    x.Above,
		Column:   x.Column,
		Rate:     x.Rate,
	}
}

func ToSwitch(p *Switch) method.Switch {
	return method.Switch{
		Detector: method.Blob(p.GetDetector()),
		After:    int(p.GetAfter()),
		Above:    p.GetAbove(),
		Column:   p.GetColumn(),
		Rate:     p.GetRate(),
	}
}

func FromRouter(x method.Router) *Router {
	return &Router{
		Over:    each(x.Over, FromExpert),
		By:      string(x.By),
		Grain:   string(x.Grain),
		TopK:    int64(x.TopK),
		Raw:     x.Raw,
		Epsilon: x.Epsilon,
		Mix:     string(x.Mix),
		Below:   x.Below,
		Encoder: x.Encoder,
		Judge:   string(x.Judge),
		Column:  x.Column,
	}
}

func ToRouter(p *Router) method.Router {
	return method.Router{
		Over:    each(p.GetOver(), ToExpert),
		By:      method.Affinity(p.GetBy()),
		Grain:   method.Grain(p.GetGrain()),
		TopK:    int(p.GetTopK()),
		Raw:     p.GetRaw(),
		Epsilon: p.GetEpsilon(),
		Mix:     method.Mix(p.GetMix()),
		Below:   p.GetBelow(),
		Encoder: p.GetEncoder(),
		Judge:   method.Blob(p.GetJudge()),
		Column:  p.GetColumn(),
	}
}

func FromExpert(x method.Expert) *Expert {
	return &Expert{
		Attach: x.Attach,
		Key:    string(x.Key),
	}
}

func ToExpert(p *Expert) method.Expert {
	return method.Expert{
		Attach: p.GetAttach(),
		Key:    method.Blob(p.GetKey()),
	}
}

func FromPrompt(x method.Prompt) *Prompt {
	return &Prompt{
		Template: x.Template,
		Retrieve: x.Retrieve,
		From:     x.From,
		TopK:     int64(x.TopK),
		Leave:    x.Leave,
		Past:     x.Past,
		Profile:  x.Profile,
		Join:     x.Join,
	}
}

func ToPrompt(p *Prompt) method.Prompt {
	return method.Prompt{
		Template: p.GetTemplate(),
		Retrieve: p.GetRetrieve(),
		From:     p.GetFrom(),
		TopK:     int(p.GetTopK()),
		Leave:    p.GetLeave(),
		Past:     p.GetPast(),
		Profile:  p.GetProfile(),
		Join:     p.GetJoin(),
	}
}

func FromDecode(x method.Decode) *Decode {
	return &Decode{
		Temperature: x.Temperature,
		TopP:        x.TopP,
		TopK:        int64(x.TopK),
		Tokens:      int64(x.Tokens),
	}
}

func ToDecode(p *Decode) method.Decode {
	return method.Decode{
		Temperature: p.GetTemperature(),
		TopP:        p.GetTopP(),
		TopK:        int(p.GetTopK()),
		Tokens:      int(p.GetTokens()),
	}
}
