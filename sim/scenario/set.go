package scenario

import "strings"

// applySets lays each "path=value" of --set over the tree, in order. A path under `vary`
// names an axis: vary.seed=1..8 replaces it, vary.seed=null takes it away. laid are those
// that had a place.
func applySets(c check, root *node, sets []string) (out *node, laid []string) {
	for _, s := range sets {
		pos := Position{File: "--set " + s}
		path, text, ok := strings.Cut(s, "=")
		path = strings.TrimSpace(path)
		if !ok || path == "" {
			c.say(pos, "path=value was expected, as in --set seed=3")
			continue
		}
		value, problems := parseYAML(pos.File, []byte(text))
		if strings.TrimSpace(text) == "" {
			c.say(pos, "a value was expected after =; null takes the word away")
			continue
		}
		if len(problems) > 0 {
			c.say(pos, "the value is not YAML that a scenario can hold: %s; text with marks of its own is put in quotes, as in --set '%s=\"…\"'", problems[0].Text, path)
			continue
		}
		value = value.moved(pos)
		if axis, ok := strings.CutPrefix(path, "vary."); ok {
			root, laid = setAxis(root, axis, pos, value), append(laid, s)
			continue
		}
		next, err := layAt(top, root, strings.Split(path, "."), pos, value)
		if err != nil {
			in := c.in(path, pos)
			in.say(pos, "%v", err)
			continue
		}
		root, laid = next, append(laid, s)
	}
	return root, laid
}

// setAxis replaces one path of vary.
func setAxis(root *node, axis string, pos Position, value *node) *node {
	vary := root.get("vary")
	if vary == nil || vary.shape != mapping {
		vary = &node{shape: mapping, pos: pos}
	}
	if value.isNull() {
		value = nil
	}
	return root.with("vary", pos, vary.with(axis, pos, value))
}

// moved is a tree whose every place is one argument.
func (n *node) moved(pos Position) *node {
	out := *n
	out.pos = pos
	out.items = make([]*node, len(n.items))
	for i, item := range n.items {
		out.items[i] = item.moved(pos)
	}
	out.pairs = make([]pair, len(n.pairs))
	for i, p := range n.pairs {
		out.pairs[i] = pair{p.key, pos, p.value.moved(pos)}
	}
	return &out
}

// checkHidden accuses a --set whose value no trial would see, because `vary` has an own
// value there in every item.
func checkHidden(c check, axes []Axis, sets []string) {
	for _, s := range sets {
		path, _, _ := strings.Cut(s, "=")
		path = strings.TrimSpace(path)
		for _, a := range axes {
			for i, p := range a.Paths {
				if a.Pos.Line == 0 && path == "vary."+p {
					continue
				}
				if hides(a, i, p, path) {
					c.in(path, a.Pos).say(Position{File: "--set " + s}, "this would change nothing: \"vary\" gives %q in every trial; use --set vary.%s=… instead", path, p)
				}
			}
		}
	}
}

// hides says that every item of path i of an axis has its own value at path.
func hides(a Axis, i int, own, path string) bool {
	rest, under := strings.CutPrefix(path, own+".")
	if path != own && !under {
		return false
	}
	for _, item := range a.Items {
		v := item[i].value
		if v.shape == mapping && (path == own || v.find(rest) == nil) {
			return false
		}
	}
	return true
}
