package remote

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"strings"
	"sync"

	"github.com/hashicorp/go-hclog"
)

// logger gives go-plugin's log lines to slog: its own at debug level, the plugin's
// (which come by a named logger) at their level.
type logger struct {
	to    *slog.Logger
	name  string
	given []any
}

func newLog(to *slog.Logger) *logger { return &logger{to: to} }

var _ hclog.Logger = (*logger)(nil)

func (l *logger) Log(level hclog.Level, msg string, args ...any) {
	to := slog.LevelDebug
	if l.name != "" {
		switch level {
		case hclog.Info:
			to = slog.LevelInfo
		case hclog.Warn:
			to = slog.LevelWarn
		case hclog.Error:
			to = slog.LevelError
		}
	}
	l.to.Log(context.Background(), to, msg, append(l.given[:len(l.given):len(l.given)], args...)...)
}

func (l *logger) Trace(msg string, args ...any) { l.Log(hclog.Trace, msg, args...) }
func (l *logger) Debug(msg string, args ...any) { l.Log(hclog.Debug, msg, args...) }
func (l *logger) Info(msg string, args ...any)  { l.Log(hclog.Info, msg, args...) }
func (l *logger) Warn(msg string, args ...any)  { l.Log(hclog.Warn, msg, args...) }
func (l *logger) Error(msg string, args ...any) { l.Log(hclog.Error, msg, args...) }

func (l *logger) IsTrace() bool { return true }
func (l *logger) IsDebug() bool { return true }
func (l *logger) IsInfo() bool  { return true }
func (l *logger) IsWarn() bool  { return true }
func (l *logger) IsError() bool { return true }

func (l *logger) ImpliedArgs() []any { return l.given }
func (l *logger) Name() string       { return l.name }

func (l *logger) With(args ...any) hclog.Logger {
	c := *l
	c.given = append(l.given[:len(l.given):len(l.given)], args...)
	return &c
}

func (l *logger) Named(name string) hclog.Logger { return l.ResetNamed(name) }

func (l *logger) ResetNamed(name string) hclog.Logger {
	c := *l
	c.name = name
	return &c
}

func (l *logger) SetLevel(hclog.Level)  {}
func (l *logger) GetLevel() hclog.Level { return hclog.Trace }

func (l *logger) StandardLogger(o *hclog.StandardLoggerOptions) *log.Logger {
	return log.New(l.StandardWriter(o), "", 0)
}

func (l *logger) StandardWriter(*hclog.StandardLoggerOptions) io.Writer { return lines(l.to, "log") }

// lineWriter logs what is written to it line by line.
type lineWriter struct {
	to   *slog.Logger
	from string
	mu   sync.Mutex
	rest []byte
}

func lines(to *slog.Logger, from string) io.Writer { return &lineWriter{to: to, from: from} }

func (w *lineWriter) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rest = append(w.rest, b...)
	for {
		line, rest, found := bytes.Cut(w.rest, []byte("\n"))
		if !found {
			return len(b), nil
		}
		w.to.Info(string(line), "from", w.from)
		w.rest = rest
	}
}

// tail keeps what a process said last on its standard error, for the message about its
// end.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

const tailBytes = 4096

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.kept = append(t.kept, b...)
	if extra := len(t.kept) - tailBytes; extra > 0 && !bytes.Contains(t.kept, []byte("panic: ")) {
		t.kept = append(t.kept[:0], t.kept[extra:]...)
	} else if extra > 0 {
		t.kept = t.kept[:tailBytes] // a panic says first what it is about
	}
	return len(b), nil
}

// last is the line that tells most: the panic, or the last one that is no log entry.
func (t *tail) last() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	found := ""
	for line := range strings.Lines(string(t.kept)) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
			found = line
			break
		}
		if line != "" && !strings.HasPrefix(line, "{") {
			found = line
		}
	}
	if found == "" {
		return ""
	}
	return " (its last words: " + strings.ToValidUTF8(found, "?") + ")"
}
