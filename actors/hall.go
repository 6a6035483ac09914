package actors

import (
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
)

// open lets workers of other processes in: they are told what the trial is, and given what
// they lack.
func (c *coordinatorActor) open(crew *Crew) error {
	if c.stock == nil {
		c.stock = NewStock(nil, nil) // nothing was passed on, so nothing is given
	}
	proof := ""
	if c.spool != "" {
		proof = rand.Text()
		if err := os.WriteFile(filepath.Join(c.spool, proofFile), []byte(proof), 0o600); err != nil {
			return err
		}
	}
	b, err := newBrief(c.setup.World, c.stock, c.spool, proof, crew.options.Null)
	if err != nil {
		return err
	}
	text := b.encode()
	if err := c.conn.Listen(c.subjects.Brief(), func(m mesh.Message) {
		if m.Reply != "" {
			c.conn.Answer(m.Reply, text)
		}
	}); err != nil {
		return err
	}
	if err := c.conn.Serve(c.subjects.Fetch(), c.give); err != nil {
		return err
	}
	return c.conn.Listen(c.subjects.Refuse(), func(m mesh.Message) {
		why := legible(string(m.Data), 1<<10)
		c.log.Warn("a worker cannot take part", "why", why)
		if crew.server != nil && crew.options.Slots == 0 { // it is one of the run's own, and the others are no better
			c.end(fmt.Errorf("worker %s", why))
		}
	})
}

// answerPresent tells whoever knows the crew's name which trial is running; "": none.
func (c *Crew) answerPresent(m mesh.Message) {
	if m.Reply != "" {
		c.caller.Answer(m.Reply, []byte(c.running()))
	}
}

// answerArrival has a worker called that has just come. One who cannot be called now hears the next
// call.
func (c *Crew) answerArrival(mesh.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.show != nil && c.show.tell != nil {
		c.show.tell(arrived{})
	}
}

// running is the name of the trial that is running; "": none is.
func (c *Crew) running() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.show == nil || c.show.tell == nil {
		return ""
	}
	return c.show.subjects.Run
}

// facts are what a crew says about itself to whoever looks for services.
func (c *Crew) facts() map[string]string {
	return map[string]string{"run": c.name, "folder": c.options.Folder, "pid": strconv.Itoa(os.Getpid())}
}

// CoordinatorStats is what a coordinator shows of itself.
type CoordinatorStats struct {
	Run      string       `json:"run"` // name of the trial now running; "": none
	RSS      int64        `json:"rss_bytes"`
	Waiting  int          `json:"waiting"` // leases that nobody has
	Lent     int          `json:"lent"`
	Done     int          `json:"done"` // leases of this trial
	Lost     uint64       `json:"messages_lost"`
	Workers  []WorkerNews `json:"workers"`
	Plugins  []Serving    `json:"plugins"`
	Routines int          `json:"goroutines"`
}

// Serving is a process that serves methods to a coordinator.
type Serving struct {
	Plugin   string   `json:"plugin"` // a set of built-in methods, or the path of a program
	Methods  []string `json:"methods"`
	PID      int      `json:"pid"`      // 0: it is being started again
	Restarts int      `json:"restarts"` // processes before this one
}

// WorkerNews is what a coordinator knows of a worker.
type WorkerNews struct {
	Worker string    `json:"worker"`
	Here   bool      `json:"here"`
	Heard  time.Time `json:"heard"`
	Lent   int       `json:"lent"`
	Done   int       `json:"done"`
	Road   mesh.Road `json:"road"`
}

// stats asks the coordinator of the trial that is running, if one is.
func (c *Crew) stats() any {
	c.mu.Lock()
	x := c.show
	c.mu.Unlock()
	s := CoordinatorStats{RSS: rss(), Routines: runtime.NumGoroutine()}
	if c.options.Serving != nil {
		s.Plugins = c.options.Serving()
	}
	if x == nil || x.tell == nil {
		return s
	}
	answer := make(chan CoordinatorStats, 1)
	x.tell(surveyed{answer})
	select {
	case got := <-answer:
		got.RSS, got.Routines, got.Plugins = s.RSS, s.Routines, s.Plugins
		return got
	case <-time.After(time.Second):
	case <-x.ctx.Done():
	}
	s.Run = x.subjects.Run
	return s
}

// surveyed asks the coordinator how the trial stands.
type surveyed struct{ answer chan CoordinatorStats }

func (c *coordinatorActor) survey() CoordinatorStats {
	s := CoordinatorStats{Run: c.subjects.Run, Waiting: len(c.desk.todo), Lost: c.conn.Lost()}
	for _, h := range c.desk.lent {
		s.Lent += len(h.items)
	}
	for _, w := range c.peers {
		s.Done += w.done
		s.Workers = append(s.Workers, WorkerNews{Worker: w.name, Here: w.here, Heard: w.heard, Lent: len(c.desk.hold(w.name).items), Done: w.done, Road: w.pull.Road})
	}
	return s
}

// rss is this process's resident memory in bytes; 0 where the system does not say.
func rss() int64 {
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	if n, err := fmt.Sscan(string(b), &size, &resident); n < 2 || err != nil {
		return 0
	}
	return resident * int64(os.Getpagesize())
}
