package main

import (
	"crypto/rand"
	"fmt"
	"math/big"
	"net"
)

// Ports that a broker may be given.
const lowPort, lowPorts = 10_000, 20_000

// listenLow listens on a free port of the loopback that stays free when nobody does, while a broker is away that is
// to have it again: it is below those that systems give to whoever asks for any.
func listenLow() (l net.Listener, err error) {
	for range 100 {
		n, failed := rand.Int(rand.Reader, big.NewInt(lowPorts))
		if failed != nil {
			return nil, failed
		}
		if l, err = net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", lowPort+n.Int64())); err == nil {
			break // else somebody has it
		}
	}
	return l, err
}
