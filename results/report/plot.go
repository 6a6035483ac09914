package report

import (
	"bytes"
	"html/template"
	"image/color"
	"math"
	"regexp"
	"slices"
	"strings"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgsvg"
)

const (
	plotWidth  = 420 * vg.Length(1) // points; the page scales it to its column
	plotHeight = 260 * vg.Length(1)
	bandAlpha  = 0x2C // of 255
)

// dashes and marks tell curves apart without colour.
var (
	dashes = [][]vg.Length{nil, {6, 3}, {2, 2}, {8, 3, 2, 3}, {4, 2}, {10, 4}, {1, 3}}
	marks  = []draw.GlyphDrawer{draw.CircleGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{}, draw.PlusGlyph{}, draw.RingGlyph{}, draw.BoxGlyph{}, draw.CrossGlyph{}}
)

// graph is one plot: its curves and what its axes say.
type graph struct {
	Curves []curve
	XLabel string
	YLabel string
	XUnit  unit
	Whole  bool // only whole numbers on the X axis
	Zero   bool // the Y axis begins at 0

	Named bool   // marks alone, large, each with its curve's name; the X axis begins at 0
	Says  string // what the plot shows, for those who hear it read
}

// draw returns the graph as SVG elements for the page: fonts and colours are the page's.
func (g graph) draw() (template.HTML, error) {
	p := plot.New()
	label, scale := g.XUnit(greatestX(g.Curves))
	p.X.Label.Text, p.Y.Label.Text = g.XLabel, g.YLabel
	if label != "" {
		p.X.Label.Text += " (" + label + ")"
	}
	g.style(p)
	for _, c := range g.Curves {
		if len(c.Points) == 0 || g.Named {
			continue
		}
		if err := add(p, c, scale); err != nil {
			return "", err
		}
	}
	if g.Zero {
		p.Y.Min = 0
	}
	if p.Y.Min == p.Y.Max { // a flat line needs some air to be seen
		p.Y.Min, p.Y.Max = p.Y.Min-0.5, p.Y.Max+0.5
	}
	if g.Named {
		if err := g.addNamed(p, scale); err != nil {
			return "", err
		}
	}
	if p.X.Min == p.X.Max { // nothing was spent: a point needs an axis all the same
		p.X.Max++
	}
	says := g.Says
	if says == "" {
		says = g.YLabel + " against " + p.X.Label.Text
	}
	return render(p, plotWidth, plotHeight, says)
}

// dashOf is the dash of curve number i: where hues begin again, dashes are one further on.
func dashOf(i int) []vg.Length { return dashes[(i+i/hues)%len(dashes)] }

