package methodtest

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/plugins/remote"
)

// Failure is a rule that a method broke.
type Failure struct {
	Rule string // its name in [Rules]
	Text string // what was seen
}

func (f Failure) Error() string { return f.Rule + ": " + f.Text }

// Opener makes the method, as new: whatever it remembers outside its state must be gone.
type Opener func() (method.Method, error)

// Option changes an exam.
type Option func(*exam)

// With sets a parameter that the method cannot do without.
func With(name string, value any) Option {
	return func(e *exam) { e.params[name] = value }
}

// Except leaves a rule out, for a method that breaks it on purpose and can say why.
func Except(rule, why string) Option {
	if why == "" || !known(rule) {
		panic(fmt.Sprintf("methodtest: Except(%q, %q): a rule's name and a reason are expected", rule, why))
	}
	return func(e *exam) { e.excused[rule] = true }
}

// Elsewhere is another way to open the method, in a process of its own. It must answer
// with the same bits, and is used for the rules that start it again.
func Elsewhere(open Opener) Option {
	return func(e *exam) { e.elsewhere = open }
}

// exam is one method under examination.
type exam struct {
	ctx       context.Context
	open      Opener
	elsewhere Opener
	params    method.Values
	excused   map[string]bool

	card      method.Card
	reference *record // of the plain trial
}

func newExam(ctx context.Context, open Opener, opts []Option) *exam {
	e := &exam{ctx: ctx, open: open, params: method.Values{}, excused: map[string]bool{}}
	for _, o := range opts {
		o(e)
	}
	return e
}

// Run examines a method. No failures means that it passed.
func Run(ctx context.Context, open Opener, opts ...Option) []Failure {
	var failures []Failure
	newExam(ctx, open, opts).each(func(r Rule, err error) {
		if err != nil {
			failures = append(failures, Failure{r.Name, err.Error()})
		}
	})
	return failures
}

// each holds the method against every rule, in order. A method that cannot even play a
// plain trial is not asked further.
func (e *exam) each(report func(Rule, error)) {
	for _, r := range Rules() {
		if e.excused[r.Name] {
			continue
		}
		err := guard(func() error { return r.holds(e) })
		report(r, err)
		if err != nil && r.first {
			return
		}
	}
}

// guard turns a panic of the method into an error.
func guard(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("it panicked: %v", p)
		}
	}()
	return f()
}

// served says whether this test binary can be started as a plugin: see [Main].
var served bool

// Main is for TestMain: it runs the tests, or, in a process that a test started, serves
// the methods.
func Main(m *testing.M, set []method.Method) {
	if remote.IsPlugin() {
		remote.Serve(set)
		os.Exit(0)
	}
	served = true
	os.Exit(m.Run())
}

// Exam examines a method that the test's [Main] serves, in this process and in another.
// Each rule is a sub-test.
func Exam(t *testing.T, m method.Method, opts ...Option) {
	t.Helper()
	if !served {
		t.Fatal("methodtest: this package needs func TestMain(m *testing.M) { methodtest.Main(m, Set()) }, so that its methods can run in a process of their own")
	}
	name := m.Describe().Name
	open := func() (method.Method, error) { return m, nil }
	opts = append(opts, Elsewhere(func() (method.Method, error) { return inOwnProcess(t, name) }))
	t.Run(name, func(t *testing.T) {
		newExam(t.Context(), open, opts).each(func(r Rule, err error) {
			t.Run(r.Name, func(t *testing.T) {
				if err != nil {
					t.Errorf("%s\nThe rule: %s", err, r.Text)
				}
			})
		})
	})
}

// inOwnProcess starts this test binary as a plugin.
func inOwnProcess(t *testing.T, name string) (method.Method, error) {
	path, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p, err := remote.Open(t.Context(), remote.Options{Command: []string{path}, Name: name, RunDir: t.TempDir()})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { p.Close() })
	var names []string
	for _, m := range p.Methods() {
		if m.Describe().Name == name {
			return m, nil
		}
		names = append(names, m.Describe().Name)
	}
	return nil, fmt.Errorf("Main serves %s, and not %s", strings.Join(names, ", "), name)
}
