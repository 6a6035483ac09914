package scenario

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// Limits on a file. A scenario is a page; the parser's time grows with the square of the
// nesting, and these keep hostile text from being slow.
const (
	maxSizeBytes = 256 << 10
	maxLineBytes = 16 << 10
	maxDepth     = 64
)

// parseYAML makes a tree of one YAML document. Syntax ends at the first error, what YAML
// offers and a scenario does not (anchors, tags, doubled keys) is listed in full. Without
// a tree there is at least one problem.
//
// The parser is asked for its syntax tree only: its own decoding stops at the first
// unknown key and reads 1e-4 as text, so numbers are ours (number.go), and so are keys.
func parseYAML(file string, src []byte) (root *node, problems []Problem) {
	r := &yamlReader{file: file}
	// The parser is fuzzed by its authors and by us; a panic in it is still an error in
	// a file and not in this program.
	defer func() {
		if p := recover(); p != nil {
			root, problems = nil, []Problem{{File: file, Line: 1, Column: 1, Text: fmt.Sprintf("this is not YAML that can be read (%v)", p)}}
		}
	}()
	src = bytes.TrimPrefix(src, []byte("\ufeff"))
	if text := tooLarge(src); text != "" {
		return nil, []Problem{{File: file, Line: 1, Column: 1, Text: text}}
	}
	f, err := parser.ParseBytes(src, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		return nil, []Problem{syntax(file, err)}
	}
	body := r.only(f.Docs)
	if body == nil {
		if len(r.problems) == 0 {
			r.say(Position{file, 1, 1}, `a scenario was expected, the file is empty; "simrun init" writes one to start from`)
		}
		return nil, r.problems
	}
	return r.node(body, 0), r.problems
}

func tooLarge(src []byte) string {
	if len(src) > maxSizeBytes {
		return fmt.Sprintf("a scenario of at most %d KB was expected, this has %d KB; data belong in files of their own", maxSizeBytes>>10, len(src)>>10)
	}
	depth := 0
	for i, line := range bytes.Split(src, []byte("\n")) {
		depth += bytes.Count(line, []byte("[")) + bytes.Count(line, []byte("{")) - bytes.Count(line, []byte("]")) - bytes.Count(line, []byte("}"))
		if len(line) > maxLineBytes || depth > 8*maxDepth {
			return fmt.Sprintf("line %d is too long or opens too many brackets for a scenario", i+1)
		}
	}
	return ""
}

// syntax turns the parser's error, which brings a picture of the source, into one line.
func syntax(file string, err error) Problem {
	p := Problem{File: file, Line: 1, Column: 1, Text: "this is not YAML: " + strings.SplitN(err.Error(), "\n", 2)[0]}
	var e yaml.Error
	if errors.As(err, &e) {
		p.Text = "this is not YAML: " + e.GetMessage()
		if t := e.GetToken(); t != nil && t.Position != nil {
			p.Line, p.Column = max(1, t.Position.Line), max(1, t.Position.Column)
		}
	}
	return p
}

type yamlReader struct {
	file     string
	problems []Problem
}

func (r *yamlReader) say(at Position, format string, args ...any) {
	r.problems = append(r.problems, Problem{File: at.File, Line: at.Line, Column: at.Column, Text: fmt.Sprintf(format, args...)})
}

func (r *yamlReader) pos(t *token.Token) Position {
	p := Position{r.file, 1, 1}
	if t != nil && t.Position != nil {
		p.Line, p.Column = max(1, t.Position.Line), max(1, t.Position.Column)
	}
	return p
}

// only is the body of the one document that has one.
func (r *yamlReader) only(docs []*ast.DocumentNode) ast.Node {
	var body ast.Node
	more := false
	for _, d := range docs {
		switch {
		case d.Body == nil:
		case d.Body.Type() == ast.DirectiveType:
			r.say(r.pos(d.Body.GetToken()), "directives are not part of a scenario; leave this line out")
		case more: // one problem, however many there are
		case body != nil:
			more = true
			r.say(r.pos(d.Body.GetToken()), "one scenario a file was expected, here a second document begins; put it into a file of its own")
		default:
			body = d.Body
		}
	}
	return body
}

// node makes a tree of a syntax tree. It always returns one, so that reading goes on.
func (r *yamlReader) node(n ast.Node, depth int) *node {
	out := &node{pos: r.pos(n.GetToken())}
	if depth > maxDepth {
		out.broken = true
		r.say(out.pos, "a scenario is never nested deeper than %d", maxDepth)
		return out
	}
	switch n := n.(type) {
	case *ast.MappingNode:
		r.mapping(out, n, depth)
	case *ast.MappingValueNode:
		r.mapping(out, &ast.MappingNode{BaseNode: n.BaseNode, Values: []*ast.MappingValueNode{n}}, depth)
	case *ast.SequenceNode:
		out.shape = listing
		for _, v := range n.Values {
			out.items = append(out.items, r.node(v, depth+1))
		}
	case *ast.LiteralNode:
		out.text, out.quoted = n.Value.Value, true
	case *ast.StringNode:
		out.text = n.Value
		out.quoted = n.Token.Type == token.SingleQuoteType || n.Token.Type == token.DoubleQuoteType
	case *ast.AnchorNode, *ast.AliasNode:
		out.broken = true
		r.say(out.pos, "anchors and aliases are not part of a scenario; write the value out, or put what varies under \"vary\"")
	case *ast.TagNode:
		out.broken = true
		r.say(out.pos, "tags are not part of a scenario; leave %q out", n.GetToken().Value)
	case *ast.NullNode, *ast.BoolNode, *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		out.text = n.GetToken().Value
	default:
		out.broken = true
		r.say(out.pos, "a value, a list or a map was expected, found %s", n.Type())
	}
	return out
}

func (r *yamlReader) mapping(out *node, n *ast.MappingNode, depth int) {
	out.shape = mapping
	for i, v := range n.Values {
		pos := r.pos(v.Key.GetToken())
		if i == 0 && n.Start != nil && n.Start.Type != token.MappingStartType {
			out.pos = pos // a block map's own token is its first colon
		}
		if v.Key.IsMergeKey() {
			r.say(pos, "merge keys are not part of a scenario; write the values out")
			continue
		}
		key := v.Key.GetToken().Value
		if k, ok := v.Key.(*ast.StringNode); ok {
			key = k.Value
		} else if _, ok := v.Key.(ast.ScalarNode); !ok {
			r.say(pos, "a plain word was expected as key")
			continue
		}
		if first := out.entry(key); first != nil {
			r.say(pos, "%q stands here twice, first in line %d; leave one out", key, first.pos.Line)
			continue
		}
		out.pairs = append(out.pairs, pair{key, pos, r.node(v.Value, depth+1)})
	}
}
