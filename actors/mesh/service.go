package mesh

import (
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go/micro"
)

// Names of the services as which coordinators and workers show themselves, so that
// "nats micro ls", "info" and "stats" show them without a tool of ours.
const (
	WorkerService      = "simrun-worker"
	CoordinatorService = "simrun-coordinator"
)

// Show registers the owner of the line as a NATS micro-service under a name that says who
// it is. stats is asked for a value that has a JSON form, on every look, and by whoever sends a
// request to the service's one endpoint, "status"; facts do not change. The service ends with the
// line. What the tables of "nats micro stats" count are those requests, not leases.
func (c *Conn) Show(service, description string, facts map[string]string, stats func() any) error {
	s, err := micro.AddService(c.nats, micro.Config{
		Name: service, Version: "1.0.0", Description: description, Metadata: facts,
		StatsHandler: func(*micro.Endpoint) any { return stats() },
		ErrorHandler: func(micro.Service, *micro.NATSError) {},
	})
	if err == nil {
		err = s.AddEndpoint("status", micro.HandlerFunc(func(r micro.Request) { _ = r.RespondJSON(stats()) }), // who asked asks again
			micro.WithEndpointSubject("sim.status."+c.nats.NewInbox()[len("_INBOX."):]))
	}
	if err == nil {
		err = c.allowed()
	}
	if err != nil {
		return fmt.Errorf("mesh: showing %s: %w", service, err)
	}
	return nil
}

// Shown is one service that answered.
type Shown struct {
	Facts map[string]string
	Stats json.RawMessage
}

// StatsOf is where all services of a name are asked for their statistics.
func StatsOf(service string) string { return micro.APIPrefix + ".STATS." + service }

// ReadStats reads the answer of one service.
func ReadStats(answer []byte) (Shown, error) {
	var s micro.Stats
	if err := json.Unmarshal(answer, &s); err != nil {
		return Shown{}, fmt.Errorf("mesh: a service answered nonsense: %w", err)
	}
	out := Shown{Facts: s.Metadata}
	if len(s.Endpoints) > 0 {
		out.Stats = s.Endpoints[0].Data
	}
	return out, nil
}
