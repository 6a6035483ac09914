//go:build !linux && !darwin

package remote

import (
	"os"
	"syscall"
)

func attributes() *syscall.SysProcAttr { return nil }

func killGroup(p *os.Process) error { return p.Kill() }

func dieWithParent() {}
