package main

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
)

// notices are warnings of those who work for a run, as lines for whoever waits for it, once each:
// that a worker cannot take part, that one is done without. With -v there is a log instead.
type notices struct {
	show *display

	mu   sync.Mutex
	told map[string]bool
}

var _ slog.Handler = (*notices)(nil)

// Enabled says that warnings are told, and what is worse.
func (n *notices) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle tells one, unless it was told before.
func (n *notices) Handle(_ context.Context, r slog.Record) error {
	text := strings.Builder{}
	text.WriteString(r.Message)
	r.Attrs(func(a slog.Attr) bool {
		_, _ = fmt.Fprintf(&text, "; %s: %v", a.Key, a.Value) // a builder takes everything
		return true
	})
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.told[text.String()] {
		n.told[text.String()] = true
		n.show.say("%s", text.String())
	}
	return nil
}

// WithAttrs and WithGroup are not made use of by those who warn.
func (n *notices) WithAttrs([]slog.Attr) slog.Handler { return n }

func (n *notices) WithGroup(string) slog.Handler { return n }
