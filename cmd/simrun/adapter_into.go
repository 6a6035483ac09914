package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/linalg/safetensors"
	"github.com/loramesh/loramesh/sim/base"
)

const weightsEnd = ".safetensors"

// mergeInto writes a copy of a Hugging Face folder with an adapter in its weights: one file
// of weights after the other, each under its own name, so that shards stay shards.
func mergeInto(model, into string, a *peft.Folder) error {
	text, err := os.ReadFile(filepath.Join(model, "config.json"))
	if err != nil {
		return misuse("--model %s is no Hugging Face folder: %v", model, err)
	}
	var config struct {
		ModelType string `json:"model_type"`
	}
	if err := json.Unmarshal(text, &config); err != nil {
		return misuse("%s: %v", filepath.Join(model, "config.json"), err)
	}
	m, err := peft.NewMerger(a, config.ModelType)
	if err != nil {
		return misuse("%v", err)
	}
	entries, err := os.ReadDir(model)
	if err != nil {
		return misuse("--model %s: %v", model, err)
	}
	if err := newFolder(into); err != nil {
		return err
	}
	ckpt, err := base.OpenCheckpoint(model, mappedFiles()) // only names are asked for
	untied := err == nil && base.Untie(m, ckpt)            // a family that is not ours keeps its tensors as they are
	if err := copyMerged(m, model, into, entries); err != nil {
		return errors.Join(err, clearFolder(into)) // half a model is none
	}
	if untied {
		return untieConfig(filepath.Join(into, "config.json"), text)
	}
	return nil
}

// untieConfig writes the text of a config.json that says that the head is no longer the embedding.
func untieConfig(path string, text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber() // numbers stay as they are written
	var config map[string]any
	if err := d.Decode(&config); err != nil {
		return err
	}
	config["tie_word_embeddings"] = false
	text, err := json.MarshalIndent(config, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(path, append(text, '\n'), 0o644)
}

// copyMerged writes file after file; at most one is in memory.
func copyMerged(m *peft.Merger, model, into string, entries []fs.DirEntry) error {
	weights := 0
	for _, e := range entries {
		from := filepath.Join(model, e.Name())
		info, err := os.Stat(from) // of what a link leads to
		if err != nil {
			return misuse("--model %s: %v", model, err)
		}
		if !info.Mode().IsRegular() {
			continue // folders are no part of a model
		}
		var content []byte
		if strings.HasSuffix(e.Name(), weightsEnd) {
			weights++
			content, err = mergeFile(m, from)
		} else {
			content, err = os.ReadFile(from)
		}
		if err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(into, e.Name()), content, 0o644); err != nil {
			return err
		}
	}
	switch left := m.Left(); {
	case weights == 0:
		return misuse("--model %s has no weights: expected files that end in %s", model, weightsEnd)
	case len(left) > 0:
		return misuse("--model %s has no tensor for %s of the adapter: it is for another base", model, namesOf(left))
	}
	return nil
}

// clearFolder takes away the files that were written to a folder, and the folder.
func clearFolder(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.Remove(filepath.Join(dir, e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(dir)
}

func mergeFile(m *peft.Merger, path string) ([]byte, error) {
	b, err := newFiles().ReadFile(path)
	if err != nil {
		return nil, misuse("%v", err)
	}
	file, err := safetensors.Parse(b)
	if err != nil {
		return nil, misuse("%s: %v", path, err)
	}
	ts, err := m.Merge(file.Tensors)
	if err != nil {
		return nil, misuse("%s: %v", path, err)
	}
	return safetensors.Encode(file.Meta, ts)
}
