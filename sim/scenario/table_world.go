package scenario

var deviceTable = &record{
	name: "a device",
	doc:  "A class of devices, with quantities in their units, or a file of many devices.",
	one:  []string{"flops", "trace"},
	fields: []field{
		{key: "flops", kind: speed, to: at(func(d *Device) any { return &d.FlopsPerSec }), doc: "Floating-point operations a second in training."},
		{key: "memory", kind: bytesSize, to: at(func(d *Device) any { return &d.MemoryBytes }), of: []string{"flops"}, must: true, doc: "Memory."},
		{key: "up", kind: linkRate, to: at(func(d *Device) any { return &d.UpPerSec }), of: []string{"flops"}, must: true, doc: "Rate of the link to the server: Mbps are bits, MB/s are bytes."},
		{key: "down", kind: linkRate, to: at(func(d *Device) any { return &d.DownPerSec }), of: []string{"flops"}, must: true, doc: "Rate of the link from the server."},
		{key: "latency", kind: span, to: at(func(d *Device) any { return &d.LatencySec }), of: []string{"flops"}, def: "0 s", doc: "Of a message, either way."},
		{key: "jitter", kind: span, to: at(func(d *Device) any { return &d.JitterSec }), of: []string{"flops"}, def: "0 s", doc: "At most so much is added to the latency."},
		{key: "share", kind: anyShare, to: at(func(d *Device) any { return &d.Share }), def: "1.0", doc: "Of a mixture that is given as a list of devices."},
		{key: "energy", kind: energyKind, to: at(func(d *Device) any { return &d.Energy }), of: []string{"flops"}, says: "not counted",
			doc: "Power that it draws while it computes, sends and receives: 4 W whatever it does, or {work: 5 W, up: 2 W, down: 1 W}. What a participant takes in joules is that times its virtual time; waiting, as for a message's latency, takes none."},
		{key: "trace", kind: text{what: "the name of a file"}, to: at(func(d *Device) any { return &d.Trace }),
			doc: "A CSV file, a device each line, dealt evenly: columns flops, memory, up, down and, where they differ from 0, latency, jitter and energy, each with its unit; available: the hours at which it can be reached, as 22-30 or 0-8 30-41, counted from the beginning and repeated after as many days as the file's last hour needs; empty: always."},
	},
}

var energyKind = short{
	word: power,
	to:   at(func(e *Energy) any { return &e.Watts }),
	record: &record{name: "an energy", fields: []field{
		{key: "work", kind: power, to: at(func(e *Energy) any { return &e.Work }), must: true, doc: "Power while it computes."},
		{key: "up", kind: power, to: at(func(e *Energy) any { return &e.Up }), says: "none", doc: "Power while it sends."},
		{key: "down", kind: power, to: at(func(e *Energy) any { return &e.Down }), says: "none", doc: "Power while it receives."},
	}},
}

