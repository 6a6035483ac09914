// Package meshtest starts brokers as other people run them, for tests: opened by a token
// ([ByToken], [ByTokenOverTLS]), by credentials ([ByCredentials]) or by a certificate
// ([ByCertificate]); in this process ([Here]) or as a process of the server that go.mod pins
// ([Program]); and, with little patience ([Impatient]), lines to them that are cut or stand still
// ([NewLine]), are too slow ([Broker.Slow]) or end at a word ([Broker.Until]).
//
// What goes in is a test; what comes out is a [Broker]: where it is, the files that open it, and
// what of them must never be seen anywhere else. All ends with the test, and whatever goes wrong
// on the way ends it.
//
// The package refuses to know the mesh. Read broker.go first.
package meshtest
