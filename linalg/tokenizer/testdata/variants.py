"""Writes variants.json: small files of every kind that a tokenizer.json may be made of, with what the tokenizers library makes of some texts.

    python variants.py [--random N SEED] > variants.json

With --random the texts are N random ones instead of the list below, for comparing at length.
"""
import argparse, base64, copy, json, random, zlib

import tokenizers
from tokenizers import Tokenizer, pre_tokenizers

TEXTS = [
    "", " ", "  ", "hello", " hello", "hello  world ", "Hello, World!", "the cat sat\non the mat\n\n", "don't I'LL we've", "a1b22 333c 4.5", "  two  spaces\t\ttab",
    "<a>", "x<a>y", " <a> ", "a  <l>  b", "a  <r>  b", "a <lr> <lr> b", "<w> x<w> <w>x <w>", "<w>_ é<w>", "<n>", " the <n>the", "<N> <n>", "<a><l> <r><a>", "<aa>", "the<a", "[CLS] x [SEP]", "<unk>x",
    "héllo é e\u0301 ÀÉ", "İstanbul ÇA ß ΟΔΟΣ", "世界 hello世", "😀 a😀b", "👨‍👩‍👧", "\u200b\ufeffx\x00y\x07", "a\u0301\u0323b \u0323\u0301", "각 가\u11a8 \u1100\u1161", "ﬁ ½ Å ①", "\u00a0x\u3000y\u2028z",
    "▁the ▁ cat▁", "##at at", "a-b_c.d", "!!!", "hh" * 20, "q☃☃z☃", "the the the", "x ' y . do not n't 's", "Ω\u0345\u1fb3 \u1e9b\u0323", "\u0301start", "ㅎ\u1112\u1161\u11ab", "d\u0307\u0323 q\u0307\u0323",
    "e\u0301\u0301 ½\u0301 ²\u0301x", "\u200bthe\x07\r\n\r\u0301", "\u0600e\u0301 \u0600½",
]
PAIRS = [("hello", "the cat"), ("the cat sat on the mat", "hello"), ("", "the"), ("the", ""), ("a b c d e f g h", "a b c d e f g h"), ("<a> hello ", " the <l>"), ("the cat sat", "on the mat hello world")]


def added(i, name, **flags):
    return dict(id=i, content=name, single_word=False, lstrip=False, rstrip=False, normalized=False, special=True) | flags


def with_added(vocab, names=True):
    n = len(vocab)
    flags = [("<a>", {}), ("<l>", dict(lstrip=True)), ("<r>", dict(rstrip=True)), ("<lr>", dict(lstrip=True, rstrip=True, special=False)), ("<w>", dict(single_word=True)), ("<n>", dict(normalized=True, special=False)), ("<aa>", dict(single_word=True, lstrip=True))]
    return [added(n + i, name, **f) for i, (name, f) in enumerate(flags)]


def file(model, added_tokens, **parts):
    return dict(version="1.0", truncation=None, padding=None, added_tokens=added_tokens, normalizer=None, pre_tokenizer=None, post_processor=None, decoder=None, model=model) | parts


LEVEL = dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=True)
MERGES = ["h e", "l l", "he ll", "hell o", "Ġ t", "Ġt he", "t he", "a t", "Ġ c", "Ġc at", "Ġ hello", "Ã ©", "ð Ł", "ðŁ ĺ", "Ġ Ġ", "h h", "hh hh", "3 3", "ç »", "ĠĠ ĠĠ"]


def byte_level(merges=MERGES, pairs=False, lack="", extra=(), **over):
    vocab = {}
    for c in sorted(pre_tokenizers.ByteLevel.alphabet()):
        if c not in lack:
            vocab[c] = len(vocab)
    for m in merges:
        vocab.setdefault(m.replace(" ", ""), len(vocab))
    for p in extra:
        vocab[p] = len(vocab)
    model = dict(type="BPE", dropout=None, unk_token=None, continuing_subword_prefix="", end_of_word_suffix="", fuse_unk=False, vocab=vocab, merges=[m.split(" ") for m in merges] if pairs else merges) | over.pop("model", {})
    return file(model, with_added(vocab), pre_tokenizer=LEVEL, decoder=LEVEL, post_processor=LEVEL | dict(trim_offsets=False)) | over


