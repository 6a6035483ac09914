package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"sync"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/nn"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/sim/solo"
)

// llmRequest is one thing to time.
type llmRequest struct {
	What    string `json:"what"` // train or generate
	DType   string `json:"dtype"`
	Batch   int    `json:"batch"`
	Seq     int    `json:"seq"`
	Rank    int    `json:"rank"`
	Tokens  int    `json:"tokens"` // to generate
	Threads int    `json:"threads"`
	Repeats int    `json:"repeats"`
	Workers int    `json:"workers"` // that do the same at once, on one copy of the model
}

// llmResult is the request with what came of it.
type llmResult struct {
	llmRequest
	Ms           float64 `json:"ms"` // median: a step, or a token
	CPU          float64 `json:"cpu"`
	TokensPerSec float64 `json:"tokens_per_s"` // of all workers
	Loss         float64 `json:"loss,omitempty"`
	Resident     int64   `json:"resident_bytes,omitempty"` // the most that the process ever had
}

// llmBench is what `bench llm -o json` prints.
type llmBench struct {
	Model   string      `json:"model"`
	CPU     string      `json:"cpu"`
	Kernels string      `json:"kernels"`
	Results []llmResult `json:"results"`
}

var llmDefault = llmRequest{DType: "float32", Batch: 4, Seq: 128, Rank: 8, Tokens: 32, Threads: 1, Repeats: 3, Workers: 1}

func newBenchLLM() *cobra.Command {
	var serve bool
	var form string
	q := llmDefault
	c := &cobra.Command{
		Use:   "llm DIR",
		Short: "a real language model: LoRA steps and generation, tokens a second",
		Long: `bench llm times a language model in a Hugging Face folder: whole training steps with LoRA
on q and v (forward, backward, AdamW), and greedy generation behind a prompt of 16
tokens, one token at a time. Tokens are random. resident is the most memory that the
process ever had. With --workers N, so many work at once on one copy of the weights.

With --serve it answers requests, one JSON object a line on stdin, each with what (train
or generate), and as wished dtype, batch, seq, rank, tokens, threads, repeats, workers.
With the dtype bfloat16 products by frozen weights round both of their sides, as with
--precision bf16 of "simrun model".`,
		Args: exactly(1, "DIR"),
		RunE: func(c *cobra.Command, args []string) error {
			asJSON, err := wantsJSON(form)
			if err != nil {
				return err
			}
			open := openerLLM(c, args[0])
			if serve {
				return serveLLM(open, c.InOrStdin(), c.OutOrStdout())
			}
			b := llmBench{Model: args[0], CPU: cpuName(), Kernels: kernelsFor(q.DType)}
			for _, q.What = range []string{"generate", "train"} {
				r, err := q.answer(open)
				if err != nil {
					return err
				}
				b.Results = append(b.Results, r)
			}
			if asJSON {
				return writeJSON(c.OutOrStdout(), b)
			}
			return b.table(c.OutOrStdout())
		},
	}
	outputFlag(c, &form)
	c.Flags().BoolVar(&serve, "serve", false, "answer requests on stdin")
	c.Flags().StringVar(&q.DType, "dtype", q.DType, "float32 or bfloat16")
	c.Flags().IntVar(&q.Batch, "batch", q.Batch, "sequences in a training step")
	c.Flags().IntVar(&q.Seq, "seq", q.Seq, "tokens in each")
	c.Flags().IntVar(&q.Rank, "rank", q.Rank, "of the LoRA on q and v")
	c.Flags().IntVar(&q.Tokens, "tokens", q.Tokens, "tokens to generate")
	c.Flags().IntVar(&q.Repeats, "repeats", q.Repeats, "times that each is done, after once to warm up")
	c.Flags().IntVar(&q.Workers, "workers", q.Workers, "workers on one copy of the weights")
	return c
}

// opener gives the model in a dtype.
type opener func(dtype string) (*solo.Model, error)

// openerLLM reads the model when it is first wanted, and again in another dtype: one is held
// at a time.
func openerLLM(c *cobra.Command, dir string) opener {
	var held *solo.Model
	var as string
	return func(dtype string) (*solo.Model, error) {
		if held != nil && as == dtype {
			return held, nil
		}
		f := modelFlags{dir: dir}
		if dtype == bfloat16 {
			f.precision = "bf16"
		}
		held = nil
		m, err := f.open(c, false, nil)
		if err == nil {
			held, as = m, dtype
		}
		return m, err
	}
}

func (b llmBench) table(out io.Writer) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(w, "what\tms\ttokens/s\tresident\t(%s, %s kernels)\n", b.CPU, b.Kernels) // Flush tells of errors
	for _, r := range b.Results {
		what := fmt.Sprintf("train %d × %d, rank %d", r.Batch, r.Seq, r.Rank)
		if r.What == "generate" {
			what = fmt.Sprintf("generate %d", r.Tokens)
		}
		_, _ = fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f GB\n", what, r.Ms, r.TokensPerSec, float64(r.Resident)/1e9)
	}
	return w.Flush()
}

