package actors

import "testing"

// A hold lasts as long as one cart of its batch, and no later batch makes it longer.
func TestGripsEndWithTheirLastCart(t *testing.T) {
	var lane grips
	held, taken := 0, 0
	hold := func() func() { held++; taken++; return func() { held-- } }
	a, b := lane.one(hold), lane.one(hold)
	lane.end()
	c := lane.one(hold)
	if taken != 2 || held != 2 || a != b || a == c {
		t.Fatalf("%d holds were taken, %d last", taken, held)
	}
	a.letGo()
	if held != 2 {
		t.Error("a hold ended with the first of two carts")
	}
	b.letGo()
	if held != 1 {
		t.Error("a hold did not end with its last cart")
	}
	c.letGo()
	if d := lane.one(hold); held != 1 || d == c {
		t.Error("a cart was given a hold that has ended")
	}
}
