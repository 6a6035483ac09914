package remote

import (
	"os"
	"syscall"
)

// attributes make the process the head of a group, and have the kernel kill it when the
// thread that started it ends: a host that is killed leaves no orphan.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}

// killGroup kills the process and all that it started.
func killGroup(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// dieWithParent has nothing left to do here.
func dieWithParent() {}
