"""Does what simrun writes load in PEFT and Transformers, and compute the same?

  parity.py SIMRUN GOLDEN    SIMRUN is the program, GOLDEN the folder of golden/lora

For every adapter folder of the golden vectors, simrun writes it anew in several forms, and
each is loaded by PEFT on the case's base and compared with the logits that are stored there.
simrun's merges are compared with PEFT's add_weighted_adapter, and the bases that it merges
an adapter into with the stored logits of merged bases. Exit 1 if anything differs.
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
from safetensors.numpy import load_file

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
MODELS = {"llama": "LlamaForCausalLM", "gpt2": "GPT2LMHeadModel", "bert": "BertForSequenceClassification"}


class Parity:
    def __init__(self, simrun, golden, work):
        self.simrun, self.peft = simrun, pathlib.Path(golden).resolve() / "peft"
        self.work = pathlib.Path(work)
        self.made, self.failed = 0, 0

    def write(self, *args):
        """One simrun command that writes a folder; its path."""
        self.made += 1
        into = self.work / str(self.made)
        subprocess.run([self.simrun, "adapter", *map(str, args), "--into", into], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        return into

    def check(self, what, got, want, tol):
        off = float(np.abs(got - want).max())
        self.failed += not off <= tol
        print(f"{'ok     ' if off <= tol else 'DIFFERS'}  {what}: largest difference of logits {off:.2e}, allowed {tol:g}")

    def base(self, case, folder=None):
        """A base with its weights, or those of a folder that simrun merged."""
        text = (self.peft / case / "golden.json").read_text()
        name = json.loads(text)["params"]["base"].split("/")[-1]
        model = getattr(transformers, MODELS[name])
        return model.from_pretrained(folder or self.peft / "base" / name, attn_implementation="eager").eval()


def logits(model, t):
    x = {k: torch.from_numpy(t[k]) for k in ("input_ids", "attention_mask", "token_type_ids") if k in t}
    with torch.no_grad():
        return model(**x).logits.numpy()


def folders(p, case):
    """Every form in which simrun writes the adapter of a case, on the case's base."""
    t = load_file(p.peft / case / "golden.safetensors")
    tensors = json.loads((p.peft / case / "golden.json").read_text())["tensors"]
    tol = tensors["logits"]["compare"]["tol"]
    adapter = p.peft / case / "adapter"
    forms = {"as it is": [], "by rsLoRA": ["--scaling", "rslora"], "by alpha/rank": ["--scaling", "plain"], "at rank 64": ["--rank", 64]}
    second = adapter / "second"
    if second.exists():  # both are active at once
        both = p.write("merge", adapter, second, "--kind", "cat", "--weights", "1,1")
        p.check(f"{case}, both as one", logits(PeftModel.from_pretrained(p.base(case), both).eval(), t), t["logits"], tol)
        p.check(f"{case}, merged", logits(p.base(case, p.write("merge", both, "--model", p.peft / "base" / "llama")), t), t["merged_logits"], tensors["merged_logits"]["compare"]["tol"])
        return
    for form, flags in forms.items():
        out = p.write("convert", adapter, *flags)
        p.check(f"{case}, {form}", logits(PeftModel.from_pretrained(p.base(case), out).eval(), t), t["logits"], tol)
    name = json.loads((p.peft / case / "golden.json").read_text())["params"]["base"].split("/")[-1]
    out = p.write("merge", adapter, "--model", p.peft / "base" / name)
    p.check(f"{case}, merged", logits(p.base(case, out), t), t["merged_logits"], tensors["merged_logits"]["compare"]["tol"])


def merges(p):
    """simrun's merges against PEFT's, of two adapters on one base."""
    case, weights = "plain", [0.7, -0.4]
    t = load_file(p.peft / case / "golden.safetensors")
    one = p.peft / case / "adapter"
    rank = json.loads((one / "adapter_config.json").read_text())["r"]
    two = p.write("convert", p.peft / "pissa_converted" / "adapter", "--rank", rank)  # as linear wants
    for kind, extra in {"linear": {}, "cat": {}, "svd": {"svd_rank": 3}, "ties": {"density": 0.5}, "ties_svd": {"density": 0.5, "svd_rank": 3},
                        "magnitude_prune": {"density": 0.3}, "magnitude_prune_svd": {"density": 0.3, "svd_rank": 5}}.items():
        m = PeftModel.from_pretrained(p.base(case), one, adapter_name="one").eval()
        m.load_adapter(two, adapter_name="two")
        m.add_weighted_adapter(["one", "two"], weights, "merged", combination_type=kind, **extra)
        m.set_adapter("merged")
        want = logits(m, t)
        flags = [x for k, v in extra.items() for x in ({"svd_rank": "--rank", "density": "--density"}[k], v)]
        out = p.write("merge", one, two, "--kind", kind, "--weights", ",".join(map(str, weights)), *flags)
        p.check(f"merge {kind}", logits(PeftModel.from_pretrained(p.base(case), out).eval(), t), want, 5e-5)


def main(argv):
    if len(argv) != 2:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="parity-") as work:
        p = Parity(os.path.abspath(argv[0]), argv[1], work)
        cases = sorted(p.peft.glob("*/golden.json"))
        if not cases:
            sys.exit(f"parity: there is no case in {p.peft}: nothing was compared")
        for golden in cases:
            folders(p, golden.parent.name)
        merges(p)
    print(f"{len(cases)} cases, {p.made} folders written, {p.failed} differ")
    sys.exit(p.failed > 0)


if __name__ == "__main__":
    main(sys.argv[1:])
