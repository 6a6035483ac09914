package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// found insists that reading stops at a line, counted from 0, with all before it read.
func found(t *testing.T, content []byte, line int, what string) {
	t.Helper()
	lines, err := read(content)
	if err == nil || !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), fmt.Sprintf("at line %d:", line+1)) || len(lines) != line {
		t.Fatalf("%s in line %d: read %d lines, then %v", what, line+1, len(lines), err)
	}
}

func TestEveryFlippedByteIsFound(t *testing.T) {
	content, _ := write(t, sample()...)
	line := 0
	for i, b := range content {
		for _, mask := range []byte{1, 0x80, b ^ '\n'} {
			if mask != 0 {
				broken := bytes.Clone(content)
				broken[i] ^= mask
				found(t, broken, line, fmt.Sprintf("byte %d made %q", i, broken[i]))
			}
		}
		if b == '\n' {
			line++
		}
	}
}

func TestEveryInsertedByteIsFound(t *testing.T) {
	content, _ := write(t, sample()...)
	line := 0
	for i, b := range content {
		for _, x := range []byte(" \r\n") {
			at := line
			if b == '\n' && x == '\n' {
				at++ // an empty line after this one
			}
			found(t, slices.Insert(bytes.Clone(content), i, x), at, fmt.Sprintf("%q before byte %d", x, i))
		}
		if b == '\n' {
			line++
		}
	}
	found(t, append(bytes.Clone(content), ' '), line, "a space at the end")
}

func TestRemovedAndSwappedLinesAreFound(t *testing.T) {
	content, _ := write(t, sample()...)
	lines := split(content)
	for i := range len(lines) - 1 {
		found(t, bytes.Join(slices.Delete(slices.Clone(lines), i, i+1), nil), i, "a line removed")
		found(t, bytes.Join(slices.Insert(slices.Clone(lines), i, lines[i]), nil), i+1, "a line doubled")
		for j := i + 1; j < len(lines); j++ {
			swapped := slices.Clone(lines)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			found(t, bytes.Join(swapped, nil), i, fmt.Sprintf("swapped with line %d", j+1))
		}
	}
}

// A line of another book with the same content before it does not fit, nor a line whose own
// hash is right but which counts wrongly.
func TestLinesOfAnotherBookAreFound(t *testing.T) {
	content, _ := write(t, sample()...)
	other, _ := write(t, append([]any{Trial{Index: 4}}, sample()[1:]...)...)
	mixed := slices.Concat(split(content)[:1], split(other)[1:])
	found(t, bytes.Join(mixed, nil), 1, "another book")

	covered := []byte(`{"n":1,"kind":"end","is":{}}`)
	found(t, append(sealed(covered, chain([32]byte{}, covered)), '\n'), 0, "the wrong number")
}

func TestEveryTruncationIsFound(t *testing.T) {
	content, _ := write(t, sample()...)
	whole := 0 // lines that are there to the last byte
	for i := range content {
		_, err := Whole(bytes.NewReader(content[:i]))
		if !errors.Is(err, ErrBroken) {
			t.Fatalf("cut off after %d bytes: %v", i, err)
		}
		if i > 0 && content[i-1] == '\n' {
			whole++
			if want := fmt.Sprintf("no %q line after its %d lines", KindEnd, whole); !strings.Contains(err.Error(), want) {
				t.Errorf("cut off between lines: %v", err)
			}
			continue
		}
		if i > 0 {
			found(t, content[:i], whole, fmt.Sprintf("cut off after %d bytes", i))
		}
	}
}

// What is chained rightly and still no book of ours: each with words for what it is.
func TestReadRefusesWhatItDoesNotKnow(t *testing.T) {
	for says, covered := range map[string]string{
		`unknown field "extra"`:              `{"n":0,"kind":"end","is":{"extra":1}}`,
		`unknown field "more"`:               `{"n":0,"kind":"end","is":{},"more":1}`,
		`"sample" is no kind of line`:        `{"n":0,"kind":"sample","is":{}}`,
		"cannot unmarshal string":            `{"n":0,"kind":"end","is":{"rounds":"3"}}`,
		"invalid character":                  `{"n":0,"kind":"end","is":{]}`,
		"a number was expected, \"x\"":       `{"n":0,"kind":"fold","is":{"values":[{"value":"x"}]}}`,
		"unexpected end of JSON input|EOF":   `{"n":0,"kind":"end","is":}`,
		"it says it is line 3":               `{"n":2,"kind":"end","is":{}}`,
		"was it written by another version?": `{"n":0,"kind":"end","is":{"round":3}}`,
	} {
		line := append(sealed([]byte(covered), chain([32]byte{}, []byte(covered))), '\n')
		_, err := read(line)
		ok := false
		for s := range strings.SplitSeq(says, "|") {
			ok = ok || err != nil && strings.Contains(err.Error(), s)
		}
		if says == "unexpected end of JSON input|EOF" {
			ok = err != nil // any word will do for what is no JSON
		}
		if !ok || !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "at line 1:") {
			t.Errorf("%s: got %v", covered, err)
		}
	}
}

func TestWholeInsistsOnBothEnds(t *testing.T) {
	for says, lines := range map[string][]any{
		"it is empty":                        nil,
		`line 1: it is a "end" line; the fi`: {End{}},
		`no "end" line after its 1 lines`:    {Trial{}},
		`line 2: it is a "trial" line`:       {Trial{}, Trial{}, End{}},
		`line 3: it comes after the "end"`:   {Trial{}, End{}, End{}},
	} {
		content, _ := write(t, lines...)
		if _, err := Whole(bytes.NewReader(content)); !errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v", says, err)
		}
	}
}

func TestReaderThatFailsIsNoBrokenBook(t *testing.T) {
	content, _ := write(t, sample()...)
	disk := errors.New("the disk is gone")
	_, err := Whole(io.MultiReader(bytes.NewReader(split(content)[0]), iotest.ErrReader(disk)))
	if !errors.Is(err, disk) || errors.Is(err, ErrBroken) || !strings.Contains(err.Error(), "after line 1") {
		t.Errorf("got %v", err)
	}
}

func TestReadStopsWhereItsReaderStops(t *testing.T) {
	content, _ := write(t, sample()...)
	n := 0
	for range Read(bytes.NewReader(content)) {
		if n++; n == 3 {
			break
		}
	}
	if n != 3 {
		t.Errorf("read %d lines", n)
	}
}

// Whatever is read without an error is what was written: nothing of it was passed over, and
// a book of what was read out of it has its hash.
func FuzzRead(f *testing.F) {
	content, _ := write(f, sample()...)
	f.Add(content)
	for _, line := range split(content) {
		f.Add(line)
	}
	f.Add([]byte("\n"))
	f.Add([]byte(`{"n":0,"kind":"end","is":{},"hash":""}`))
	f.Fuzz(func(t *testing.T, content []byte) {
		lines, err := read(content)
		if err != nil {
			if !errors.Is(err, ErrBroken) {
				t.Fatalf("another error: %v", err)
			}
			return
		}
		var all bytes.Buffer
		for _, l := range lines {
			all.Write(append(l.Raw, '\n'))
		}
		if !bytes.Equal(all.Bytes(), content) {
			t.Fatalf("read %q as %q", content, all.Bytes())
		}
		if d := Diff(lines, lines); d != nil {
			t.Fatalf("it differs from itself: %s", d.Why)
		}
	})
}
