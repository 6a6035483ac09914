package export

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
)

// toMLflow writes a file store: an experiment with a run for each trial, and beside it the
// empty experiment 0 that MLflow expects. Paths in it are relative to nothing, so artifacts
// are where the store lies now; MLflow reads metrics, parameters and tags wherever it is.
func toMLflow(r *results.Run, dir string) error {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	experiment := experimentID(r.Plan.Hash)
	for id, name := range map[string]string{"0": "Default", experiment: r.Plan.Name} {
		meta := fmt.Sprintf("artifact_location: %s\ncreation_time: %d\nexperiment_id: '%s'\nlast_update_time: %d\nlifecycle_stage: active\nname: %s\n",
			quoted(fileURI(filepath.Join(abs, id))), started(r).UnixMilli(), id, started(r).UnixMilli(), quoted(name))
		if err := write(filepath.Join(dir, id, "meta.yaml"), meta); err != nil {
			return err
		}
	}
	for _, t := range r.Trials {
		if err := mlflowRun(r, t, experiment, filepath.Join(abs, experiment), filepath.Join(dir, experiment)); err != nil {
			return err
		}
	}
	return nil
}

// experimentID is a whole number, as MLflow wants, made of the plan's hash.
func experimentID(hash string) string {
	n, err := strconv.ParseUint(hash[:min(14, len(hash))], 16, 64)
	if err != nil || n == 0 {
		return "1"
	}
	return strconv.FormatUint(n, 10)
}

func mlflowRun(r *results.Run, t *results.Trial, experiment, abs, dir string) error {
	id := t.Hash[:32]
	begin := started(r)
	end := begin.Add(time.Duration(float64(t.End.Now) * float64(time.Second)))
	meta := fmt.Sprintf("artifact_uri: %s\nend_time: %d\nentry_point_name: ''\nexperiment_id: '%s'\nlifecycle_stage: active\nrun_id: %s\nrun_name: %s\n"+
		"source_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: %d\nstatus: 3\ntags: []\nuser_id: simrun\n",
		quoted(fileURI(filepath.Join(abs, id, "artifacts"))), end.UnixMilli(), experiment, id, quoted(t.Head.Name), begin.UnixMilli())
	folder := filepath.Join(dir, id)
	if err := write(filepath.Join(folder, "meta.yaml"), meta); err != nil {
		return err
	}
	lines := map[string]*bytes.Buffer{}
	for _, step := range series(t) {
		for _, n := range step {
			key := metricName(n.Key())
			if lines[key] == nil {
				lines[key] = &bytes.Buffer{}
			}
			_, _ = fmt.Fprintf(lines[key], "%d %s %d\n", at(r, n).UnixMilli(), strconv.FormatFloat(n.Value, 'g', -1, 64), n.Step()) // a buffer takes everything
		}
	}
	for key, b := range lines {
		if err := write(filepath.Join(folder, "metrics", key), b.String()); err != nil {
			return err
		}
	}
	for _, f := range facts(r, t) {
		if err := write(filepath.Join(folder, "params", metricName(f[0])), f[1]); err != nil {
			return err
		}
	}
	for key, v := range map[string]string{"mlflow.runName": t.Head.Name, "mlflow.user": "simrun", "mlflow.source.name": "simrun", "simrun.hash": t.Hash, "simrun.question": r.Plan.Question} {
		if err := write(filepath.Join(folder, "tags", key), v); err != nil {
			return err
		}
	}
	return os.MkdirAll(filepath.Join(folder, "artifacts"), 0o755)
}

// metricName keeps to the letters that MLflow allows. A slash would make a folder of a
// metric that is a file, so groups stand after a space: "test.loss topic-sea".
func metricName(s string) string { return slug(strings.ReplaceAll(s, "/", " "), " ") }

func fileURI(path string) string { return "file://" + filepath.ToSlash(path) }

// quoted is a YAML text in double quotes; those of Go are a subset of YAML's.
func quoted(s string) string { return strconv.Quote(s) }

func write(path, text string) error {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(text), 0o644)
}
