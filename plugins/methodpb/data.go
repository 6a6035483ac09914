package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromData(x method.Data) *Data {
	return &Data{
		From:    each(x.From, FromSource),
		Where:   each(x.Where, FromCond),
		Draw:    string(x.Draw),
		By:      x.By,
		Weigh:   each(x.Weigh, FromWeigh),
		Limit:   int64(x.Limit),
		Columns: each(x.Columns, FromNamed),
	}
}

func ToData(p *Data) method.Data {
	return method.Data{
		From:    each(p.GetFrom(), ToSource),
		Where:   each(p.GetWhere(), ToCond),
		Draw:    method.Draw(p.GetDraw()),
		By:      p.GetBy(),
		Weigh:   each(p.GetWeigh(), ToWeigh),
		Limit:   int(p.GetLimit()),
		Columns: each(p.GetColumns(), ToNamed),
	}
}

func FromSource(x method.Source) *Source {
	return &Source{
		Name:  x.Name,
		Blob:  string(x.Blob),
		Share: x.Share,
	}
}

func ToSource(p *Source) method.Source {
	return method.Source{
		Name:  p.GetName(),
		Blob:  method.Blob(p.GetBlob()),
		Share: p.GetShare(),
	}
}

func FromWeigh(x method.Weigh) *Weigh {
	return &Weigh{
		Where: each(x.Where, FromCond),
		Times: x.Times,
	}
}

func ToWeigh(p *Weigh) method.Weigh {
	return method.Weigh{
		Where: each(p.GetWhere(), ToCond),
		Times: p.GetTimes(),
	}
}

func FromCond(x method.Cond) *Cond {
	return &Cond{
		Column: x.Column,
		Is:     x.Is,
		Value:  x.Value,
	}
}

func ToCond(p *Cond) method.Cond {
	return method.Cond{
		Column: p.GetColumn(),
		Is:     p.GetIs(),
		Value:  p.GetValue(),
	}
}