var poolTable = &record{
	name: "a pool",
	doc:  "A population of participants.",
	fields: []field{
		{key: "count", kind: whole{1, 1 << 30}, to: at(func(p *Pool) any { return &p.Count }), says: "with a natural split, or one of users, as many as it has; else it must be given",
			doc: "How many."},
		{key: "data", kind: text{what: "the name of a data set"}, to: at(func(p *Pool) any { return &p.Data }), says: "the only one", doc: "An entry of data, divided among them."},
		{key: "split", kind: splitKind, to: at(func(p *Pool) any { return &p.Split }), def: "iid",
			doc: "How the data are divided. iid: by chance; {dirichlet: α}: each value of the column by shares drawn from Dirichlet(α); {shards: n}: n runs of rows sorted by the column each; natural: as the files lie; {natural: column}: by the values of a column; {users: pool, share: s} and {users: test, share: s}: the same of the users to learn from and of those to be tested; {drawn: n}: each draws n rows by itself, for populations larger than the data."},
		{key: "rank", kind: rankShares{}, to: at(func(p *Pool) any { return &p.Ranks }), says: "no limit",
			doc: "The largest rank that they hold, one for all or exact shares: {16: 1, 8: 2} are a third and two thirds, by largest remainder."},
		{key: "device", kind: deviceShares{}, to: at(func(p *Pool) any { return &p.Device }), says: `"server": 1 TFLOPS, 1 Gbps, 1 ms`,
			doc: "Their devices: one, a list by the devices' own shares, or shares given here."},
		{key: "offer", kind: offerKind, to: at(func(p *Pool) any { return &p.Offer }), def: "all",
			doc: "Who is offered to the method in a round. all; {draw: n}: n by chance; {sweep: n}: n more until everyone had a turn."},
		{key: "per", kind: perKind{}, to: at(func(p *Pool) any { return &p.Per }), says: "none",
			doc: "task: a participant for each task of the data, in their order, with the task's examples. n, beside of: so many inside each participant of that pool."},
		{key: "of", kind: text{what: "the name of a pool", name: true}, to: at(func(p *Pool) any { return &p.Of }), says: "of no pool",
			doc: "A pool inside whose participants these live, per: n in each, the first n in its first. They work on its devices, each as if alone, at its ranks, and can be reached when it can. Of the same data, each participant's examples are dealt evenly among it and those inside it, and nobody sees another's."},
		{key: "available", kind: reachKind, to: at(func(p *Pool) any { return &p.Reach }), says: "always",
			doc: "When they can be offered. always; diurnal: 8 hours of each simulated day; {hours: h}: h hours; {share: s}: that share of all hours. Whoever was offered stays until he has finished."},
		{key: "upload", kind: uploadTable, to: at(func(p *Pool) any { return &p.Upload }), says: "as float32, whole and without noise",
			doc: "What becomes of updates, whatever a Fit trains, on their way up: clipped, then with noise, then encoded. What a participant keeps is untouched."},
		{key: "faults", kind: faultsTable, to: at(func(p *Pool) any { return &p.Faults }), says: "none", doc: "What goes wrong with what they are asked, and how often."},
	},
}

var uploadTable = &record{
	name: "an upload",
	fields: []field{
		{key: "encode", kind: choice{words: []string{"f16", "bf16", "int8"}}, to: at(func(u *Upload) any { return &u.Encode }), says: "float32",
			doc: "Numbers of 2 bytes, rounded to nearest even, or of 1 byte with a scale for each tensor, rounded by chance so that the mean is right. Bytes are counted so."},
		{key: "clip", kind: real{above: true, max: 1e9}, to: at(func(u *Upload) any { return &u.Clip }), says: "any",
			doc: "Largest norm of the change that an upload is, over all its tensors; a larger one is scaled down to it."},
		{key: "noise", kind: real{above: true, max: 1e6}, to: at(func(u *Upload) any { return &u.Noise }), says: "none",
			doc: "Standard deviation of Gaussian noise in each number, in multiples of clip, which must be given."},
	},
}

var faultsTable = &record{
	name: "faults",
	doc:  "Shares of what participants are asked, drawn by name: all methods meet the same.",
	fields: []field{
		{key: "drop-out", kind: real{max: 1}, to: at(func(f *Faults) any { return &f.DropOut }), says: "0", doc: "The participant downloads, and never begins."},
		{key: "lost-upload", kind: real{max: 1}, to: at(func(f *Faults) any { return &f.Lost }), says: "0", doc: "The work is done and paid for, and what it made does not arrive."},
		{key: "slow", kind: real{max: 1}, to: at(func(f *Faults) any { return &f.Slow }), says: "0", doc: "The participant takes times as long."},
		{key: "times", kind: real{min: 1, max: 1000}, to: at(func(f *Faults) any { return &f.Times }), def: "3.0", doc: "How much longer a slow one takes."},
		{key: "partial", kind: real{max: 1}, to: at(func(f *Faults) any { return &f.Partial }), says: "0", doc: "The participant stops in the midst of a Fit, and reports what it has by then."},
		{key: "corrupt", kind: real{max: 1}, to: at(func(f *Faults) any { return &f.Corrupt }), says: "0", doc: "What arrives is not what was sent: it is paid for, noticed, and not used."},
	},
}

