package tokenizer

// Byte-level vocabularies are spelled in characters that stand for bytes, so that a piece is
// printable wherever it is cut (Radford et al. 2019, the function bytes_to_unicode): printable
// Latin-1 for itself, the other 68 bytes from U+0100 on.

// byteChars gives the character of each byte, charBytes the way back.
var byteChars, charBytes = func() (chars [256]rune, back map[rune]byte) {
	back = make(map[rune]byte, 256)
	next := rune(256)
	for b := range chars {
		chars[b] = rune(b)
		if !(b > ' ' && b < 0x7F || b > 0xA0 && b != 0xAD) {
			chars[b] = next
			next++
		}
		back[chars[b]] = byte(b)
	}
	return chars, back
}()

// unspell reads a piece back; ok is false where a character stands for no byte.
func unspell(piece string) (raw string, ok bool) {
	out := make([]byte, 0, len(piece))
	for _, r := range piece {
		b, ok := charBytes[r]
		if !ok {
			return "", false
		}
		out = append(out, b)
	}
	return string(out), true
}
