package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/solo"
)

// unfinishedFile lies in the folder of an adapter that is being trained: the checkpoint from
// which --resume goes on.
const unfinishedFile = "unfinished.safetensors"

// keep writes a training's checkpoint, one in the place of the other.
type keep struct {
	into     string
	training *solo.Training
	off      bool // there are none to be
	step     int  // of the one that is there; 0: none is
	failed   bool // what was to be written could not be
}

// place looks whether --into is what it should be, before there is work.
func (f *tuning) place() error {
	there := func(name string) bool {
		_, err := os.Stat(filepath.Join(f.into, name))
		return err == nil
	}
	switch {
	case f.resume && !there(unfinishedFile) && there(peft.TensorsFile):
		return misuse("--resume: the adapter in %s is whole; nothing was interrupted there", f.into)
	case f.resume && !there(unfinishedFile):
		return misuse("--resume: there is no checkpoint in %s (%s); leave --resume out to begin", f.into, unfinishedFile)
	case !f.resume && there(unfinishedFile):
		return misuse("--into %s: a training lies there unfinished; unless it still runs, --resume goes on with it; or choose another folder", f.into)
	}
	return nil
}

// keep readies the folder: makes it or, with --resume, has the training go on from what is
// in it.
func (f *tuning) keep(t *solo.Training) (*keep, error) {
	k := &keep{into: f.into, training: t, off: f.every == 0}
	if !f.resume {
		return k, newFolder(f.into)
	}
	path := filepath.Join(f.into, unfinishedFile)
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if err := t.Resume(content); err != nil {
		return nil, misuse("--resume: %s: %v", path, err)
	}
	k.step, _ = t.Step()
	return k, nil
}

// save writes the checkpoint. Where that fails, the one before stays.
func (k *keep) save() error {
	content, err := k.training.Checkpoint()
	if err != nil {
		return err
	}
	if err := results.WriteFile(filepath.Join(k.into, unfinishedFile), content); err != nil {
		return k.lost("the checkpoint", err)
	}
	k.step, _ = k.training.Step()
	return nil
}

// epoch writes the adapter of an epoch, in the place of one that an interrupted run has left.
func (k *keep) epoch(e solo.Epoch, a *peft.Folder, dtype string) error {
	dir := filepath.Join(k.into, fmt.Sprintf("checkpoint-%d", e.Step))
	err := os.RemoveAll(dir)
	if err == nil {
		err = writeAdapter(dir, a, dtype)
	}
	if err != nil {
		return k.lost("the adapter of the epoch", err)
	}
	return nil
}

// lost says that something could not be written, and what is there to go on from.
func (k *keep) lost(what string, err error) error {
	k.failed = true
	if codeOf(err) == exitInput {
		return err
	}
	step, steps := k.training.Step()
	left := "there is no checkpoint to go on from"
	if k.step > 0 {
		left = fmt.Sprintf("once that is mended, the same command with --resume goes on from update %d", k.step)
	}
	return fmt.Errorf("after update %d of %d, %s could not be written: %w; %s", step, steps, what, err, left)
}

// broke is what is said of a training that has ended before its end: an interrupted one is
// kept first, and of one that cannot go on nothing is.
func (k *keep) broke(ctx context.Context, err error) error {
	step, steps := k.training.Step()
	switch {
	case k.failed:
		return err
	case ctx.Err() == nil || !errors.Is(err, context.Cause(ctx)):
		return errors.Join(err, k.clear())
	case k.off && k.step > 0:
		return fmt.Errorf("%w after update %d of %d; the same command with --resume goes on from update %d (--save-steps 0)", err, step, steps, k.step)
	case k.off:
		_ = os.Remove(k.into) // unless adapters of epochs lie in it; the interruption counts
		return fmt.Errorf("%w after update %d of %d; nothing was kept to go on from (--save-steps 0)", err, step, steps)
	}
	if err := k.save(); err != nil {
		return fmt.Errorf("%w, and %w", context.Cause(ctx), err)
	}
	return fmt.Errorf("%w after update %d of %d; the same command with --resume goes on from there", err, step, steps)
}

// clear takes away the checkpoint, what a killed run left of one or of the adapter, and the
// folder if it is empty then.
func (k *keep) clear() error {
	entries, err := os.ReadDir(k.into)
	if err != nil {
		return err
	}
	for _, e := range entries {
		torn := slices.ContainsFunc([]string{unfinishedFile, peft.ConfigFile, peft.TensorsFile}, func(name string) bool {
			return strings.HasPrefix(e.Name(), "."+name+".")
		})
		if e.Name() != unfinishedFile && !torn {
			continue
		}
		if err := os.Remove(filepath.Join(k.into, e.Name())); err != nil {
			return err
		}
	}
	_ = os.Remove(k.into) // which holds nothing but where nothing came of the training
	return nil
}
