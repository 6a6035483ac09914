// Package report makes the page of a run: one HTML file without a single outside link,
// which a reviewer can open from a mail attachment and read from top to bottom.
//
// What goes in is a [results.Run]; what comes out are the bytes of report.html. The page
// asks the scenario's question, shows the table, says what was held equal, draws the
// curves, lists who took part and who was left out, and ends with the hashes and the
// commands that check and repeat it all. It passes no verdict.
//
// The package refuses to know files and time: whatever is not in the run folder is not on
// the page, so that the same folder gives the same page wherever it is made.
//
// Read page.go first (what stands on the page, in order), then curves.go (which numbers
// make a curve) and plot.go (how a curve is drawn).
package report
