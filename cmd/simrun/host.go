package main

import (
	"os"
	"runtime"
	"runtime/debug"
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

// made says how and on what the run was made.
func (p *performance) made() results.Made {
	methods := "process"
	if p.shelf.inProcess {
		methods = "in-process"
	}
	return results.Made{Command: p.again(), Simrun: versionText(), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH,
		CPU: cpuName(), CPUs: runtime.NumCPU(), Contract: contract(), Engine: p.engine.name, Slots: p.engine.slots, Plugins: methods,
		Started: p.started.UTC().Truncate(time.Second), WallSec: time.Since(p.started).Seconds()}
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
