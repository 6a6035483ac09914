package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/loramesh/loramesh/linalg/lora/peft"
	"github.com/loramesh/loramesh/results"
	"github.com/loramesh/loramesh/sim/solo"
	"github.com/loramesh/loramesh/sim/train"
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

// place looks whether --into is what it should be, before there is work, and takes the folder
// for this process if it is there.
func (f *tuning) place() error {
	info, err := os.Stat(f.into)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !f.resume:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return f.nothing()
	case errors.Is(err, syscall.ENOTDIR), err == nil && !info.IsDir():
		return misuse("--into %s: a folder was expected; a file is in its place", f.into)
	case err != nil:
		return err
	}
	if err := f.lock(); err != nil {
		return err
	}
	unfinished, err := isFile(filepath.Join(f.into, unfinishedFile))
	if err != nil {
		return err
	}
	whole, err := isFile(filepath.Join(f.into, peft.TensorsFile))
	switch {
	case unfinished && !f.resume:
		return misuse("--into %s: a training lies there unfinished; --resume goes on with it; or choose another folder", f.into)
	case !f.resume:
		return newFolder(f.into)
	case unfinished:
		return nil
	case err != nil:
		return err
	case whole:
		return misuse("--resume: the adapter in %s is whole; nothing was interrupted there", f.into)
	}
	return f.nothing()
}

// nothing says that there is nothing to go on with.
func (f *tuning) nothing() error {
	return misuse("--resume: there is no checkpoint in %s (%s); leave --resume out to begin", f.into, unfinishedFile)
}

// isFile says whether a file is there; what is there and is none, as a folder or a pipe, which
// need not end, is the user's to take away.
func isFile(path string) (bool, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err == nil && !info.Mode().IsRegular():
		return false, misuse("%s is no file; take it away, or choose another folder", path)
	}
	return err == nil, err
}

// lock takes the folder for this process until [tuning.leave], or its end: two trainings would
// take each other's files away.
func (f *tuning) lock() (err error) {
	if f.release, err = results.Lock(f.into); errors.Is(err, results.ErrLocked) {
		return misuse("--into %s: another process trains into it; wait for its end, or choose another folder", f.into)
	}
	return err
}

// leave lets others take the folder.
func (f *tuning) leave() {
	if f.release != nil {
		_ = f.release() // nothing was written through it
	}
}

// keep readies the folder: makes it or, with --resume, has the training go on from what is
// in it.
func (f *tuning) keep(t *solo.Training) (*keep, error) {
	k := &keep{into: f.into, training: t, off: f.every == 0}
	if !f.resume {
		err := newFolder(f.into)
		if err == nil && f.release == nil {
			if err = f.lock(); err == nil {
				err = newFolder(f.into) // nobody has trained there in between
			}
		}
		return k, err
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
	if err := k.write(); err != nil {
		return k.lost("the checkpoint", err)
	}
	return nil
}

// write is save, but for what is said and done where it fails.
func (k *keep) write() error {
	content, err := k.training.Checkpoint()
	if err != nil {
		return err
	}
	if err := results.WriteFile(filepath.Join(k.into, unfinishedFile), content); err != nil {
		return err
	}
	k.step, _ = k.training.Step()
	return nil
}

// finish writes the adapter, and behind it takes the checkpoint away. Until then there is one of
// the last update; if there is no room for that there may be for the adapter, which is smaller.
func (k *keep) finish(a *peft.Folder, dtype string) error {
	if step, _ := k.training.Step(); !k.off && k.step < step {
		_ = k.write() // whether there is one to go on from is told where the adapter fails
	}
	if err := putAdapter(k.into, a, dtype); err != nil {
		return k.lost("the adapter", err)
	}
	return k.clear()
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

// there says whether the checkpoint lies where it was written.
func (k *keep) there() bool {
	_, err := os.Stat(filepath.Join(k.into, unfinishedFile))
	return k.step > 0 && err == nil
}

// lost says that something could not be written, and what is there to go on from; if nothing is,
// the way is free to begin anew.
func (k *keep) lost(what string, err error) error {
	k.failed = true
	step, steps := k.training.Step()
	left := fmt.Sprintf("once that is mended, the same command with --resume goes on from update %d", k.step)
	if !k.there() {
		left = "there is no checkpoint to go on from"
		k.undo()
		if _, err := os.Stat(k.into); err == nil {
			left += fmt.Sprintf("; to begin anew, choose another folder or take away what lies in %s", k.into)
		}
	}
	if codeOf(err) == exitInput {
		return err
	}
	return fmt.Errorf("after update %d of %d, %s could not be written: %w; %s", step, steps, what, err, left)
}

// undo takes away what there is of an adapter that could not be written, as far as it can be.
func (k *keep) undo() {
	for _, name := range []string{peft.ConfigFile, peft.TensorsFile} {
		_ = os.Remove(filepath.Join(k.into, name)) // what stays is looked for
	}
	_ = k.clear()
}

// broke is what is said of a training that has ended before its end: an interrupted one is
// kept first, and of one that has diverged nothing is.
func (k *keep) broke(ctx context.Context, err error) error {
	step, steps := k.training.Step()
	interrupted := ctx.Err() != nil && errors.Is(err, context.Cause(ctx))
	switch {
	case k.failed:
		return err
	case errors.Is(err, train.ErrDiverged):
		return errors.Join(err, k.clear())
	case !interrupted && k.there():
		return fmt.Errorf("%w; the same command with --resume goes on from update %d", err, k.step)
	case !interrupted:
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
		of, torn := results.Torn(e.Name())
		torn = torn && slices.Contains([]string{unfinishedFile, peft.ConfigFile, peft.TensorsFile}, of)
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
