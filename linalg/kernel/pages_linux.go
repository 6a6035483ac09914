package kernel

import "golang.org/x/sys/unix"

// adviseLarge asks for large pages from address lo to hi: for what has not been touched
// yet, and then for what has. Both are advice, and what comes of them changes no result,
// so answers are not looked at: old kernels know the first only, and some parts of the
// range may be nobody's.
func adviseLarge(lo, hi uintptr) {
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, lo, hi-lo, unix.MADV_HUGEPAGE)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, lo, hi-lo, unix.MADV_COLLAPSE)
}
