package results

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"strings"
)

// Torn says which file a process was writing with [WriteFile] when it was killed, by the name of what
// it left in the folder; ok is false where the name is of another kind.
func Torn(base string) (of string, ok bool) {
	at := strings.LastIndexByte(base, '.')
	if at < 2 || base[0] != '.' || at == len(base)-1 || strings.Trim(base[at+1:], "0123456789") != "" { // as os.CreateTemp names
		return "", false
	}
	return base[1:at], true
}

// sweep removes from a folder what processes left there that were killed while they wrote: nobody
// finds it by its name, and the run that goes on would have it among its files to the end.
func (f *Folder) sweep() error {
	known := map[string]bool{manifestFile: true, incompleteFile: true}
	for _, names := range [][]string{given, made} {
		for _, name := range names {
			known[name] = true
		}
	}
	return fs.WalkDir(os.DirFS(f.Dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		part, _, below := strings.Cut(name, "/")
		if d.IsDir() {
			if name == "." || part == checkpointDir || part == adapterDir {
				return nil
			}
			return fs.SkipDir
		}
		of, torn := Torn(path.Base(name))
		torn = torn && (below || known[of])
		if !torn && !replaced(name) {
			return nil
		}
		if err := os.Remove(f.path(name)); !errors.Is(err, os.ErrNotExist) {
			return err
		}
		return nil
	})
}

// replaced says whether a file is a checkpoint that was replaced: the one in its place has its name for
// good.
func replaced(name string) bool {
	dir, base := path.Split(name)
	return strings.HasPrefix(dir, checkpointDir+"/") && (base == spareFile || base == lateFile)
}

// leftOver says whether a file is one that a process was writing which was killed: what [WriteFile]
// renames in the end, a checkpoint that was replaced, or the journal.
func leftOver(name string, files map[string]bool) bool {
	if name == journalFile || replaced(name) {
		return true
	}
	dir, base := path.Split(name)
	of, torn := Torn(base)
	return torn && (strings.HasPrefix(dir, checkpointDir+"/") && strings.HasSuffix(of, ".json") || files[dir+of])
}
