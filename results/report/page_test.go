package report

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/results/resultstest"
)

func pageOf(t *testing.T, dir string) string {
	t.Helper()
	r, err := results.Read(dir)
	if err != nil {
		t.Fatal(err)
	}
	b, err := Page(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPageStandsAlone(t *testing.T) {
	page := pageOf(t, resultstest.Make(t, resultstest.Small))
	page = strings.ReplaceAll(page, `href="#results"`, "") // a place on the page itself
	if m := regexp.MustCompile(`(src|href|url\(|@import|xlink)[^>]{0,40}`).FindString(page); m != "" {
		t.Errorf("the page points outside: %q", m)
	}
	if m := regexp.MustCompile(`https?://[^\s"<]*`).FindString(page); m != "" {
		t.Errorf("the page names an address: %q", m)
	}
}

func TestPageEscapesEverything(t *testing.T) {
	page := pageOf(t, resultstest.Make(t, resultstest.Small))
	if strings.Contains(page, "<zeropad>") || strings.Contains(page, "Which <method>") {
		t.Error("a text of the run became markup")
	}
	if !strings.Contains(page, "&lt;zeropad&gt;") {
		t.Error("a method's name is not on the page")
	}
}

func TestPageIsTheSameTwice(t *testing.T) {
	dir := resultstest.Make(t, resultstest.Small)
	if first, second := pageOf(t, dir), pageOf(t, dir); first != second {
		t.Error("the same folder gave two different pages")
	}
}

func TestPageSaysWhatAReviewerAsks(t *testing.T) {
	page := pageOf(t, resultstest.Make(t, resultstest.Small))
	for _, want := range []string{
		"What was held equal", "one per seed, the same in every arm", "8, 2 ×2", "Who took part", "phone", "corrupt",
		"rank clamped to 2", "a warning of the host", "simrun verify", "name: example", "virtual time (s)", "bytes sent, up and down (kB)",
		"var(--c2)", "topic=sea", "By group", "relative error", "n−1", "examples used by all participants", "What failed", "What aggregation lost", "worst tenth",
		"ahead of flora in test.loss in every seed", "2 seeds: too few for a verdict", "Not beaten in score and", "Cost of getting as far as every arm gets", "largest rank", `aria-label="`,
	} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is not on the page", want)
		}
	}
	if m := regexp.MustCompile(`#1[01f][0-9A-F]{4}`).FindString(page); m != "" {
		t.Errorf("a placeholder colour is left: %s", m)
	}
}

func TestPageOfOneSeedInventsNoSpread(t *testing.T) {
	shape := resultstest.Small
	shape.Seeds = 1
	page := pageOf(t, resultstest.Make(t, shape))
	if strings.Contains(page, " ± ") || !strings.Contains(page, "needs at least 2") {
		t.Error("one seed has no spread, and the page must say so")
	}
}

func TestPageOfARunThatIsNotWhole(t *testing.T) {
	page := pageOf(t, resultstest.MakeIncomplete(t, resultstest.Small))
	if !strings.Contains(page, "This run is not whole") {
		t.Error("an incomplete run looks whole")
	}
}

func TestKeepPage(t *testing.T) {
	path := os.Getenv("SIMRUN_KEEP_PAGE")
	if path == "" {
		t.Skip("set SIMRUN_KEEP_PAGE to a path to look at the page in a browser")
	}
	if err := os.WriteFile(path, []byte(pageOf(t, resultstest.Make(t, resultstest.Small))), 0o644); err != nil {
		t.Fatal(err)
	}
}
