package methodpb

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// The committed .pb.go files say what the .proto files say: the same messages with the
// same fields, numbers and types. (`make generate` writes them; this test needs neither
// buf nor a network.)
func TestGeneratedFilesAreUpToDate(t *testing.T) {
	files, err := filepath.Glob("*.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no .proto files: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		written := inText(string(text))
		d, err := protoregistry.GlobalFiles.FindFileByPath("plugins/methodpb/" + name)
		if err != nil {
			t.Errorf("%s is not generated: %v", name, err)
			continue
		}
		generated := inDescriptor(d)
		slices.Sort(written)
		slices.Sort(generated)
		if !slices.Equal(written, generated) {
			t.Errorf("%s: run `make generate`\nwritten:   %v\ngenerated: %v", name, minus(written, generated), minus(generated, written))
		}
	}
}

var (
	messageLine = regexp.MustCompile(`^message (\w+) \{`)
	fieldLine   = regexp.MustCompile(`^\s+(repeated )?(map<\w+, \w+>|\w+) (\w+) = (\d+);`)
	rpcLine     = regexp.MustCompile(`^\s+rpc (\w+)\((?:stream )?(\w+)\) returns \((?:stream )?(\w+)\)`)
)

// inText lists what a .proto file declares, line by line.
func inText(text string) (list []string) {
	message := ""
	for line := range strings.Lines(text) {
		if m := messageLine.FindStringSubmatch(line); m != nil {
			message = m[1]
			list = append(list, message)
		} else if m := fieldLine.FindStringSubmatch(line); m != nil {
			kind := m[1] + m[2]
			if strings.HasPrefix(m[2], "map<") {
				kind = "map"
			}
			list = append(list, fmt.Sprintf("%s.%s = %s %s", message, m[3], m[4], kind))
		} else if m := rpcLine.FindStringSubmatch(line); m != nil {
			list = append(list, fmt.Sprintf("rpc %s %s %s", m[1], m[2], m[3]))
		}
	}
	return list
}

func inDescriptor(d protoreflect.FileDescriptor) (list []string) {
	for i := range d.Messages().Len() {
		m := d.Messages().Get(i)
		list = append(list, string(m.Name()))
		for j := range m.Fields().Len() {
			f := m.Fields().Get(j)
			kind := f.Kind().String()
			if f.Message() != nil {
				kind = string(f.Message().Name())
			}
			switch {
			case f.IsMap():
				kind = "map"
			case f.IsList():
				kind = "repeated " + kind
			}
			list = append(list, fmt.Sprintf("%s.%s = %d %s", m.Name(), f.Name(), f.Number(), kind))
		}
	}
	for i := range d.Services().Len() {
		s := d.Services().Get(i)
		for j := range s.Methods().Len() {
			r := s.Methods().Get(j)
			list = append(list, fmt.Sprintf("rpc %s %s %s", r.Name(), r.Input().Name(), r.Output().Name()))
		}
	}
	return list
}

// minus is what a has and b has not.
func minus(a, b []string) []string {
	return slices.DeleteFunc(slices.Clone(a), func(x string) bool { return slices.Contains(b, x) })
}