def chars(unknown=True, **over):
    merges = ["h e", "l l", "he ll", "hell o", "t he", "a t", "c at", "h h"]
    vocab = {"<unk>": 0} if unknown else {}
    for c in "abcdehlnostuw <>▁é'":
        vocab[c] = len(vocab)
    for m in merges:
        vocab.setdefault(m.replace(" ", ""), len(vocab))
    model = dict(type="BPE", dropout=None, unk_token="<unk>", continuing_subword_prefix=None, end_of_word_suffix=None, fuse_unk=False, byte_fallback=False, ignore_merges=False, vocab=vocab, merges=merges) | over.pop("model", {})
    return file(model, with_added(vocab)) | over


def fallback(**over):
    f = chars(model=dict(byte_fallback=True, fuse_unk=True))
    vocab = f["model"]["vocab"]
    for b in range(256):
        vocab[f"<0x{b:02X}>"] = len(vocab)
    vocab["▁the"] = len(vocab)
    f["model"]["merges"] = f["model"]["merges"] + ["▁ the"]
    return f | dict(added_tokens=with_added(vocab), normalizer=dict(type="Sequence", normalizers=[dict(type="Prepend", prepend="▁"), dict(type="Replace", pattern=dict(String=" "), content="▁")]),
                    decoder=dict(type="Sequence", decoders=[dict(type="Replace", pattern=dict(String="▁"), content=" "), dict(type="ByteFallback"), dict(type="Fuse"), dict(type="Strip", content=" ", start=1, stop=0)])) | over


BERT = dict(type="BertNormalizer", clean_text=True, handle_chinese_chars=True, strip_accents=None, lowercase=True)
FRAME = dict(type="TemplateProcessing", single=[dict(SpecialToken=dict(id="[CLS]", type_id=0)), dict(Sequence=dict(id="A", type_id=0)), dict(SpecialToken=dict(id="[SEP]", type_id=0))],
             pair=[dict(SpecialToken=dict(id="[CLS]", type_id=0)), dict(Sequence=dict(id="A", type_id=0)), dict(SpecialToken=dict(id="[SEP]", type_id=0)), dict(Sequence=dict(id="B", type_id=1)), dict(SpecialToken=dict(id="[SEP]", type_id=1))],
             special_tokens={"[CLS]": dict(id="[CLS]", ids=[1], tokens=["[CLS]"]), "[SEP]": dict(id="[SEP]", ids=[2, 2], tokens=["[SEP]", "[SEP]"])})


def word_piece(**over):
    vocab = {p: i for i, p in enumerate(["[UNK]", "[CLS]", "[SEP]", "[PAD]", "the", "hello", "cat", "sat", "on", "mat", "c", "h", "##e", "##h", "##at", "##llo", "a", "b", "d", "##b", "e", "é", "H", "##ello", "istanbul", "i", "##s", "##tanbul", "世", "界", "!", ",", ".", "'", "##'", "-", "_", "x", "y", "t", "don", "1", "##1", "ß", "ο", "##δ", "##ο", "##σ", "hh", "##hh"])}
    model = dict(type="WordPiece", unk_token="[UNK]", continuing_subword_prefix="##", max_input_chars_per_word=30, vocab=vocab) | over.pop("model", {})
    return file(model, [added(1, "[CLS]"), added(2, "[SEP]")] + with_added(vocab), normalizer=BERT, pre_tokenizer=dict(type="BertPreTokenizer"), post_processor=FRAME, decoder=dict(type="WordPiece", prefix="##", cleanup=True)) | over


META = dict(type="Metaspace", replacement="▁", prepend_scheme="always", split=True)


def unigram(bytes=False, **over):
    vocab = [["<unk>", 0.0], ["▁", -2.0], ["▁the", -3.0], ["the", -5.5], ["t", -4.5], ["h", -4.0], ["e", -4.0], ["he", -7.9], ["hello", -6.0], ["▁hello", -6.25], ["c", -5.0], ["at", -5.0], ["▁cat", -6.0], ["a", -4.75], ["l", -5.0], ["o", -5.0], ["s", -5.0], ["é", -8.0], ["hh", -8.0], ["1", -9.0], [" ", -9.0]]
    if bytes:
        vocab += [[f"<0x{b:02X}>", -12.0] for b in range(256)]
    model = dict(type="Unigram", unk_id=0, byte_fallback=bytes, vocab=vocab) | over.pop("model", {})
    return file(model, [added(0, "<unk>")] + with_added(vocab), pre_tokenizer=META, decoder=META) | over


