package actors

import (
	"testing"
	"time"

	"github.com/loramesh/loramesh/actors/mesh"
	"github.com/loramesh/loramesh/plugins/method"
	"github.com/loramesh/loramesh/sim/coordinator"
)

// counter lays out n leases of a turn.
func counter(t *testing.T, turn, n int) *desk {
	t.Helper()
	var leases []coordinator.Lease
	for i := range n {
		id := method.ID{Pool: "client", Index: i}
		leases = append(leases, coordinator.Lease{Key: coordinator.Key{Turn: turn, Whom: id}, Asked: &method.WorkRequest{}})
	}
	d := &desk{}
	if err := d.open(leases); err != nil {
		t.Fatal(err)
	}
	return d
}

var noon = time.Date(2026, 1, 1, 12, 0, 0, 0, time.UTC)

func nowhere(*item) bool { return false }

// lend takes n leases for a worker, until noon, and returns their keys.
func lend(d *desk, worker string, n int, held ...coordinator.Key) (keys []coordinator.Key) {
	for _, x := range d.take(taking{worker: worker, alone: true, want: n, held: set(held), warm: nowhere, until: noon}) {
		keys = append(keys, x.lease.Key)
	}
	return keys
}

func set(keys []coordinator.Key) map[coordinator.Key]bool {
	out := map[coordinator.Key]bool{}
	for _, k := range keys {
		out[k] = true
	}
	return out
}

func indexes(keys []coordinator.Key) (out []int) {
	for _, k := range keys {
		out = append(out, k.Whom.Index)
	}
	return out
}

func check(t *testing.T, what string, got []coordinator.Key, want ...int) {
	t.Helper()
	is := indexes(got)
	if len(is) != len(want) {
		t.Fatalf("%s: %v, not %v", what, is, want)
	}
	for i := range is {
		if is[i] != want[i] {
			t.Fatalf("%s: %v, not %v", what, is, want)
		}
	}
}

func TestDeskLendsInOrder(t *testing.T) {
	d := counter(t, 1, 5)
	check(t, "the first pull", lend(d, "a", 2), 0, 1)
	check(t, "the second", lend(d, "b", 9), 2, 3, 4)
	check(t, "the third", lend(d, "a", 1))
}

func TestDeskLendsAgainWhatWasLost(t *testing.T) {
	d := counter(t, 1, 4)
	a := lend(d, "a", 3)
	d.reconcile("a", set(a[1:2])) // the pull says: only client/1 arrived
	check(t, "another worker", lend(d, "b", 9), 0, 2, 3)
}

func TestDeskLendsAgainWhatStandsStill(t *testing.T) {
	d := counter(t, 1, 2)
	a := lend(d, "a", 2)
	d.renew(mesh.Beat{Worker: "a", Steps: []mesh.Steps{{Key: a[1], Count: 1}}}, noon.Add(time.Hour))
	d.renew(mesh.Beat{Worker: "b", Steps: []mesh.Steps{{Key: a[0], Count: 7}}}, noon.Add(time.Hour)) // not in b's hands
	d.expire(noon.Add(time.Minute))
	check(t, "the same worker, which has it", lend(d, "a", 2, a...))
	check(t, "another worker", lend(d, "b", 2), 0)
	d.expire(noon.Add(2 * time.Hour)) // the counter of client/1 did not move after that
	d.renew(mesh.Beat{Worker: "a", Steps: []mesh.Steps{{Key: a[1], Count: 1}}}, noon.Add(9*time.Hour))
	check(t, "both are free again", lend(d, "c", 2), 0, 1)
}

func TestDeskTakesTheFirstReport(t *testing.T) {
	d := counter(t, 1, 2)
	k := lend(d, "a", 1)[0]
	if _, first := d.done(k); !first {
		t.Error("the first report was not taken")
	}
	if _, first := d.done(k); first {
		t.Error("the second report was taken")
	}
	if d.crashed(k, "a", 2) {
		t.Error("a crash of what is done already is news")
	}
	check(t, "what is left", lend(d, "a", 9), 1)
}

func TestDeskLendsCrashedWorkToOthers(t *testing.T) {
	d := counter(t, 1, 3)
	k := lend(d, "a", 1)[0]
	if !d.crashed(k, "a", 2) || d.crashed(k, "a", 2) {
		t.Error("the crash is news once")
	}
	check(t, "the same worker, while it can choose", lend(d, "a", 1), 1)
	again := taking{worker: "a", want: 9, warm: nowhere, now: noon}
	if got := d.take(again); len(got) != 1 || got[0].lease.Key == k {
		t.Errorf("the same worker, beside others, was lent %d leases; the one that had not crashed was expected", len(got))
	}
	_, x := d.item(k)
	again.alone, x.failed.until = true, noon.Add(1)
	if got := d.take(again); len(got) != 0 {
		t.Errorf("the same worker, while others may come, was lent %d leases", len(got))
	}
	x.failed.until = time.Time{}
	check(t, "the same worker, if nobody else comes", lend(d, "a", 9), 0)
}

