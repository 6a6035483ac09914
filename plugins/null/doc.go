// Package null is a method that learns nothing: its clients are handed numbers and hand
// back as many, and its fold is their mean. What a run of it costs is what the machinery
// costs: that is what it is for. See "simrun bench null".
//
// Read null.go.
package null
