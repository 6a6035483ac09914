// Package peft reads and writes adapter folders as PEFT does (0.21 and before): what it
// trained loads here, what we trained loads there, and both compute the same.
//
// A folder has two files. adapter_config.json says what the adapter is ([Config]);
// adapter_model.safetensors has its tensors, with keys as "base_model.model." + path of the
// module + ".lora_A.weight". [Parse] checks the two against each other, for each can be wrong
// without PEFT noticing: it passes over keys that it does not know and only warns of those
// that it misses. What comes out is a [Folder]: factors per module, with their scale, what
// DoRA and biases add to them, and the tensors of the base that the adapter brings along
// (heads, biases, embeddings).
//
// From there it goes into the base ([Merger], file by file), to an adapter of ours
// ([Folder.Adapter], for a base whose modules are known), or back to a folder
// ([Folder.Encode]), as it is or converted (convert.go). [Export] makes a folder of an
// adapter of ours.
//
// Nothing is passed over: a key that is unknown, a shape or a rank that disagrees, a config
// that asks for what we lack are errors that name the file and the key. The package refuses
// to know where files lie.
//
// Read folder.go next, then config.go and parse.go.
package peft

// The two files of a folder.
const (
	ConfigFile  = "adapter_config.json"
	TensorsFile = "adapter_model.safetensors"
)

// What keys begin and end in.
const (
	keyPrefix     = "base_model.model."
	keyA          = ".lora_A.weight"
	keyB          = ".lora_B.weight"
	keyBiasOfB    = ".lora_B.bias"
	keyEmbeddingA = ".lora_embedding_A"
	keyEmbeddingB = ".lora_embedding_B"
	keyMagnitude  = ".lora_magnitude_vector"
	keyBase       = ".base_layer."
)
