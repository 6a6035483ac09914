package meshtest

import (
	"fmt"
	"testing"

	"github.com/nats-io/jwt/v2"
	"github.com/nats-io/nkeys"
)

// ByCredentials is a broker that knows an account by its operator; Creds are of a user of that
// account, as nsc writes them. Stranger are those of a user of an account that it does not know.
func ByCredentials(t testing.TB, program string) (b *Broker, stranger string) {
	t.Helper()
	operator, known, unknown := pair(t, nkeys.CreateOperator), pair(t, nkeys.CreateAccount), pair(t, nkeys.CreateAccount)
	claims := jwt.NewOperatorClaims(public(t, operator))
	claims.Name = "test"
	account := encode(t, jwt.NewAccountClaims(public(t, known)), operator)
	b = open(t, program, fmt.Sprintf("operator: %s\nresolver: MEMORY\nresolver_preload { %s: %s }\n", encode(t, claims, operator), public(t, known), account))
	b.Creds = b.file("user.creds", user(t, known))
	b.Secrets = lines(t, b.Creds)
	return b, b.file("stranger.creds", user(t, unknown))
}

// user makes the credentials of a user whom an account vouches for.
func user(t testing.TB, by nkeys.KeyPair) []byte {
	t.Helper()
	u := pair(t, nkeys.CreateUser)
	seed, err := u.Seed()
	ok(t, err)
	content, err := jwt.FormatUserConfig(encode(t, jwt.NewUserClaims(public(t, u)), by), seed)
	ok(t, err)
	return content
}

func pair(t testing.TB, create func() (nkeys.KeyPair, error)) nkeys.KeyPair {
	t.Helper()
	k, err := create()
	ok(t, err)
	return k
}

func public(t testing.TB, k nkeys.KeyPair) string {
	t.Helper()
	p, err := k.PublicKey()
	ok(t, err)
	return p
}

func encode(t testing.TB, c jwt.Claims, by nkeys.KeyPair) string {
	t.Helper()
	s, err := c.Encode(by)
	ok(t, err)
	return s
}
