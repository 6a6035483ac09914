package data_test

import (
	"strings"
	"testing"

	"github.com/loramesh/loramesh/sim/data"
	"github.com/loramesh/loramesh/sim/scenario"
)

// read loads whatever bytes stand in a file, and asks that there are examples or an error that
// names the file, and never a panic.
func read(t *testing.T, d scenario.Data, file, text string, beside disk) {
	files := disk{file: text}
	for name, other := range beside {
		files[name] = other
	}
	set, err := data.Load(d, files, 1)
	if err == nil && len(set.Train) == 0 {
		t.Errorf("neither examples nor an error")
	}
	if err != nil && !strings.Contains(err.Error(), "data \"x\"") {
		t.Errorf("the error does not name the data: %v", err)
	}
}

func FuzzParquet(f *testing.F) {
	type flat struct {
		Q string `parquet:"prompt"`
		A string `parquet:"answer"`
	}
	f.Add(parquetOf(f, []flat{{"a", "b"}, {"c", "d"}}))
	f.Add("PAR1PAR1")
	f.Fuzz(func(t *testing.T, text string) {
		read(t, scenario.Data{Name: "x", File: "x.parquet"}, "x.parquet", text, nil)
	})
}

func FuzzLaMP(f *testing.F) {
	f.Add(mta)
	f.Add(`[{"id": "1", "input": "a: b", "profile": [{"text": "x"}]}]`)
	f.Fuzz(func(t *testing.T, text string) {
		read(t, scenario.Data{Name: "x", Set: "lamp2", Path: "m"}, "m/movie_tagging.json", text, nil)
	})
}

func FuzzClinc(f *testing.F) {
	f.Add(clinc()["c/data_full.json"])
	f.Fuzz(func(t *testing.T, text string) {
		read(t, scenario.Data{Name: "x", Set: "clinc150", Path: "c"}, "c/data_full.json", text, disk{"c/domains.json": clinc()["c/domains.json"]})
	})
}

func FuzzShakespeare(f *testing.F) {
	f.Add("All:\nSpeak.\n\nAll:\nAgain.\n")
	f.Fuzz(func(t *testing.T, text string) {
		read(t, scenario.Data{Name: "x", Set: "tinyshakespeare", Path: "s"}, "s/input.txt", text, nil)
	})
}

func FuzzCorpora(f *testing.F) {
	f.Add(archives(f)["n/product_reviews_1.zip"])
	others := archives(f)
	delete(others, "n/product_reviews_1.zip")
	f.Fuzz(func(t *testing.T, text string) {
		read(t, scenario.Data{Name: "x", Set: "nltk-sentiment", Path: "n"}, "n/product_reviews_1.zip", text, others)
	})
}
