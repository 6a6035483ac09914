package remote

import (
	"strings"

	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/encoding/proto"
	"google.golang.org/grpc/mem"
)

// frame is a message as it travels: of those that are written and read by hand, since there
// is something in them for every participant of every round.
type frame []byte

// text is such a message as it arrives. All that is read of it are parts of it.
type text string

// codec passes both on as they are. All else is as gRPC has it.
type codec struct{ encoding.CodecV2 }

func newCodec() codec { return codec{encoding.GetCodecV2(proto.Name)} }

func (c codec) Marshal(v any) (mem.BufferSlice, error) {
	if f, ok := v.(frame); ok {
		return mem.BufferSlice{mem.SliceBuffer(f)}, nil
	}
	return c.CodecV2.Marshal(v)
}

func (c codec) Unmarshal(data mem.BufferSlice, v any) error {
	if t, ok := v.(*text); ok {
		var b strings.Builder
		b.Grow(data.Len())
		for _, piece := range data {
			b.Write(piece.ReadOnlyData())
		}
		*t = text(b.String())
		return nil
	}
	return c.CodecV2.Unmarshal(data, v)
}
