// Package mesh is how a run's coordinator, its workers and whoever is curious talk to one
// another: NATS, embedded in this process without an open port, or listening on the
// loopback for workers in other processes, or a broker or cluster elsewhere.
//
// In goes a message of the protocol ([Pull], [Leases], [Reports], [Ack], [Beat]), a wish
// for a piece of something large ([Want]), or a plain request to look at a participant; out
// it comes at whoever listens on the subject ([Subjects]). Core NATS delivers at most once,
// so nothing here counts as done before it is acknowledged; the protocol, described at
// [Pull], repeats what was not.
//
// The package refuses to know what actors are, who lends what to whom, and what is in the
// work and the blobs that it carries.
//
// It is the only package that imports NATS. Read next: server.go and address.go (the post
// office), rights.go (what it must allow), conn.go (a line to it), trouble.go (what befalls one),
// protocol.go and codec.go (what is said), fetch.go (large things), service.go (how a worker
// shows itself to any NATS tool).
package mesh
