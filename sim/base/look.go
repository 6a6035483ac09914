package base

import (
	"errors"

	"github.com/loramesh/loramesh/sim/data"
)

// lookFile says how a vision model looks at pictures.
const lookFile = "preprocessor_config.json"

// Look reads how a vision model in a Hugging Face folder looks at pictures; a folder that does
// not say means what Transformers takes it to mean. Errors name the file.
func Look(dir string, files data.Files) (data.Look, error) {
	f := folder{dir, files}
	text, err := f.read(lookFile)
	if errors.As(err, &missing{}) {
		return data.PlainLook(), nil
	}
	if err != nil {
		return data.Look{}, err
	}
	look, err := data.ParseLook(text)
	if err != nil {
		return look, f.fault(lookFile, err)
	}
	return look, nil
}
