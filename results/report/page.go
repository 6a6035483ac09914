package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"path/filepath"
	"time"

	"github.com/loramesh/loramesh/results"
)

//go:embed page.html
var pageText string

//go:embed style.css
var styleText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"short":   func(hash string) string { return hash[:min(12, len(hash))] },
	"bytes":   func(n int64) string { return results.Bytes(float64(n)) },
	"sec":     results.Seconds,
	"wall":    func(sec float64) string { return results.Wall(time.Duration(sec * float64(time.Second))) },
	"tabled":  func(says string, t results.Table) tabled { return tabled{says, t} },
	"peopled": func(by string, rows []device) peopled { return peopled{by, rows} },
}).Parse(pageText))

// tabled is a table with what it is called by those who hear it read.
type tabled struct {
	Says string
	results.Table
}

// peopled is a table of participants by what they are told apart by.
type peopled struct {
	By   string
	Rows []device
}

// page is all that page.html is given, in the order in which it stands there.
type page struct {
	Style      template.CSS
	Run        *results.Run
	Folder     string // its name, wherever it lies
	Whole      bool
	Table      results.Table
	Answer     string // to the question, in one sentence
	Compared   *compared
	Race       *race
	Equal      []fact
	Varied     []fact
	Legend     []key
	Figures    []figure
	Taught     *taught
	Lost       *lost
	Moved      []movedRow
	Spectra    []spectra
	Breakdowns []breakdown
	Devices    []device
	Ranks      []device
	LeftOut    []absence
	Unread     []string // why trials are missing
	Warnings   []results.Warning
	Trials     []*results.Trial
	Settings   string
}

// fact is a line of two columns.
type fact struct{ Name, Value string }

// key is one line of the legend that all figures share.
type key struct {
	Label  string
	Sample template.HTML
}

// figure is a heading with the plots under it.
type figure struct {
	Title   string
	Caption string
	Open    bool
	Plots   []template.HTML
}

// Page makes the page of a run.
func Page(r *results.Run) ([]byte, error) {
	s := r.Summarise()
	c, err := comparedOf(r, s)
	if err != nil {
		return nil, err
	}
	ranks, err := spectraOf(r, s)
	if err != nil {
		return nil, err
	}
	figures, err := figuresOf(s)
	if err != nil {
		return nil, err
	}
	arrivals, err := arrivalsFigure(s, r.Arrivals())
	if err != nil {
		return nil, err
	}
	if len(arrivals.Plots) > 0 {
		figures = append(figures, arrivals)
	}
	taught, err := taughtFigures(s)
	if err != nil {
		return nil, err
	}
	figures = append(figures, taught...)
	keys, err := legend(s)
	if err != nil {
		return nil, err
	}
	p := page{Style: template.CSS(styleText), Run: r, Folder: filepath.Base(r.Dir), Whole: r.Manifest != nil, Table: s.Table(), Compared: c, Race: raceOf(s), Taught: taughtOf(s), Lost: lostOf(s), Moved: movedOf(s), Spectra: ranks,
		Equal: heldEqual(r), Varied: varied(r), Legend: keys, Figures: figures, Breakdowns: breakdowns(s),
		Devices: devices(r, byDevice), Ranks: devices(r, byRank), LeftOut: leftOut(r), Warnings: warnings(r), Trials: r.Trials, Settings: string(r.Resolved)}
	if c != nil {
		p.Answer = c.Answer
	}
	for _, err := range r.Unread {
		p.Unread = append(p.Unread, err.Error())
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("report: %w", err)
	}
	return b.Bytes(), nil
}

// Write makes the page and puts it into the run's folder.
func Write(r *results.Run) error {
	b, err := Page(r)
	if err != nil {
		return err
	}
	return results.WriteFile(r.ReportPath(), b)
}

// warnings gathers those of all trials and of the host, each once.
func warnings(r *results.Run) []results.Warning {
	var out []results.Warning
	at := map[string]int{}
	add := func(text string, times int) {
		i, met := at[text]
		if !met {
			i = len(out)
			at[text] = i
			out = append(out, results.Warning{Text: text})
		}
		out[i].Times += times
	}
	for _, t := range r.Trials {
		for _, w := range t.Warnings {
			add(w.Text, w.Times)
		}
	}
	if r.Manifest != nil {
		for _, text := range r.Manifest.Warnings {
			add(text, 1)
		}
	}
	return out
}