// sample draws the line, dash and mark of curve number i for the legend.
func sample(i int) (template.HTML, error) {
	p := plot.New()
	p.HideAxes()
	p.BackgroundColor = color.Transparent
	if err := add(p, curve{Index: i, Points: []point{{X: 0}, {X: 1}, {X: 2}}}, 1); err != nil {
		return "", err
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = -0.2, 2.2, -1, 1
	return render(p, 56, 14, "")
}

// render draws on a page's canvas. A drawing that says nothing is for the eye alone.
func render(p *plot.Plot, width, height vg.Length, says string) (template.HTML, error) {
	canvas := vgsvg.New(width, height)
	p.Draw(draw.New(canvas))
	var b bytes.Buffer
	if _, err := canvas.WriteTo(&b); err != nil {
		return "", err
	}
	return adopt(b.String(), says), nil
}

// add draws one curve: a band from the least to the greatest seed, a line through the
// means, and a mark at each of them.
func add(p *plot.Plot, c curve, scale float64) error {
	line := make(plotter.XYs, len(c.Points))
	band := make(plotter.XYs, 0, 2*len(c.Points))
	for i, pt := range c.Points {
		line[i] = plotter.XY{X: pt.X / scale, Y: pt.Y}
		band = append(band, plotter.XY{X: pt.X / scale, Y: pt.High})
	}
	for _, pt := range slices.Backward(c.Points) {
		band = append(band, plotter.XY{X: pt.X / scale, Y: pt.Low})
	}
	if c.Seeds > 1 && len(c.Points) > 1 {
		area, err := plotter.NewPolygon(band)
		if err != nil {
			return err
		}
		r, g, b, _ := hue(c.Index).RGBA()
		area.Color = color.NRGBA{R: uint8(r >> 8), G: uint8(g >> 8), B: uint8(b >> 8), A: bandAlpha}
		area.Width = 0
		p.Add(area)
	}
	l, pts, err := plotter.NewLinePoints(line)
	if err != nil {
		return err
	}
	l.Color, l.Width, l.Dashes = hue(c.Index), 1.6, dashOf(c.Index)
	pts.Color, pts.Radius, pts.Shape = hue(c.Index), 2.2, marks[c.Index%len(marks)]
	p.Add(l, pts)
	return nil
}

// addNamed draws the curves' points as marks, with their names beside them where there is room.
func (g graph) addNamed(p *plot.Plot, scale float64) error {
	least, greatest := point{Y: math.Inf(1)}, point{X: 1.25 * greatestX(g.Curves), Y: math.Inf(-1)}
	for _, c := range g.Curves {
		for _, pt := range c.Points {
			least.Y, greatest.Y = min(least.Y, pt.Y), max(greatest.Y, pt.Y)
		}
	}
	air := max(0.08*(greatest.Y-least.Y), 1e-6)
	least.Y, greatest.Y = least.Y-air, greatest.Y+air
	if greatest.X == 0 {
		greatest.X = 1
	}
	for i, side := range placed(g.Curves, least, greatest) {
		if err := addMark(p, g.Curves[i], scale, side); err != nil {
			return err
		}
	}
	p.X.Min, p.X.Max, p.Y.Min, p.Y.Max = 0, greatest.X/scale, least.Y, greatest.Y
	return nil
}

// addMark draws one of them; side is that of its name, 0 without.
func addMark(p *plot.Plot, c curve, scale float64, side int) error {
	at := make(plotter.XYs, len(c.Points))
	names := make([]string, len(c.Points))
	for i, pt := range c.Points {
		at[i], names[i] = plotter.XY{X: pt.X / scale, Y: pt.Y}, c.Label
	}
	marked, err := plotter.NewScatter(at)
	if err != nil {
		return err
	}
	marked.Color, marked.Radius, marked.Shape = hue(c.Index), 4, marks[c.Index%len(marks)]
	p.Add(marked)
	if side == 0 {
		return nil
	}
	named, err := plotter.NewLabels(plotter.XYLabels{XYs: at, Labels: names})
	if err != nil {
		return err
	}
	for i := range named.TextStyle {
		named.TextStyle[i].Color = ink
		named.TextStyle[i].Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 9}
	}
	named.Offset = vg.Point{X: nameOffset, Y: -3}
	if side < 0 { // by the page's letters, not by those that are measured here
		named.Offset.X = -vg.Length(nameOffset + widthOf(c.Label))
	}
	p.Add(named)
	return nil
}

func (g graph) style(p *plot.Plot) {
	grid := plotter.NewGrid()
	grid.Vertical.Color, grid.Horizontal.Color = faint, faint
	grid.Vertical.Width, grid.Horizontal.Width = 0.5, 0.5
	p.Add(grid)
	p.BackgroundColor = color.Transparent
	p.X.Tick.Marker, p.Y.Tick.Marker = roundTicks{whole: g.Whole}, roundTicks{}
	for _, a := range []*plot.Axis{&p.X, &p.Y} {
		a.Color, a.Tick.Color, a.Label.TextStyle.Color, a.Tick.Label.Color = ink, ink, ink, ink
		a.LineStyle.Width, a.Tick.LineStyle.Width = 0.7, 0.7
		a.Label.TextStyle.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 10}
		a.Tick.Label.Font = font.Font{Typeface: "Liberation", Variant: "Sans", Size: 9}
		a.Padding = 4
	}
}

func greatestX(curves []curve) float64 {
	x := 0.0
	for _, c := range curves {
		for _, p := range c.Points {
			x = max(x, p.X)
		}
	}
	return x
}

var (
	xmlHead  = regexp.MustCompile(`(?s)^.*?<svg [^>]*viewBox="([^"]*)"[^>]*>`)
	fontWord = regexp.MustCompile(`font-(family|variant|weight|style):[^;"]*;?`)
	hexWord  = regexp.MustCompile(`#[0-9A-F]{6}`)
)

// adopt makes a drawing part of the page: no head of its own, the page's fonts, and the
// page's colours in the place of the placeholders. says is read out in its place.
func adopt(svg, says string) template.HTML {
	role := `aria-hidden="true"`
	if says != "" {
		role = `role="img" aria-label="` + strings.ReplaceAll(template.HTMLEscapeString(says), "$", "$$") + `"`
	}
	svg = xmlHead.ReplaceAllString(svg, `<svg viewBox="$1" `+role+`>`)
	svg = fontWord.ReplaceAllString(svg, "")
	svg = hexWord.ReplaceAllStringFunc(svg, variable)
	return template.HTML(svg) // every text in it was escaped by the drawing library
}
