package main

import (
	"strings"
	"testing"
)

func TestARunNeedsRoom(t *testing.T) {
	if err := (cost{Disk: 1}).roomy(t.TempDir() + "/not/there/yet"); err != nil {
		t.Errorf("a byte has no room: %v", err)
	}
	err := cost{Disk: 1 << 62}.roomy(t.TempDir())
	if codeOf(err) != exitInfra || !strings.Contains(err.Error(), " TB of disk") || !strings.Contains(err.Error(), "--no-space-check") {
		t.Errorf("a disk with room for everything: %v", err)
	}
}
