// Package mesh is how a trial's coordinator, its workers and whoever is curious talk to one
// another: NATS, embedded in this process, without an open port.
//
// In goes a message of the protocol ([Pull], [Leases], [Reports], [Ack], [Beat]) or a plain
// request to look at a participant; out it comes at whoever listens on the subject
// ([Subjects]). Core NATS delivers at most once, so nothing here counts as done before it
// is acknowledged; the protocol, described at [Pull], repeats what was not.
//
// The package refuses to know what actors are, who lends what to whom, and what is in the
// work it carries. Tensors never pass: blobs are shared by the hosts of a run.
//
// It is the only package that imports NATS. Read next: server.go (the post office), conn.go
// (a line to it), protocol.go (what is said).
package mesh