// serveLLM answers line by line, so that two programs can take turns.
func serveLLM(open opener, in io.Reader, out io.Writer) error {
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		q := llmDefault
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return misuse("a request that is no JSON object of the kind expected: %v: %s", err, lines.Text())
		}
		r, err := q.answer(open)
		if err != nil {
			return err
		}
		if err := writeJSON(out, r); err != nil {
			return err
		}
	}
	return lines.Err()
}

// check refuses what cannot be done.
func (q llmRequest) check() error {
	for _, side := range []struct {
		name string
		n    int
	}{{"batch", q.Batch}, {"seq", q.Seq}, {"rank", q.Rank}, {"tokens", q.Tokens}, {"repeats", q.Repeats}, {"workers", q.Workers}} {
		if side.n < 1 || side.n > 1<<16 {
			return misuse("bench llm: %s is %d; expected 1 and more", side.name, side.n)
		}
	}
	switch {
	case q.What != "train" && q.What != "generate":
		return misuse("bench llm: what is %q; train or generate was expected", q.What)
	case !knownDType(q.DType):
		return misuse("bench llm: dtype %q; float32 or bfloat16 was expected", q.DType)
	case q.Threads > 1:
		return misuse("bench llm: threads is %d; each worker has one (workers: %d)", q.Threads, q.Workers)
	}
	return nil
}

// answer times what is asked for.
func (q llmRequest) answer(open opener) (llmResult, error) {
	r := llmResult{llmRequest: q}
	if err := q.check(); err != nil {
		return r, err
	}
	m, err := open(q.DType)
	if err != nil {
		return r, err
	}
	does := make([]func() (float64, error), q.Workers)
	for i := range does {
		var err error
		if does[i], err = q.ready(m, uint64(i)); err != nil {
			return r, misuse("bench llm: %v", err)
		}
	}
	var times []float64
	began, busy := time.Now(), cpuSeconds()
	for range q.Repeats + 1 {
		at := time.Now()
		var err error
		if r.Loss, err = together(does); err != nil {
			return r, misuse("bench llm: %v", err)
		}
		times = append(times, time.Since(at).Seconds())
	}
	r.CPU = (cpuSeconds() - busy) / time.Since(began).Seconds()
	times = times[1:]
	slices.Sort(times)
	median, n := times[(len(times)-1)/2], q.Tokens
	r.Ms = median * 1e3 / float64(q.Tokens)
	if q.What == "train" {
		n, r.Ms = q.Batch*q.Seq, median*1e3
	}
	r.TokensPerSec, r.Resident = float64(q.Workers*n)/median, peakResident()
	return r, nil
}

// together does all at once, and gives the result of the first.
func together(does []func() (float64, error)) (float64, error) {
	results, errs := make([]float64, len(does)), make([]error, len(does))
	var all sync.WaitGroup
	for i, do := range does {
		all.Go(func() { results[i], errs[i] = do() })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return 0, err
		}
	}
	return results[0], nil
}

// ready gives one training step, or one generation.
func (q llmRequest) ready(m *solo.Model, seed uint64) (func() (float64, error), error) {
	run, err := m.Runner()
	if err != nil {
		return nil, err
	}
	key := rng.New(seed).At("bench")
	draw := key.At("tokens").Stream()
	ids := make([][]int32, q.Batch)
	for i := range ids {
		for range q.Seq {
			ids[i] = append(ids[i], int32(draw.IntN(m.Net.Config().Vocab)))
		}
	}
	params, err := q.attach(m, run, key)
	if err != nil {
		return nil, err
	}
	if q.What == "generate" {
		prompt := [][]int32{ids[0][:min(16, q.Seq)]}
		return func() (float64, error) {
			_, err := run.Generate(prompt, nn.Decode{Tokens: q.Tokens}, nil)
			return 0, err
		}, nil
	}
	adam := nn.NewAdamW(0.9, 0.999, 1e-8, 0.01)
	return func() (float64, error) {
		nn.ZeroGrads(params)
		loss, _, err := run.Learn(nn.Batch{IDs: ids, Labels: ids}, nil)
		adam.Step(params, 1e-4)
		return loss.Mean(), err
	}, nil
}

// attach puts a fresh LoRA on q and v.
func (q llmRequest) attach(m *solo.Model, run *nn.Runner, key rng.Key) (params []nn.Param, err error) {
	l := solo.LoRA{Rank: q.Rank, Alpha: 16}
	modules, err := l.Modules(m.Net)
	if err != nil {
		return nil, err
	}
	for _, x := range modules {
		if most := lora.MaxRank(x.Out, x.In); q.Rank > most {
			return nil, fmt.Errorf("rank is %d; module %s takes %d at most", q.Rank, x.HF, most)
		}
		p := lora.Fresh(key, lora.Module{Name: x.Name, Out: x.Out, In: x.In}, q.Rank, l.Scale(), lora.Kaiming{})
		b := &nn.Branch{Module: x.Name, A: p.A, B: p.B, Rank: p.Rank, Scale: float32(p.Scale)}
		b.TrainA()
		b.TrainB()
		params = append(params, b.Params()...)
		if err := run.Attach(b); err != nil {
			return nil, err
		}
	}
	return params, nil
}
