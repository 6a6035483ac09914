package main

// ballast is memory that is never touched, so that the system never gives it: but the
// collector, which runs when the heap has doubled, counts it. Without it a run of small
// clients, whose heap is 4 MB, collects a hundred times a second; with it a process has at
// most so much more garbage.
var ballast = make([]byte, 32<<20)
