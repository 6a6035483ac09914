// Package remote runs methods in a process of their own. It is the only package that
// knows go-plugin and gRPC.
//
// On the host's side, [Open] starts a program and [Plugin.Methods] are its methods: what
// is called on them travels to the other process and back. On the plugin's side,
// [Serve] is the whole main function. A method cannot tell where it runs, and a host
// gets the same bits either way.
//
// What goes over the wire are the messages of plugins/methodpb. A call is one
// conversation: the host sends the request, the plugin asks for what it wants to see
// (the next reports, the tensors of a blob) or to keep (tensors), and ends with its
// answer. One stream carries one conversation after the other. Tensors are not sent where
// the plugin can map the store's segments itself.
//
// With a fold a plugin is told of the plan that follows, all but its state, which is what the fold
// answers. It goes on with that plan while the host takes the fold in; whoever asks for it finds it under
// way. See [method.MethodWithSequel].
//
// A method remembers nothing between calls, so a process that dies is started again and
// asked again, a few times. One that hangs is killed; one that answers nonsense is
// believed in nothing. All that becomes a [*Fault], which names the plugin, the method
// and the call.
//
// The package refuses to know what a method computes, and when it is called.
//
// Read protocol.go, then open.go, process.go and client.go with line.go, answer.go, pass.go with place.go, keep.go
// and sequel.go (the host), serve.go with free.go and room.go, and ask.go with put.go, fetch.go and heard.go
// (the plugin).
package remote
