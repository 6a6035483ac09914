package solo

import (
	"strings"

	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/linalg/tokenizer"
)

// Writing says how texts are continued.
type Writing struct {
	nn.Decode          // Until is the package's own
	Stops     []string // texts that end a continuation, and are left out of it
	Seed      uint64   // of the draws; prompt i has a stream of its own
	// Each, if not nil, gets every stretch of text as soon as it is certain. An error ends
	// all of it, and is returned.
	Each func(prompt int, text string) error
}

// Written is a continuation, and why it ended: "stop" (a token or a text that ends it) or
// "length".
type Written struct {
	Text     string
	IDs      []int32
	LogProbs []float64 // nats
	Ended    string
}

// Generate continues prompts, all at once; what one becomes does not depend on the others.
func (m *Model) Generate(prompts [][]int32, w Writing) ([]Written, error) {
	run, err := m.Runner()
	if err != nil {
		return nil, err
	}
	pens := make([]pen, len(prompts))
	streams := make([]*rng.Stream, len(prompts))
	for i, p := range prompts {
		if m.Net.Config().Decoder != (nn.Decoder{}) {
			p = nil // what is written does not go on from it
		}
		pens[i] = pen{stream: m.Tokenizer.NewStream(p), stops: w.Stops}
		streams[i] = rng.New(w.Seed).At("generate", i).Stream()
	}
	var failed error
	say := func(i int, text string) {
		if text != "" && w.Each != nil && failed == nil {
			failed = w.Each(i, text)
		}
	}
	w.Until = func(i int, c nn.Continuation) bool {
		say(i, pens[i].write(c.IDs[len(c.IDs)-1]))
		return pens[i].ended || failed != nil
	}
	written, err := run.Generate(prompts, w.Decode, streams)
	if err != nil {
		return nil, err
	}
	out := make([]Written, len(prompts))
	for i, c := range written {
		say(i, pens[i].end())
		out[i] = Written{pens[i].text.String(), c.IDs, c.LogProbs, "length"}
		if c.Stopped || pens[i].ended {
			out[i].Ended = "stop"
		}
	}
	return out, failed
}

// pen writes one continuation and looks out for the texts that end it. What might be the
// beginning of one is held back.
type pen struct {
	stream *tokenizer.Stream
	stops  []string
	held   string
	text   strings.Builder // what has been given
	ended  bool
}

func (p *pen) write(id int32) string { return p.give(p.stream.Push(id), false) }

// end gives what was held back.
func (p *pen) end() string {
	if p.ended {
		return ""
	}
	return p.give(p.stream.End(), true)
}

func (p *pen) give(text string, all bool) string {
	p.held += text
	for _, stop := range p.stops {
		if i := strings.Index(p.held, stop); i >= 0 {
			p.held, p.ended, all = p.held[:i], true, true
		}
	}
	n := len(p.held)
	if !all {
		n -= p.hopeful()
	}
	out := p.held[:n]
	p.held = p.held[n:]
	p.text.WriteString(out)
	return out
}

// hopeful is the length of the longest end of what is held that some stop begins with.
func (p *pen) hopeful() (longest int) {
	for _, stop := range p.stops {
		for n := min(len(stop)-1, len(p.held)); n > longest; n-- {
			if strings.HasSuffix(p.held, stop[:n]) {
				longest = n
			}
		}
	}
	return longest
}
