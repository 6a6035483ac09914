package actors

import (
	"runtime"
	"sync"

	"github.com/asynkron/protoactor-go/actor"
)

// mailbox takes the place of Proto.Actor's own, which falls over when a message reaches a
// named actor before the actor has been registered with it, and which costs twice the
// memory. It holds two slices and a lock, and nothing while idle.
type mailbox struct {
	mu        sync.Mutex
	user      []any
	system    []any // before user, always
	running   bool
	suspended bool // a failed actor gets no mail until its supervisor has decided
	invoker   actor.MessageInvoker
	schedule  func(func())
}

func newMailbox() actor.Mailbox { return &mailbox{} }

func (m *mailbox) RegisterHandlers(i actor.MessageInvoker, d actor.Dispatcher) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.invoker, m.schedule = i, d.Schedule
}

// Start looks for messages that came before the handlers did.
func (m *mailbox) Start() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.user)+len(m.system) > 0 {
		m.kick()
	}
}

func (m *mailbox) UserMessageCount() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return len(m.user)
}

func (m *mailbox) PostUserMessage(x any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.user = append(m.user, x)
	m.kick()
}

func (m *mailbox) PostSystemMessage(x any) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.system = append(m.system, x)
	m.kick()
}

// kick sets the loop going if it is not. Under the lock.
func (m *mailbox) kick() {
	if m.running || m.invoker == nil {
		return
	}
	m.running = true
	m.schedule(m.loop)
}

// loop hands out messages one by one until none is left.
func (m *mailbox) loop() {
	stretch()
	for {
		x, system, ok := m.next()
		switch {
		case !ok:
			return
		case system:
			m.guarded(x, m.invoker.InvokeSystemMessage)
		default:
			m.guarded(x, m.invoker.InvokeUserMessage)
		}
	}
}

// next takes the next message out, and ends the loop when there is none.
func (m *mailbox) next() (x any, system, ok bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for len(m.system) > 0 {
		x, m.system = m.system[0], m.system[1:]
		switch x.(type) {
		case *actor.SuspendMailbox:
			m.suspended = true
		case *actor.ResumeMailbox:
			m.suspended = false
		default:
			return x, true, true
		}
	}
	if !m.suspended && len(m.user) > 0 {
		x, m.user[0] = m.user[0], nil
		m.user = m.user[1:]
		return x, false, true
	}
	if len(m.user) == 0 {
		m.user = nil // a burst does not pin its memory
	}
	m.running = false
	return nil, false, false
}

// guarded carries a panic to the actor's supervisor.
func (m *mailbox) guarded(x any, invoke func(any)) {
	defer func() {
		if r := recover(); r != nil {
			m.invoker.EscalateFailure(r, x)
		}
	}()
	invoke(x)
}

// stretch has the stack of a fresh goroutine grow once to what most messages need. Left to
// itself it doubles on the way down, and each time all that lies on it is gone through and moved.
//
//go:noinline
func stretch() {
	var room [12 << 10]byte
	runtime.KeepAlive(&room[0])
}
