"""Do adapters that simrun trains on encoders, vision models and encoder-decoders load in PEFT?

  heads.py SIMRUN    SIMRUN is the program

Tiny models are drawn and saved by Transformers. simrun trains an adapter on each, of an
encoder with the new head beside it (modules_to_save), and gives its logits or losses; PEFT
loads the folder on the same model, and must compute the same. Exit 1 if anything differs.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import transformers
from peft import PeftModel
from PIL import Image
from safetensors.numpy import load_file
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
TOL = 2e-5
WORDS = "the a cat dog sees eats runs sleeps good bad very not and is".split()
SMALL = dict(hidden_size=24, num_hidden_layers=2, num_attention_heads=3, intermediate_size=40)
# of each family: config class, plain model, model with a head, tokens in front, between, behind
TEXT = {
    "bert": ("BertConfig", "BertModel", "BertForSequenceClassification", "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
    "roberta": ("RobertaConfig", "RobertaModel", "RobertaForSequenceClassification", "<s> $A </s>", "<s> $A </s> </s> $B </s>"),
    "distilbert": ("DistilBertConfig", "DistilBertModel", "DistilBertForSequenceClassification", "[CLS] $A [SEP]", "[CLS] $A [SEP] $B [SEP]"),
    "deberta-v2": ("DebertaV2Config", "DebertaV2Model", "DebertaV2ForSequenceClassification", "[CLS] $A [SEP]", "[CLS] $A [SEP] $B:1 [SEP]:1"),
}
ROWS = [("the cat sees a dog", "a dog is bad", "good"), ("a dog not eats", "the cat", "bad"), ("very very good dog", "dog is good", "good"),
        ("the cat runs and sleeps", "not", "odd"), ("is a cat bad", "a cat is a cat", "bad"), ("dog", "cat", "odd")]
ANSWERS = {"single_label_classification": [r[2] for r in ROWS], "multi_label_classification": ["good,odd", "bad", "", "odd", "bad,good", "odd"],
           "regression": ["0.5", "-1", "2", "0", "1.25", "3"]}


class Heads:
    def __init__(self, simrun, work):
        self.simrun, self.work, self.failed = simrun, pathlib.Path(work), 0

    def run(self, *args):
        done = subprocess.run([self.simrun, "model", *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"simrun model {' '.join(map(str, args))}: {done.stderr}")
        return done.stdout

    def check(self, what, got, want, tol=TOL):
        off = float(np.abs(np.asarray(got) - np.asarray(want)).max())
        self.failed += not off <= tol
        print(f"{'ok     ' if off <= tol else 'DIFFERS'}  {what}: largest difference {off:.2e}, allowed {tol:g}")

    def logits(self, *args):
        into = self.work / "logits.safetensors"
        into.unlink(missing_ok=True)
        self.run("logits", *args, "--into", into)
        return load_file(into)["logits"]


def tokenizer(family, single, pair):
    special = ["<s>", "<pad>", "</s>", "<unk>"] if family == "roberta" else ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
    vocab = {w: i for i, w in enumerate(special + WORDS)}
    t = Tokenizer(models.WordPiece(vocab, unk_token=special[3] if family == "roberta" else special[1]))
    t.normalizer, t.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    t.post_processor = processors.TemplateProcessing(single=single, pair=pair, special_tokens=[(w, vocab[w]) for w in special])
    return t


def texts(h, family):
    """A base without a head gets one; PEFT puts the same on the same base."""
    config, plain, headed, single, pair = TEXT[family]
    tok, base = tokenizer(family, single, pair), h.work / family
    sides = dict(SMALL)
    if family == "distilbert":
        sides = dict(dim=24, n_layers=2, n_heads=3, hidden_dim=40)
    if family == "deberta-v2":
        sides |= dict(relative_attention=True, pos_att_type=["p2c", "c2p"], position_buckets=8, norm_rel_ebd="layer_norm", share_att_key=True, position_biased_input=False)
    c = getattr(transformers, config)(vocab_size=tok.get_vocab_size(), max_position_embeddings=40, initializer_range=0.3, **sides)
    torch.manual_seed(1)
    getattr(transformers, plain)(c).save_pretrained(base)
    tok.save(str(base / "tokenizer.json"))
    for problem, answers in ANSWERS.items():
        for columns in ("prompt=one", "prompt=one,pair=two"):
            data, out = h.work / "rows.jsonl", h.work / f"{family}-{problem}-{len(columns)}"
            data.write_text("".join(json.dumps({"one": a, "two": b, "answer": y}) + "\n" for (a, b, _), y in zip(ROWS, answers)))
            h.run("train", "--model", base, "--data", data, "--columns", columns, "--problem-type", problem, "--into", out, "--learning-rate", "1e-2",
                  "--per-device-train-batch-size", "2", "-q")
            twos = "two" in columns
            outputs = {"regression": 1}.get(problem, 3)
            model = getattr(transformers, headed).from_pretrained(base, num_labels=outputs, attn_implementation="eager")
            model = PeftModel.from_pretrained(model, out).eval()
            for a, b, _ in ROWS[:3]:
                e = tok.encode(a, b if twos else None)
                x = {"input_ids": torch.tensor([e.ids])}
                if family in ("bert", "deberta-v2"):
                    x["token_type_ids"] = torch.tensor([e.type_ids])
                with torch.no_grad():
                    want = model(**x).logits.numpy()
                got = h.logits("--model", base, "--adapter", out, a, *(["--pair", b] if twos else []))
                h.check(f"{family}, {problem}, {'pair' if twos else 'text'}", got, want)


def pictures(h):
    """Pictures of another size and mode are brought to the model's, as Pillow does it."""
    base, r = h.work / "vit", np.random.default_rng(2)
    c = transformers.ViTConfig(image_size=12, patch_size=4, num_channels=3, initializer_range=0.3, **SMALL)
    torch.manual_seed(3)
    transformers.ViTModel(c, add_pooling_layer=False).save_pretrained(base)
    look = transformers.ViTImageProcessor(size={"height": 12, "width": 12}, image_mean=[0.4, 0.5, 0.6], image_std=[0.2, 0.3, 0.25])
    look.save_pretrained(base)
    rows, files = h.work / "pictures.jsonl", []
    for i, (shape, mode) in enumerate([((12, 12, 3), "RGB"), ((12, 12), "L"), ((20, 31, 3), "RGB"), ((7, 9), "L"), ((12, 30, 4), "RGBA"), ((12, 12, 3), "RGB")]):
        files.append(h.work / f"{i}.png")
        Image.fromarray(r.integers(0, 256, shape, dtype=np.uint8), mode).save(files[-1])
    rows.write_text("".join(json.dumps({"path": f.name, "answer": "even odd".split()[i % 2]}) + "\n" for i, f in enumerate(files)))
    out = h.work / "vit-adapter"
    h.run("train", "--model", base, "--data", rows, "--columns", "image=path", "--into", out, "--learning-rate", "1e-2", "-q")
    model = transformers.ViTForImageClassification.from_pretrained(base, num_labels=2, attn_implementation="eager")
    model = PeftModel.from_pretrained(model, out).eval()
    for f in files:
        x = look(Image.open(f).convert("RGB"), return_tensors="pt")
        with torch.no_grad():
            h.check(f"vit, {Image.open(f).mode} of {Image.open(f).size}", h.logits("--model", base, "--adapter", out, f), model(**x).logits.numpy(), 5e-5)


