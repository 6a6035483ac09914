package tokenizer

// template is what TemplateProcessing puts around one text.
type template struct {
	front, back []int32
}

func (t template) before(tokens []Token) []Token { return addAll(tokens, t.front) }
func (t template) after(tokens []Token) []Token  { return addAll(tokens, t.back) }

func addAll(tokens []Token, ids []int32) []Token {
	for _, id := range ids {
		tokens = append(tokens, Token{ID: id})
	}
	return tokens
}
