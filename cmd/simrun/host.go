package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/loramesh/loramesh/results"
)

// version is set by the linker; "go install" leaves it to the module's version.
var version = ""

// versionText is the version of this binary.
func versionText() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}

// resumed says whether the run goes on with an interrupted one.
func (p *performance) resumed() bool {
	return slices.ContainsFunc(p.standing, func(s results.Standing) bool { return s.Head != nil })
}

// made says how and on what the run was made.
func (p *performance) made() results.Made {
	methods := "process"
	if p.shelf.inProcess {
		methods = "in-process"
	}
	before := time.Duration(0) // of processes before this one
	for i, s := range p.standing {
		if s.Done() {
			before += p.wall[i]
		} else if s.From != nil {
			before += time.Duration(s.From.WallSec * float64(time.Second))
		}
	}
	return results.Made{Command: p.plan.Command, Simrun: versionText(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpuName(), CPUs: runtime.NumCPU(), Contract: contract(), Engine: p.engine.name, Slots: p.engine.slots, Plugins: methods,
		Started: p.started.UTC().Truncate(time.Second), WallSec: (before + time.Since(p.started)).Seconds(),
		Resumed: p.resumed(), SavedSec: p.keeping.Stood.Seconds(), DiskSec: p.keeping.Disk.Seconds()}
}

// cpuName is what Linux calls the processor; "" elsewhere.
func cpuName() string {
	b, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(b)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memoryBytes is what this process may have at most: the machine's memory, or the limit of
// its control group where that is less. 0 where the system does not say it in a file.
func memoryBytes() int64 {
	total := int64(0)
	if b, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(b)) {
			if rest, ok := strings.CutPrefix(line, "MemTotal:"); ok {
				kB, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
				total = kB << 10
			}
		}
	}
	if b, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		if limit, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil && (total == 0 || limit < total) {
			total = limit // the word "max" is no number
		}
	}
	return total
}
