"""Are adapters that change the embedding or the head of a base what PEFT makes of them?

  tied.py SIMRUN GOLDEN    SIMRUN is the program, GOLDEN the folder of golden/models

On every language model of the golden vectors, with one table for embedding and head or with two,
PEFT makes adapters of the embedding and of the head, as factors, whole (modules_to_save), and
tied (ensure_weight_tying). Of each, four things must be the logits of the adapter as PEFT reads
it again: those of simrun; those of PEFT on what simrun writes anew; those of Transformers and of
simrun on the base that simrun merges it into. Models of other kinds are named and left out. Exit 1 if
anything differs, or if there was nothing to compare.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import numpy as np
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.numpy import load_file

warnings.filterwarnings("ignore")
transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
TOL = 2e-5  # of the largest logit
# of each family: a layer, the embedding, whether layers lie the other way round
FAMILIES = {"gpt2": ("c_fc", "wte", True), **{f: ("q_proj", "embed_tokens", False) for f in ("llama", "mistral", "qwen2", "qwen3", "gemma")}}
CASES = {
    "head saved": lambda layer, embed: dict(target_modules=[layer], modules_to_save=["lm_head"]),
    "embedding saved": lambda layer, embed: dict(target_modules=[layer], modules_to_save=[embed]),
    "both saved": lambda layer, embed: dict(target_modules=[layer], modules_to_save=[embed, "lm_head"]),
    "embedding saved, tied": lambda layer, embed: dict(target_modules=[layer], modules_to_save=[embed], ensure_weight_tying=True),
    "factors of the head": lambda layer, embed: dict(target_modules=[layer, "lm_head"]),
    "factors of the embedding": lambda layer, embed: dict(target_modules=[layer, embed]),
    "factors of both": lambda layer, embed: dict(target_modules=[layer, embed, "lm_head"]),
}


class Tied:
    def __init__(self, simrun, work):
        self.simrun, self.work, self.made, self.cases, self.failed = simrun, pathlib.Path(work), 0, 0, 0

    def run(self, *args):
        done = subprocess.run([self.simrun, *map(str, args)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            sys.exit(f"simrun {' '.join(map(str, args))}: {done.stderr}")

    def new(self):
        self.made += 1
        return self.work / str(self.made)

    def logits(self, *args):
        into = self.new()
        self.run("model", "logits", *args, "--into", into)
        return load_file(into)["logits"]

    def case(self, name, base, case, config, ids):
        ask, x = ["--ids", ",".join(map(str, ids))], torch.tensor([ids])

        def load(folder):
            return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")

        def of(model):
            with torch.no_grad():
                return model.eval()(x).logits[0].numpy()

        torch.manual_seed(3)
        trained, adapter = get_peft_model(load(base), LoraConfig(task_type="CAUSAL_LM", r=4, lora_alpha=6, **config)), self.new()
        for _, p in trained.named_parameters():
            if p.requires_grad:
                p.data += 0.05 * torch.randn_like(p)
        trained.save_pretrained(adapter)
        want, bare = of(PeftModel.from_pretrained(load(base), adapter)), of(load(base))
        anew, merged = self.new(), self.new()
        self.run("adapter", "convert", adapter, "--into", anew)
        self.run("adapter", "merge", adapter, "--model", base, "--into", merged)
        found = {"read": self.logits("--model", base, "--adapter", adapter, *ask), "written anew": of(PeftModel.from_pretrained(load(base), anew)),
                 "merged": of(load(merged)), "merged, read": self.logits("--model", merged, *ask)}
        size = float(np.abs(want).max())
        off = {k: float(np.abs(v - want).max()) / size for k, v in found.items()}
        moved = float(np.abs(want - bare).max()) / size
        bad = not max(off.values()) <= TOL or moved < 100 * TOL
        self.cases += 1
        self.failed += bad
        print(f"{'DIFFERS' if bad else 'ok     '}  {name}, {case}: {', '.join(f'{k} {v:.1e}' for k, v in off.items())} of the largest logit, allowed {TOL:g}; from the base {moved:.1g}")


def main(argv):
    if len(argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="tied-") as work:
        t = Tied(os.path.abspath(argv[0]), work)
        models(t, pathlib.Path(argv[1]).resolve())
    print(f"tied: {t.cases} cases, {t.failed} differ")
    sys.exit(t.failed > 0 or t.cases == 0)


def models(t, golden):
    for path in sorted(golden.glob("*/config.json")):
        family = json.loads(path.read_text())["model_type"]
        if family not in FAMILIES:
            print(f"left out {path.parent.name}: of a {family}, adapters of embedding and head are not asked for")
            continue
        model = transformers.AutoModelForCausalLM.from_pretrained(path.parent, dtype=torch.float32)
        base, one = t.new(), model.config.tie_word_embeddings
        model.save_pretrained(base)  # merged weights have the base's type, and rounding is not the question
        ids = np.random.default_rng(1).integers(0, model.config.vocab_size, 9).tolist()
        layer, embed, across = FAMILIES[family]
        for case, config in CASES.items():
            t.case(f"{path.parent.name} ({'one table' if one else 'two tables'})", base, case, config(layer, embed) | dict(fan_in_fan_out=across), ids)


if __name__ == "__main__":
    main(sys.argv[1:])
