package methodpb

import "github.com/loramesh/loramesh/plugins/method"

func FromID(x method.ID) *ID {
	return &ID{
		Pool:  x.Pool,
		Index: int64(x.Index),
	}
}

func ToID(p *ID) method.ID {
	return method.ID{
		Pool:  p.GetPool(),
		Index: int(p.GetIndex()),
	}
}

func FromScene(x method.Scene) *Scene {
	return &Scene{
		Params:   FromValues(x.Params),
		Round:    int64(x.Round),
		Now:      float64(x.Now),
		Stage:    FromStage(x.Stage),
		Bases:    each(x.Bases, FromBase),
		Start:    FromModel(x.Start),
		Seed:     x.Seed,
		State:    FromState(x.State),
		Init:     each(x.Init, FromInitAt),
		Followed: x.Followed,
	}
}

func ToScene(p *Scene) method.Scene {
	return method.Scene{
		Params:   ToValues(p.GetParams()),
		Round:    int(p.GetRound()),
		Now:      method.Seconds(p.GetNow()),
		Stage:    ToStage(p.GetStage()),
		Bases:    each(p.GetBases(), ToBase),
		Start:    ToModel(p.GetStart()),
		Seed:     p.GetSeed(),
		State:    ToState(p.GetState()),
		Init:     each(p.GetInit(), ToInitAt),
		Followed: p.GetFollowed(),
	}
}

func FromStage(x method.Stage) *Stage {
	return &Stage{
		Name:   x.Name,
		Index:  int64(x.Index),
		Count:  int64(x.Count),
		Round:  int64(x.Round),
		Rounds: int64(x.Rounds),
		Labels: int64(x.Labels),
	}
}

func ToStage(p *Stage) method.Stage {
	return method.Stage{
		Name:   p.GetName(),
		Index:  int(p.GetIndex()),
		Count:  int(p.GetCount()),
		Round:  int(p.GetRound()),
		Rounds: int(p.GetRounds()),
		Labels: int(p.GetLabels()),
	}
}

func FromBase(x method.Base) *Base {
	return &Base{
		Name:      x.Name,
		Blob:      string(x.Blob),
		Tokenizer: x.Tokenizer,
		Width:     int64(x.Width),
		Blocks:    int64(x.Blocks),
		Modules:   each(x.Modules, FromModule),
	}
}

func ToBase(p *Base) method.Base {
	return method.Base{
		Name:      p.GetName(),
		Blob:      method.Blob(p.GetBlob()),
		Tokenizer: p.GetTokenizer(),
		Width:     int(p.GetWidth()),
		Blocks:    int(p.GetBlocks()),
		Modules:   each(p.GetModules(), ToModule),
	}
}

func FromModule(x method.Module) *Module {
	return &Module{
		Name: x.Name,
		Out:  int64(x.Out),
		In:   int64(x.In),
	}
}

func ToModule(p *Module) method.Module {
	return method.Module{
		Name: p.GetName(),
		Out:  int(p.GetOut()),
		In:   int(p.GetIn()),
	}
}

func FromPool(x method.Pool) *Pool {
	return &Pool{
		Role: string(x.Role),
		Size: int64(x.Size),
		Left: int64(x.Left),
	}
}

func ToPool(p *Pool) method.Pool {
	return method.Pool{
		Role: method.Role(p.GetRole()),
		Size: int(p.GetSize()),
		Left: int(p.GetLeft()),
	}
}

func FromParticipant(x method.Participant) *Participant {
	return &Participant{
		Id:       FromID(x.ID),
		Role:     string(x.Role),
		Examples: int64(x.Examples),
		Rank:     int64(x.Rank),
		Tier:     x.Tier,
		Kept:     x.Kept,
		Note:     x.Note,
	}
}

func ToParticipant(p *Participant) method.Participant {
	return method.Participant{
		ID:       ToID(p.GetId()),
		Role:     method.Role(p.GetRole()),
		Examples: int(p.GetExamples()),
		Rank:     int(p.GetRank()),
		Tier:     p.GetTier(),
		Kept:     p.GetKept(),
		Note:     p.GetNote(),
	}
}

func FromPlanRequest(x method.PlanRequest) *PlanRequest {
	return &PlanRequest{
		Scene:   FromScene(x.Scene),
		Pools:   each(x.Pools, FromPool),
		Offered: each(x.Offered, FromParticipant),
		Flying:  int64(x.Flying),
	}
}

func ToPlanRequest(p *PlanRequest) method.PlanRequest {
	return method.PlanRequest{
		Scene:   ToScene(p.GetScene()),
		Pools:   each(p.GetPools(), ToPool),
		Offered: each(p.GetOffered(), ToParticipant),
		Flying:  int(p.GetFlying()),
	}
}

func FromPlanResponse(x method.PlanResponse) *PlanResponse {
	return &PlanResponse{
		State:    FromState(x.State),
		Assign:   each(x.Assign, FromAssignment),
		Deploy:   optional(x.Deploy, FromModel),
		Finished: x.Finished,
		Init:     each(x.Init, FromInitAt),
	}
}

func ToPlanResponse(p *PlanResponse) method.PlanResponse {
	return method.PlanResponse{
		State:    ToState(p.GetState()),
		Assign:   each(p.GetAssign(), ToAssignment),
		Deploy:   pointer(p.GetDeploy(), ToModel),
		Finished: p.GetFinished(),
		Init:     each(p.GetInit(), ToInitAt),
	}
}

func FromAssignment(x method.Assignment) *Assignment {
	return &Assignment{
		Name:   x.Name,
		To:     each(x.To, FromID),
		Recipe: FromRecipe(x.Recipe),
		Upload: x.Upload,
		Keep:   x.Keep,
	}
}

func ToAssignment(p *Assignment) method.Assignment {
	return method.Assignment{
		Name:   p.GetName(),
		To:     each(p.GetTo(), ToID),
		Recipe: ToRecipe(p.GetRecipe()),
		Upload: p.GetUpload(),
		Keep:   p.GetKeep(),
	}
}
