"""Writes patterns.json: the words into which the tokenizers library divides awkward and random texts by the patterns that files give to Split, and for the first texts the ids over GPT-2's vocabulary.

    python patterns.py [--random N SEED] GPT2/tokenizer.json > patterns.json

Letters and numbers younger than Unicode 15 are not in the texts: the library knows those of 16, Go does not.
"""
import argparse, json, random

import tokenizers
from tokenizers import Tokenizer

CONTRACTIONS, REST = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|", r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
# Patterns of one group divide alike, which this script checks.
GROUPS = [
    ("GPT-2", dict(ignore_merges=False), [r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+", r"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"]),
    ("Llama 3 and GPT-4", dict(ignore_merges=True), [CONTRACTIONS + r"\p{N}{1,3}" + REST, r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"]),
    ("Qwen2", dict(ignore_merges=False), [CONTRACTIONS + r"\p{N}" + REST]),
]
TEXTS = [
    "", " ", "  ", "   x", "\n", "\r\n", "x\n", " \n", "\n ", "\n x", "  \n  x", "\n\n  \n\n x", "\t\tx", " \tx", "\t x", "x\r\r\n\n  ", "\u0085\u0085x", "\u00a0x", "\u00a0 x", " \u00a0x", "\u3000\n\u3000x", "\u2028x\u2029\n",
    "don't I'LL we'Ve 'S 'RE'D", "'s't're've'm'll'd", "'S'T'RE'VE'M'LL'D", "'rE'vE'lL'Ll", "'", "''", "''s", "' s", "'x", "'r", "'l", "'L!", "\u2019s", "'\u017f", "'\u017f\u017f", "x'\u017fx", "\u2019\u017f", "'\u212a", "'\u0149", "'\ufb06", "' \u017f", "'é", "'1", "'\n", "it's'", "'sS", "\n's",
    "1", "12", "123", "1234", "1234567", "x1234y", " 1", " 1234", "  12", "1 2", "1.5", "$1,234.50", "-12", "\n1", "\t1", "١٢٣٤", "²³½¼Ⅷ", "1²3½", "①②③④", "一二三", "\U0001d7d8\U0001d7d9\U0001d7da\U0001d7db",
    "hello", " hello", "  hello", "hello world", "HelloWorld", "hello, world!", "(hello)", "((hello))", "_x", "__x", "x_y", "-x", " -x", " --x", "@x #y", "a.b", "...a", "!\n", "!!\n\nx", " !\n", "!\r\n!", "! \n", "x!\n\n  y", "!\n1", "\n!", "\r!", "\t!", "  !", "\t!\n", "\u00a0!\n", "\u3000!!",
    "héllo", "e\u0301a", "\u0301x", " \u0301x", "\u0301\u0301x", "x\u0301\u0301y", "ǅx ʰx ªx ßx", "世界 hello世", "日本語。テスト", "नमस्ते दुनिया", "สวัสดี", "مرحبا بكم", "\u200bx", "x\u200b\u200by", "\ufeffx", "\u001cx", "\u001f\u001fx", "\u180ex", "\x00x", "\x00\x00x", "\x7fx", "\ufffdx", "😀x", "😀😀 x", "👨\u200d👩\u200d👧x", " 😀\n", "\U000e0001x", "\ue000x", "\u0378x",
    "def f(x):\n    return x[1:] + 'y'\n\n\n    # it's 100%\r\n\tpass\n", "<|begin_of_text|><|im_start|>user\nHi!<|im_end|>\n", "https://example.org/a?b=1&c=2345", "{\"a\": [1, 22, 333, 4444]}", "   \n   \n   ", "a  b   c    d", "x \r\ny", "x\r y", "I'M 'M'm", "O'Reilly's L'Été",
]
PIECES = ["'", "'", "'s", "'S", "'ll", "'lL", "'Re", "'\u017f", "\u017f", "s", "t", "L", "d", "x", "é", "世", "ǅ", "ʰ", "ª", "\u0301", "1", "2", "34", "½", "Ⅷ", "٣", "!", ".", "_", "/", "-", "€", "😀", "\u200b", "\u200d", "\x00", "\x1c", "\ufffd", " ", " ", " ", "  ", "\t", "\n", "\n", "\r", "\r\n", "\u0085", "\u00a0", "\u2028", "\u3000", "\x0b", "the", "cat", "Hello"]


def split(pattern):
    return dict(type="Split", pattern=dict(Regex=pattern), behavior="Isolated", invert=False)


def word_ends(pattern, texts):
    """Where words end, in code points: they follow each other without gaps, which is checked."""
    t = Tokenizer.from_str(json.dumps(dict(version="1.0", truncation=None, padding=None, added_tokens=[], normalizer=None, pre_tokenizer=split(pattern), post_processor=None, decoder=None, model=dict(type="WordLevel", vocab={"?": 0}, unk_token="?"))))
    out = []
    for text in texts:
        offsets = t.encode(text).offsets
        assert [a for a, _ in offsets] == ([0] + [b for _, b in offsets])[: len(offsets)] and (offsets[-1][1] if offsets else 0) == len(text), text
        out.append([b for _, b in offsets])
    return out


def over_gpt2(source, pattern, model, texts):
    f = json.loads(source)
    f["pre_tokenizer"] = dict(type="Sequence", pretokenizers=[split(pattern), dict(type="ByteLevel", add_prefix_space=False, trim_offsets=True, use_regex=False)])
    f["model"] |= model
    t = Tokenizer.from_str(json.dumps(f))
    return [t.encode(text).ids for text in texts]


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--random", nargs=2, type=int, default=[3000, 1])
    ap.add_argument("gpt2")
    a = ap.parse_args()
    rnd = random.Random(a.random[1])
    texts = TEXTS + ["".join(rnd.choice(PIECES) for _ in range(rnd.randrange(1, 16))) for _ in range(a.random[0])]
    few = texts[: max(400, a.random[0] // 4)]
    source = open(a.gpt2, encoding="utf-8").read()
    out = []
    for name, model, patterns in GROUPS:
        words = word_ends(patterns[0], texts)
        for p in patterns[1:]:
            assert word_ends(p, texts) == words, p
        out.append(dict(name=name, patterns=patterns, words=words, model=model, ids=over_gpt2(source, patterns[0], model, few)))
    print(json.dumps(dict(made_with="tokenizers " + tokenizers.__version__, texts=texts), ensure_ascii=False)[:-1] + ', "groups": [\n' + ",\n".join(json.dumps(g, ensure_ascii=False, separators=(",", ":")) for g in out) + "\n]}")


main()