# SentencePiece 0.2.3's table (normalization_rule_tsv, compressed) of the rules ﬁ fi, ½ 1⁄2, Å Å, ① 1, U+00A0 U+3000 U+2028 and tab a space, U+200B U+FEFF U+0007 nothing, e U+0301 é, a U+0301 á, CR LF LF, İ i, 世 "世 ", hh H, ² 2.
CHARSMAP = base64.b64encode(zlib.decompress(base64.b64decode(
    "eNoV02dMFEEchvF3Vw1KQtSEGE0w3idjN2DsvWPH3hWjKNhi72VPDxs2FM+zg/UQCyLqWRDliBV773oSjb2hYvfZS355/zO3szs7O6OikspKQSGyf1YRBBeTDDJPppyNpXJ2XZyaIiRUCqMdO1lKri2VCJdK0ma4"
    "FYQsxqaDy6yErlIa48tQJ3MB3ZYVaiqDcb4oUxb3cP+gs8BUBcJZXtrDM13RpkrTzk6UKjKpyqiEqqiC6qiGmqgBpqBEh6laZASOZ5ry3pPqUtdBfdRDQzQAU1IjNEUTNEcztEQLtEYrtEUbtEMkOqA9OqEjuqAz"
    "eE1FoTu6oSd6oDd6oS/6oD/6YSAGYDAGYQiiMRQxHlMx5DCMsP/jXeLIWIzCSIzBaLuPRRhLjsc4TMQEsKyahKmYgumYhpmYgdmYhbmYA6f94TEf8xAPFxZiARZjERKwBMuwFCuw3F57rMRqrMIaJGEt3FgHDzZg"
    "PTZhI7ZgM1KQjG3Yih3Yjl3YiVR4kYbd2Ct7n0j7sQ8HkI6DyMAhZOIIDuMofPa+wDFk4QSycRKncQq5HkM5ZI7XUC55FmdwHudwERdwCXm4gsu4hqu4geu4hZu4g9tgK+ouHuA+HuEhnuAxnuEp8sMMBchAKUPP"
    "Cw29pH6BV/jA3N6Qr/EOb+0+vMcnfMQXfMZXFOA7voEjpkL8wk/8wW/8w1/71AfLwSEKDzhdERygSA2PY8/54+VPkT9V+T63Q/8By7ypTQ=="))).decode()
PRECOMPILED = dict(type="Precompiled", precompiled_charsmap=CHARSMAP)


def at_string(mark, behavior, invert=False):
    return dict(type="Split", pattern=dict(String=mark), behavior=behavior, invert=invert)


CONTRACTIONS, REST = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|", r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def behind_split(pattern, behavior="Isolated", invert=False, trim=True):
    """The pre_tokenizer of Llama 3, Qwen2 and their kin."""
    return dict(type="Sequence", pretokenizers=[dict(type="Split", pattern=dict(Regex=pattern), behavior=behavior, invert=invert), LEVEL | dict(use_regex=False, trim_offsets=trim)])


