package main

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/loramesh/loramesh/linalg/lora"
	"github.com/loramesh/loramesh/linalg/rng"
	"github.com/loramesh/loramesh/plugins/blob"
	"github.com/loramesh/loramesh/plugins/builtin"
	"github.com/loramesh/loramesh/plugins/method"
)

// foldFlags are those of "simrun bench fold".
type foldFlags struct {
	method, ranks, output string
	with                  []string
	d, clients, repeats   int
}

// foldBench is what it prints.
type foldBench struct {
	Method  string  `json:"method"`
	D       int     `json:"d"`
	Clients int     `json:"clients"`
	Ranks   string  `json:"ranks"`
	Sum     int     `json:"rank_sum"`  // Σ r_k
	Sent    int     `json:"rank_sent"` // of what is deployed; 0: it is a matrix
	BestS   float64 `json:"best_s"`
	MedianS float64 `json:"median_s"`
	Peak    int64   `json:"peak_bytes"` // of memory that the process ever had
	CPU     string  `json:"cpu"`
}

func newBenchFold() *cobra.Command {
	f := &foldFlags{}
	c := &cobra.Command{
		Use:   "fold",
		Short: "seconds that a server takes to join its clients' adapters by a built-in method",
		Long: `bench fold has a built-in method fold the reports of one round: adapters of random
factors over one square module, in this process and with all its cores. A hundred clients
of ranks 8, 16, 32 and 64 at d = 4096 are the defaults. The peak is of the whole process,
reports included.`,
		Args: noArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := checkOutput(f.output); err != nil {
				return err
			}
			b, err := f.measure(c.Context())
			if err != nil {
				return err
			}
			if f.output == "json" {
				return printObject(c, b)
			}
			w := tabwriter.NewWriter(c.OutOrStdout(), 0, 0, 2, ' ', 0)
			_, _ = fmt.Fprintf(w, "method\td\tclients\tΣ ranks\tsent\tmedian\tbest\tpeak\tcpu\n%s\t%d\t%d\t%d\t%d\t%.3f s\t%.3f s\t%d MB\t%s\n",
				b.Method, b.D, b.Clients, b.Sum, b.Sent, b.MedianS, b.BestS, b.Peak>>20, b.CPU)
			return w.Flush()
		},
	}
	c.Flags().StringVar(&f.method, "method", "flexlora", "a method that folds adapters")
	c.Flags().StringVar(&f.ranks, "ranks", "8,16,32,64", "of the clients, in turn")
	c.Flags().StringArrayVar(&f.with, "with", nil, "a parameter of the method, as tau=0.99")
	c.Flags().IntVar(&f.d, "d", 4096, "rows and columns of the module")
	c.Flags().IntVar(&f.clients, "clients", 100, "reports to fold")
	c.Flags().IntVar(&f.repeats, "repeats", 1, "times to do it")
	outputFlag(c, &f.output)
	return c
}

// measure folds the same reports again and again.
func (f *foldFlags) measure(ctx context.Context) (foldBench, error) {
	b := foldBench{Method: f.method, D: f.d, Clients: f.clients, Ranks: f.ranks, CPU: cpuName()}
	m, err := builtin.Open(f.method)
	if err != nil {
		return b, misuse("--method: %v", err)
	}
	req, err := f.request(m, &b)
	if err != nil {
		return b, err
	}
	var secs []float64
	for range f.repeats {
		began := time.Now()
		out, err := m.Fold(ctx, req)
		if err != nil {
			return b, misuse("%s cannot fold these reports: %v", f.method, err)
		}
		secs = append(secs, time.Since(began).Seconds())
		if b.Sent, err = rankOf(out.Deploy, req.Blobs); err != nil {
			return b, err
		}
	}
	slices.Sort(secs)
	b.MedianS, b.BestS, b.Peak = secs[len(secs)/2], secs[0], peakResident()
	return b, nil
}