def pairs(h):
    """An encoder-decoder: losses of examples, and texts written with kept keys and values."""
    base = h.work / "t5"
    vocab = {w: i for i, w in enumerate(["<pad>", "</s>", "<unk>"] + WORDS)}
    tok = Tokenizer(models.WordLevel(vocab, unk_token="<unk>"))
    tok.pre_tokenizer = pre_tokenizers.Whitespace()
    tok.post_processor = processors.TemplateProcessing(single="$A </s>", pair="$A </s> $B </s>", special_tokens=[("</s>", 1)])
    c = transformers.T5Config(vocab_size=len(vocab), d_model=24, d_kv=8, d_ff=40, num_layers=2, num_heads=3, decoder_start_token_id=0, initializer_factor=0.5)
    torch.manual_seed(4)
    transformers.T5ForConditionalGeneration(c).save_pretrained(base)
    tok.save(str(base / "tokenizer.json"))
    data, out = h.work / "said.jsonl", h.work / "t5-adapter"
    data.write_text("".join(json.dumps({"prompt": a, "answer": b}) + "\n" for a, b, _ in ROWS))
    h.run("train", "--model", base, "--data", data, "--into", out, "--learning-rate", "1e-2", "-q")
    model = PeftModel.from_pretrained(transformers.T5ForConditionalGeneration.from_pretrained(base), out).eval()
    scored = [json.loads(line) for line in h.run("score", "--model", base, "--adapter", out, "--data", data, "-o", "jsonl", "-q").splitlines()]
    written = json.loads(h.run("generate", "--model", base, "--adapter", out, "--tokens", "12", "-o", "json", "-q", *[a for a, _, _ in ROWS]))
    for (a, b, _), s, w in zip(ROWS, scored, written):
        ids, labels = torch.tensor([tok.encode(a).ids]), torch.tensor([tok.encode(b).ids])
        with torch.no_grad():
            h.check("t5, loss", s["loss"], model(input_ids=ids, labels=labels).loss.item())
            said = model.generate(input_ids=ids, max_new_tokens=12, do_sample=False)[0, 1:].tolist()
        h.check("t5, greedy text", len(w["ids"]) if w["ids"] == said else -1, len(said))


def main(argv):
    if len(argv) != 1:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="heads-") as work:
        h = Heads(os.path.abspath(argv[0]), work)
        for family in TEXT:
            texts(h, family)
        pictures(h)
        pairs(h)
    print(f"{h.failed} differ")
    sys.exit(h.failed > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