func TestDeskPrefersWarmParticipants(t *testing.T) {
	d := counter(t, 1, 3)
	elsewhere := func(x *item) bool { return x.lease.Key.Whom.Index == 0 }
	got := d.take(taking{worker: "a", want: 2, warm: elsewhere, until: noon})
	if len(got) != 2 || got[0].lease.Key.Whom.Index != 1 || got[1].lease.Key.Whom.Index != 2 {
		t.Errorf("%v", got)
	}
}

// What a worker has is counted by whatever road it comes and goes.
func TestDeskCountsWhatIsLent(t *testing.T) {
	d := counter(t, 1, 9)
	counts := func(what string, a, b int) {
		t.Helper()
		now := map[string]int{}
		for _, t := range d.turns {
			for _, x := range t.items {
				if x.holder != nil {
					now[x.holder.worker]++
				}
			}
		}
		if has, have := len(d.hold("a").items), len(d.hold("b").items); has != a || have != b || now["a"] != a || now["b"] != b {
			t.Fatalf("%s: %d and %d are counted, %v are lent, not %d and %d", what, has, have, now, a, b)
		}
	}
	a, b := lend(d, "a", 5), lend(d, "b", 3)
	counts("lent", 5, 3)
	d.done(a[0])
	d.done(a[0])
	counts("reported", 4, 3)
	d.crashed(b[0], "b", 1)
	counts("crashed", 4, 2)
	d.done(b[0])
	counts("reported by somebody else", 4, 2)
	d.reconcile("a", set(a[1:3]))
	counts("lost", 2, 2)
	d.recall(b)
	counts("recalled", 2, 0)
	d.expire(noon.Add(time.Minute))
	counts("expired", 0, 0)
}

// Who asks first does not take what others are about to ask for.
func TestServeGivesShares(t *testing.T) {
	sent := map[string]int{}
	c := &coordinatorActor{stage: &stage{nature: nature{say: func(subject, _ string, data []byte) error {
		m, ok := mesh.DecodeLeases(data)
		if !ok {
			t.Error("that are no leases")
		}
		sent[subject] += len(m.Lent)
		return nil
	}}}, desk: *counter(t, 1, 9), book: &book{places: map[string]word{}}}
	for _, name := range []string{"a", "b"} {
		c.peers = append(c.peers, &peer{name: name, here: true, parked: true,
			pull: pulled{mesh.Pull{Worker: name, Number: 1, Want: 100, Now: 100, Road: mesh.Shared}, name}})
	}
	c.serve()
	if sent["a"] != 5 || sent["b"] != 2 || len(c.desk.todo) != 2 {
		t.Errorf("%v, and %d wait", sent, len(c.desk.todo))
	}
	c.peers[0].parked, c.peers[0].pull.Want = true, 5 // it has as many as it would have
	c.serve()
	if sent["a"] != 5 {
		t.Errorf("a has %d, and would have 5", sent["a"])
	}
}

// The last leases of long work go to whoever is done first, not to who has work and asked before.
func TestServeKeepsTheLastForWhoIsDone(t *testing.T) {
	for name, x := range map[string]struct{ now, first, done int }{
		"long work":  {now: 1, first: 0, done: 1}, // it had one in its slot and would put the other into its queue
		"short work": {now: 2, first: 1, done: 1},
	} {
		sent := 0
		c := &coordinatorActor{stage: &stage{nature: nature{say: func(_, _ string, data []byte) error {
			m, _ := mesh.DecodeLeases(data)
			sent += len(m.Lent)
			return nil
		}}}, desk: *counter(t, 1, 3), book: &book{places: map[string]word{}}}
		has := lend(&c.desk, "a", 1)
		lend(&c.desk, "b", 1)
		for _, name := range []string{"a", "b"} {
			c.peers = append(c.peers, &peer{name: name, here: true, parked: name == "a",
				pull: pulled{mesh.Pull{Worker: name, Number: 1, Want: 2, Now: x.now, Road: mesh.Shared}, name}})
		}
		if c.serve(); sent != x.first {
			t.Errorf("%s: who has one of three and would have two was lent %d of the last; expected %d", name, sent, x.first)
		}
		c.desk.done(has[0])
		if c.serve(); sent != x.done {
			t.Errorf("%s: who was done first has %d of the last", name, sent)
		}
	}
}

// What is asked of some who are not neighbours, as those of a rank, is written once.
func TestLeasesThatAskTheSameShareAForm(t *testing.T) {
	kinds := []*method.WorkRequest{{Round: 1}, {Round: 1}}
	var leases []coordinator.Lease
	for i := range 6 {
		leases = append(leases, coordinator.Lease{Key: coordinator.Key{Turn: 1, Whom: method.ID{Pool: "client", Index: i}}, Asked: kinds[i%2]})
	}
	d := &desk{}
	if err := d.open(leases); err != nil {
		t.Fatal(err)
	}
	forms := map[*form]int{}
	for _, x := range d.todo {
		forms[x.form]++
	}
	if len(forms) != 2 || forms[d.todo[0].form] != 3 {
		t.Errorf("six leases of two kinds have %d forms", len(forms))
	}
}