// request is one round's reports, of clients that have as many examples each.
func (f *foldFlags) request(m method.Method, b *foldBench) (req method.FoldRequest, err error) {
	for _, flag := range []struct {
		name       string
		value, top int
	}{{"d", f.d, 1 << 15}, {"clients", f.clients, 1 << 16}, {"repeats", f.repeats, 1000}} {
		if flag.value < 1 || flag.value > flag.top {
			return req, misuse("--%s %d: from 1 to %d was expected", flag.name, flag.value, flag.top)
		}
	}
	var ranks []int
	for word := range strings.SplitSeq(f.ranks, ",") {
		r, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || r < 1 || r > f.d {
			return req, misuse("--ranks %s: numbers from 1 to %d with commas between them were expected", f.ranks, f.d)
		}
		ranks = append(ranks, r)
	}
	params, err := f.params(m.Describe())
	if err != nil {
		return req, err
	}
	module := method.Module{Name: "0.q", Out: f.d, In: f.d}
	shelf := foldBlobs{}
	var reports method.ReportList
	for k := range f.clients {
		r := ranks[k%len(ranks)]
		b.Sum += r
		name, err := shelf.Put(foldClient(k, module, r, params).Tensors())
		if err != nil {
			return req, err
		}
		reports = append(reports, method.Report{Name: "fit", From: method.ID{Pool: "client", Index: k}, Examples: 1, Share: 1,
			Made: []method.Named{{Name: "lora", Blob: name}}, Began: []method.Named{{Name: "lora", Blob: name}}})
	}
	return method.FoldRequest{Reports: reports, Scene: method.Scene{Params: params, Blobs: shelf, Start: method.Model{Base: "main"},
		Bases: []method.Base{{Name: "main", Width: f.d, Blocks: 1, Modules: []method.Module{module}}}}}, nil
}

// params are the defaults, and what --with says.
func (f *foldFlags) params(card method.Card) (method.Values, error) {
	v := card.Defaults()
	for _, word := range f.with {
		name, text, _ := strings.Cut(word, "=")
		p, ok := card.Param(name)
		if !ok {
			return nil, misuse("--with %s: %s has no parameter %q", word, card.Name, name)
		}
		var x any = text
		var err error
		switch p.Kind {
		case method.Int:
			x, err = strconv.Atoi(text)
		case method.Float:
			x, err = strconv.ParseFloat(text, 64)
		case method.Flag:
			x, err = strconv.ParseBool(text)
		}
		if why := p.Takes(x); err != nil || why != "" {
			return nil, misuse("--with %s: %s is of kind %s; %s", word, name, p.Kind, why)
		}
		v[name] = x
	}
	return v, nil
}

// foldClient is an adapter both of whose factors are random.
func foldClient(k int, m method.Module, rank int, params method.Values) lora.Adapter {
	scale, ok := params["scale"].(float64)
	if !ok {
		scale = 2
	}
	key := rng.New(1).At("client", k)
	p := lora.Fresh(key, lora.Module{Name: m.Name, Out: m.Out, In: m.In}, rank, scale, lora.Kaiming{})
	s := key.At("b").Stream()
	for i := range p.B {
		p.B[i] = float32(s.Norm())
	}
	return lora.Adapter{p}
}

// rankOf is that of the last adapter that is deployed.
func rankOf(m *method.Model, blobs method.Blobs) (int, error) {
	if m == nil || len(m.Attach) == 0 {
		return 0, nil
	}
	t, err := blobs.Open(m.Attach[len(m.Attach)-1].From.Blob)
	if err != nil {
		return 0, err
	}
	a, err := lora.Parse(t)
	return a.Rank(), err
}

// foldBlobs is a store in memory; its names are not hashes, which nobody asks of a measurement.
type foldBlobs map[method.Blob]method.Tensors

func (s foldBlobs) Open(b method.Blob) (method.Tensors, error) {
	t, ok := s[b]
	if !ok {
		return t, fmt.Errorf("%w: %q", blob.ErrUnknown, b)
	}
	return t, nil
}

func (s foldBlobs) Put(t method.Tensors) (method.Blob, error) {
	name := method.Blob(fmt.Sprintf("%064x", len(s)))
	s[name] = t
	return name, nil
}
