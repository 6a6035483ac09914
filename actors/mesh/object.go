package mesh

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// The object store of JetStream is the road for what many workers on other hosts read:
// bases and data sets. It is a faster road beside fetching piece by piece, never the only
// one: a broker without JetStream, or one that elects a leader just now, costs time.

// bucketAge is how long things stay in the store after they were put there.
const bucketAge = 24 * time.Hour

// storeWithin is how long the store may take to answer before it is done without.
const storeWithin = 10 * time.Second

// PutObject puts content into the broker's object store, under its name.
func (c *Conn) PutObject(ctx context.Context, bucket, name string, content []byte) error {
	ctx, cancel := context.WithTimeout(ctx, storeWithin+time.Duration(len(content)/10e6)*time.Second)
	defer cancel()
	store, err := c.bucket(ctx, bucket, true)
	if err != nil {
		return fmt.Errorf("mesh: the object store: %w", err)
	}
	if info, err := store.GetInfo(ctx, name); err == nil && info.Size == uint64(len(content)) {
		return nil
	}
	if _, err := store.PutBytes(ctx, name, content); err != nil {
		return fmt.Errorf("mesh: the object store: %w", err)
	}
	return nil
}

// DropObjects removes a bucket with all that is in it.
func (c *Conn) DropObjects(ctx context.Context, bucket string) error {
	js, err := jetstream.New(c.nats)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, storeWithin)
	defer cancel()
	return js.DeleteObjectStore(ctx, bucket)
}

// object gets an object by the place that a [Piece] tells: "bucket name".
func (c *Conn) object(ctx context.Context, place string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var bucket, name string
	if _, err := fmt.Sscanf(place, "%s %s", &bucket, &name); err != nil {
		return nil, err
	}
	store, err := c.bucket(ctx, bucket, false)
	if err != nil {
		return nil, err
	}
	return store.GetBytes(ctx, name)
}

func (c *Conn) bucket(ctx context.Context, name string, make bool) (jetstream.ObjectStore, error) {
	js, err := jetstream.New(c.nats)
	if err != nil {
		return nil, err
	}
	store, err := js.ObjectStore(ctx, name)
	if err == nil || !make {
		return store, err
	}
	return js.CreateObjectStore(ctx, jetstream.ObjectStoreConfig{Bucket: name, TTL: bucketAge, Description: "bases and data of a run of simrun"})
}
