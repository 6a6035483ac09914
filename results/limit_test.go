package results

// Limit has a journal hold so many bytes, and so many in a record. It is called before the first
// checkpoint.
func (k *Keeping) Limit(room, most int) { k.journal.room, k.journal.most = room, most }