def cases():
    yield "byte-level", byte_level()
    yield "byte-level, merges as pairs", byte_level(pairs=True)
    yield "byte-level, ignore_merges", byte_level(merges=[m for m in MERGES if "ll" not in m], extra=["hello", "Ġhello", "hhhhhhhh"], model=dict(ignore_merges=True))
    yield "byte-level, bytes missing", byte_level(lack="qzä")
    yield "byte-level, bytes missing, unknown", byte_level(lack="qzä", model=dict(unk_token="!", fuse_unk=True))
    yield "byte-level, prefix", byte_level(pre_tokenizer=LEVEL | dict(add_prefix_space=True))
    yield "byte-level, prefix, trimmed", byte_level(pre_tokenizer=LEVEL | dict(add_prefix_space=True), post_processor=LEVEL | dict(add_prefix_space=True))
    yield "byte-level, trimmed", byte_level(post_processor=LEVEL)
    yield "byte-level, no pattern", byte_level(pre_tokenizer=LEVEL | dict(use_regex=False))
    yield "byte-level, each digit", byte_level(pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=True), LEVEL]))
    yield "byte-level, digits, prefix", byte_level(pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Digits", individual_digits=False), LEVEL | dict(add_prefix_space=True)]))
    yield "byte-level, punctuation", byte_level(pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="Punctuation", behavior="Isolated"), LEVEL]))
    yield "byte-level, NFC", byte_level(normalizer=dict(type="NFC"))
    yield "byte-level, NFKD, lower", byte_level(normalizer=dict(type="Sequence", normalizers=[dict(type="NFKD"), dict(type="Lowercase")]), post_processor=LEVEL)
    for trim in (True, False):
        for space in (True, False):
            yield f"RoBERTa, trim {trim}, space {space}", byte_level(pre_tokenizer=LEVEL | dict(add_prefix_space=space), post_processor=dict(type="RobertaProcessing", sep=["b", 65], cls=["a", 64], trim_offsets=trim, add_prefix_space=space))
    frame = json.loads(json.dumps(FRAME).replace("[CLS]", "a").replace("[SEP]", "b"))
    yield "byte-level, sequence of processors", byte_level(post_processor=dict(type="Sequence", processors=[LEVEL, frame]))
    llama3 = CONTRACTIONS + r"\p{N}{1,3}" + REST
    yield "byte-level, Llama 3", byte_level(merges=[m for m in MERGES if "ll" not in m], extra=["hello", "Ġhello", "hhhhhhhh", "ĊĊ", "'t"], model=dict(ignore_merges=True), pre_tokenizer=behind_split(llama3),
                                            post_processor=dict(type="Sequence", processors=[LEVEL | dict(add_prefix_space=True, trim_offsets=False), frame]), decoder=LEVEL | dict(add_prefix_space=True))
    yield "byte-level, Qwen2", byte_level(normalizer=dict(type="NFC"), pre_tokenizer=behind_split(CONTRACTIONS + r"\p{N}" + REST, trim=False), post_processor=LEVEL | dict(trim_offsets=False, use_regex=False), decoder=LEVEL | dict(trim_offsets=False, use_regex=False))
    yield "byte-level, GPT-4, gaps removed", byte_level(pre_tokenizer=behind_split(llama3, "Removed", True))
    yield "byte-level, GPT-2 by Split, prefix", byte_level(pre_tokenizer=dict(type="Sequence", pretokenizers=[behind_split(r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+")["pretokenizers"][0], LEVEL | dict(add_prefix_space=True, use_regex=False)]))
    yield "characters", chars()
    yield "characters, fuse", chars(model=dict(fuse_unk=True))
    yield "characters, no unknown", chars(False, model=dict(unk_token=None), pre_tokenizer=dict(type="Whitespace"))
    yield "characters, metaspace", chars(pre_tokenizer=META | dict(prepend_scheme="first"), decoder=META | dict(prepend_scheme="first"), model=dict(fuse_unk=True))
    yield "byte fallback", fallback()
    yield "byte fallback, ignore_merges", fallback(pre_tokenizer=dict(type="WhitespaceSplit"), normalizer=None)
    yield "WordPiece", word_piece()
    yield "WordPiece, cased", word_piece(normalizer=BERT | dict(lowercase=False), decoder=dict(type="WordPiece", prefix="##", cleanup=False))
    yield "WordPiece, accents kept", word_piece(normalizer=BERT | dict(strip_accents=False))
    yield "WordPiece, only accents", word_piece(normalizer=dict(type="BertNormalizer", clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False))
    yield "WordPiece, BertProcessing", word_piece(post_processor=dict(type="BertProcessing", sep=["[SEP]", 2], cls=["[CLS]", 1]))
    for strategy in ("LongestFirst", "OnlyFirst"):
        for way in ("Left", "Right"):
            yield f"WordPiece, {strategy}, {way}", word_piece(truncation=dict(direction=way, max_length=12, strategy=strategy, stride=0), padding=dict(strategy=dict(Fixed=14), direction=way, pad_to_multiple_of=8, pad_id=3, pad_type_id=1, pad_token="[PAD]"))
    yield "WordPiece, padded to the longest", word_piece(padding=dict(strategy="BatchLongest", direction="Right", pad_to_multiple_of=None, pad_id=3, pad_type_id=0, pad_token="[PAD]"))
    yield "Unigram", unigram()
    yield "Unigram, NFKC", unigram(normalizer=dict(type="Sequence", normalizers=[dict(type="NFKC"), dict(type="Replace", pattern=dict(Regex=" {2,}"), content=" ")]))
    yield "Unigram, byte fallback", unigram(bytes=True, decoder=dict(type="Sequence", decoders=[dict(type="ByteFallback"), META]))
    for scheme in ("first", "never"):
        for split in (True, False):
            yield f"Unigram, {scheme}, split {split}", unigram(pre_tokenizer=META | dict(prepend_scheme=scheme, split=split), decoder=META | dict(prepend_scheme=scheme))
    for n in ("NFC", "NFD", "NFKD"):
        yield "Unigram, " + n, unigram(normalizer=dict(type=n))
    yield "Unigram, accents", unigram(normalizer=dict(type="Sequence", normalizers=[dict(type="NFD"), dict(type="StripAccents"), dict(type="Strip", strip_left=True, strip_right=True)]))
    yield "Unigram, precompiled, byte fallback", unigram(bytes=True, normalizer=PRECOMPILED, pre_tokenizer=dict(type="Sequence", pretokenizers=[dict(type="WhitespaceSplit"), META]), decoder=dict(type="Sequence", decoders=[dict(type="ByteFallback"), META]))
    yield "Unigram, stripped, precompiled, spaces", unigram(normalizer=dict(type="Sequence", normalizers=[dict(type="Strip", strip_left=True, strip_right=True), PRECOMPILED, dict(type="Replace", pattern=dict(Regex=" {2,}"), content=" ")]))
    yield "byte fallback, Gemma", fallback(normalizer=dict(type="Replace", pattern=dict(String=" "), content="▁"), pre_tokenizer=at_string(" ", "MergedWithPrevious"))
    for behavior in ("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"):
        yield f"characters, at strings, {behavior}", chars(pre_tokenizer=at_string("hh", behavior))
        yield f"characters, between strings, {behavior}", chars(pre_tokenizer=at_string(" ", behavior, True))
    yield "Unigram, replace", unigram(normalizer=dict(type="Replace", pattern=dict(String="the"), content="hello "))


def random_text(rnd):
    pool = [c for t in TEXTS for c in t] + ["<a>", "<l>", "<r>", "<lr>", "<w>", "<n>", " ", " ", "the", "hello", "'s"] * 8
    return "".join(rnd.choice(pool) for _ in range(rnd.randrange(40)))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--random", nargs=2, type=int)
    a = ap.parse_args()
    texts, pairs = TEXTS, PAIRS
    if a.random:
        rnd = random.Random(a.random[1])
        texts = [random_text(rnd) for _ in range(a.random[0])]
        pairs = list(zip(texts[::9], texts[1::9]))
    out = []
    for name, f in cases():
        t = Tokenizer.from_str(json.dumps(f))
        # Where a character is left out, the library counts on without it, and the offsets of the rest of the word are wrong.
        untrue = f["model"]["type"] == "BPE" and f["model"]["unk_token"] is None and ("missing" in name or "no unknown" in name)
        rows = []
        for text in texts:
            e = t.encode(text)
            rows.append(dict(ids=e.ids, types=e.type_ids, mask=e.attention_mask, offsets=[x for o in e.offsets for x in o], plain=t.encode(text, add_special_tokens=False).ids,
                             decoded=t.decode(e.ids), special=t.decode(e.ids, skip_special_tokens=False)))
            if untrue:
                del rows[-1]["offsets"]
        prows = []
        for x, y in pairs:
            try:
                e = t.encode(x, y)
            except Exception as err:  # OnlyFirst, and the first is too short
                prows.append(dict(error=str(err)))
                continue
            prows.append(dict(ids=e.ids, types=e.type_ids, mask=e.attention_mask, offsets=[v for o in e.offsets for v in o]))
            if untrue:
                del prows[-1]["offsets"]
        batch = [e.ids for e in t.encode_batch(list(texts[:12]))]
        out.append(dict(name=name, file=f, texts=rows, pairs=prows, batch=batch))
    print(json.dumps(dict(made_with="tokenizers " + tokenizers.__version__, texts=texts, pairs=pairs), ensure_ascii=False)[:-1] + ', "cases": [\n' +
          ",\n".join(json.dumps(c, ensure_ascii=False, separators=(",", ":")) for c in out) + "\n]}")


main()
