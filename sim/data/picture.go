package data

import (
	"bytes"
	"fmt"
	"image"
	"image/color"
	_ "image/jpeg" // decoders of image.Decode
	_ "image/png"
)

// Picture is the bytes of an image, row by row, the channels of a pixel side by side: one
// (gray) or three (red, green, blue).
type Picture struct {
	Width, Height, Channels int
	Pixels                  []byte // Height·Width·Channels
}

// maxPixels bounds a picture before it is decoded: its file says how large it claims to be.
const maxPixels = 1 << 26

// DecodePicture reads a PNG or a JPEG. Transparency is left out, as Pillow's convert("RGB")
// leaves it out; 16 bits a channel become 8.
func DecodePicture(src []byte) (*Picture, error) {
	shape, kind, err := image.DecodeConfig(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("no PNG or JPEG: %w", err)
	}
	if shape.Width < 1 || shape.Height < 1 || shape.Width > maxPixels/shape.Height {
		return nil, fmt.Errorf("a %s of %d×%d pixels; expected at least one and at most %d", kind, shape.Width, shape.Height, maxPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(src))
	if err != nil {
		return nil, fmt.Errorf("a damaged %s: %w", kind, err)
	}
	at := img.Bounds()
	p := &Picture{Width: at.Dx(), Height: at.Dy(), Channels: 3}
	if shape.ColorModel == color.GrayModel || shape.ColorModel == color.Gray16Model {
		p.Channels = 1
	}
	for y := at.Min.Y; y < at.Max.Y; y++ {
		for x := at.Min.X; x < at.Max.X; x++ {
			c := color.NRGBAModel.Convert(img.At(x, y)).(color.NRGBA)
			if p.Channels == 1 {
				p.Pixels = append(p.Pixels, c.R)
			} else {
				p.Pixels = append(p.Pixels, c.R, c.G, c.B)
			}
		}
	}
	return p, nil
}

// with is the picture with so many channels: gray repeated, or colours weighed into gray as
// Pillow's convert("L") weighs them (ITU-R 601).
func (p *Picture) with(channels int) (*Picture, error) {
	if p.Channels == channels {
		return p, nil
	}
	q := &Picture{Width: p.Width, Height: p.Height, Channels: channels}
	switch {
	case p.Channels == 1 && channels == 3:
		for _, v := range p.Pixels {
			q.Pixels = append(q.Pixels, v, v, v)
		}
	case p.Channels == 3 && channels == 1:
		for i := 0; i < len(p.Pixels); i += 3 {
			r, g, b := int(p.Pixels[i]), int(p.Pixels[i+1]), int(p.Pixels[i+2])
			q.Pixels = append(q.Pixels, byte((r*19595+g*38470+b*7471+1<<15)>>16))
		}
	default:
		return nil, fmt.Errorf("a picture of %s for a model that reads %s; expected 1 or 3", channelsOf(p.Channels), channelsOf(channels))
	}
	return q, nil
}

func channelsOf(n int) string {
	if n == 1 {
		return "1 channel"
	}
	return fmt.Sprintf("%d channels", n)
}