var splitKind = either{
	words: choice{words: []string{"iid", "natural"}},
	kind:  word(func(s *Split) *string { return &s.Kind }),
	record: &record{name: "a split", one: []string{"dirichlet", "shards", "natural", "users", "drawn"}, fields: []field{
		{key: "dirichlet", kind: real{above: true, max: 1e6}, to: at(func(s *Split) any { return &s.Alpha }), doc: "Concentration α: 0.1 is very unequal, 100 nearly iid."},
		{key: "shards", kind: whole{1, 1 << 20}, to: at(func(s *Split) any { return &s.Each }), doc: "Shards a participant."},
		{key: "natural", kind: text{what: "the name of a column"}, to: at(func(s *Split) any { return &s.By }), doc: "The column whose values are the participants."},
		{key: "users", kind: choice{words: []string{"pool", "test"}}, to: at(func(s *Split) any { return &s.Part }),
			doc: "A participant for each user of one part of them, those to learn from or those to be tested, in the order in which they first come; nobody is in both."},
		{key: "share", kind: real{above: true, max: 0.99}, to: at(func(s *Split) any { return &s.Test }), of: []string{"users"}, must: true,
			doc: "Share of the users who are tested, at least one and not all, drawn by chance for each seed; the same in all pools of the data."},
		{key: "drawn", kind: whole{1, 1 << 20}, to: at(func(s *Split) any { return &s.Each }),
			doc: "Rows that each participant draws from all the data by itself, so that a row may be with several, and a population may be larger than the data."},
		{key: "mix", kind: real{above: true, max: 1e6}, to: at(func(s *Split) any { return &s.Alpha }), of: []string{"drawn"}, says: "rows are drawn by chance",
			doc: "Concentration α of the shares in which each draws the values of the column."},
		{key: "by", kind: text{what: "the name of a column"}, to: at(func(s *Split) any { return &s.By }), of: []string{"dirichlet", "shards", "drawn", "users"}, says: "the data's by; of users, user",
			doc: "The column that is divided unequally; of users, the one that says whose a row is."},
	}},
}

var offerKind = either{
	words: choice{words: []string{"all"}},
	kind:  word(func(o *Offer) *string { return &o.Kind }),
	record: &record{name: "an offer", one: []string{"draw", "sweep"}, fields: []field{
		{key: "draw", kind: whole{1, 65536}, to: at(func(o *Offer) any { return &o.N }), doc: "So many a round, without replacement."},
		{key: "sweep", kind: whole{1, 65536}, to: at(func(o *Offer) any { return &o.N }), doc: "So many a round, everyone once."},
		{key: "of", kind: whole{1, 1 << 30}, to: at(func(o *Offer) any { return &o.Of }), of: []string{"sweep"}, says: "everyone",
			doc: "How many have a turn in all, the same for every method and in every stage; the others have none."},
	}},
}

var reachKind = either{
	words: choice{words: []string{"always", "diurnal"}},
	kind:  word(func(r *Reach) *string { return &r.Kind }),
	record: &record{name: "an availability", one: []string{"hours", "share"}, fields: []field{
		{key: "hours", kind: real{above: true, max: 24}, to: at(func(r *Reach) any { return &r.Hours }), doc: "A stretch of each simulated day, beginning at an hour of each participant's own."},
		{key: "share", kind: real{above: true, max: 1}, to: at(func(r *Reach) any { return &r.Share }), doc: "Of all simulated hours, each by a coin of each participant's own."},
		{key: "joins", kind: span, to: at(func(r *Reach) any { return &r.JoinsSec }), says: "all are there from the start", doc: "Each joins at a moment drawn from so long a time."},
	}},
}
