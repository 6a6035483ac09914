package coordinator

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/loramesh/loramesh/plugins/method"
)

// sharedBook is of five participants, of whom three have the same past: two share it, and one has it in words
// of its own.
func sharedBook() []keptPerson {
	past := func(given int, name string) *Past {
		return &Past{Has: []method.Blob{"a", "b"}, Given: given, Times: []keptTask{{Name: name, Times: given}}}
	}
	common := past(3, "fit")
	return []keptPerson{
		{Pool: "client", Index: 0, Past: common},
		{Pool: "client", Index: 1, Past: past(4, "fit")},
		{Pool: "client", Index: 2, Past: common, Owned: &Owned{Note: []byte("x")}},
		{Pool: "client", Index: 5, Past: past(3, "fit")},
		{Pool: "server", Index: 0, Past: past(3, "fit 1")},
	}
}

func TestPastsAreSharedInWriting(t *testing.T) {
	c := Checkpoint{Version: checkpointVersion, Book: sharedBook()}
	text, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(text), `"given":3`); n != 2 || strings.Count(string(text), `"like":2`) != 1 || strings.Count(string(text), `"like":1`) != 1 {
		t.Errorf("a past is written %d times: %s", n, text)
	}
	if !reflect.DeepEqual(c.Book, sharedBook()) {
		t.Error("writing changed the checkpoint")
	}
	got, err := ParseCheckpoint(text)
	if err != nil || !reflect.DeepEqual(got.Book, sharedBook()) {
		t.Errorf("%v: read as %+v", err, got.Book)
	}
	if got.Book[0].Past != got.Book[3].Past {
		t.Error("what is shared in writing is not shared in memory")
	}
}

// A checkpoint of version 1 has every past in full.
func TestCheckpointsOfVersion1AreRead(t *testing.T) {
	text, err := json.Marshal(Checkpoint{Version: 1, Book: sharedBook()})
	if err != nil {
		t.Fatal(err)
	}
	got, err := ParseCheckpoint(text)
	if err != nil || got.Version != checkpointVersion || !reflect.DeepEqual(got.Book, sharedBook()) {
		t.Errorf("%v: version %d, %+v", err, got.Version, got.Book)
	}
}

func TestLikenessesThatAreNone(t *testing.T) {
	one, full := `{"pool":"client","index":0`, `{"pool":"client","index":0,"has":null,"given":1,"times":null`
	for name, book := range map[string]string{
		"nobody before":  one + `,"like":1}`,
		"too far":        full + `},` + one + `,"like":2}`,
		"behind":         one + `,"like":-1},` + full + `}`,
		"no past at all": one + `}`,
		"two pasts":      full + `},` + full + `,"like":1}`,
	} {
		if _, err := ParseCheckpoint([]byte(`{"version":2,"book":[` + book + `]}`)); err == nil || !strings.Contains(err.Error(), "client 0") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, version := range []string{"0", "3"} {
		if _, err := ParseCheckpoint([]byte(`{"version":` + version + `}`)); err == nil || !strings.Contains(err.Error(), "versions 1 to 2") {
			t.Errorf("version %s: %v", version, err)
		}
	}
}
