"""Do adapters whose start was taken out of the weight load in PEFT as plain LoRA?

  starts.py SIMRUN    SIMRUN is the program

simrun makes a small model, fine-tunes it from every start of AILoRA's scenario, and exports
what it deploys: W0 + s(BA - B0A0) as one pair of twice the rank. PEFT loads each folder on the
plain model and must compute what simrun does, with the start and the adapter as they are. The
members of a chain that look at data are tried through FLoRA. Exit 1 if anything differs, or if
there was nothing to compare.
"""
import json
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
TOL = 5e-5
IDS = [3, 14, 7, 22, 5, 9, 31, 2, 17, 11]
SMALL = ["--set", "data.phrases.with.train=64", "--set", "data.phrases.with.test=16", "-q", "-o", "json"]


def run(*args):
    done = subprocess.run([str(a) for a in args], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{' '.join(map(str, args))}: {done.stderr}")
    return done.stdout


def main(simrun):
    with tempfile.TemporaryDirectory(prefix="starts-") as work:
        cases, failed = compare(simrun, pathlib.Path(work))
    print(f"starts: {cases} adapters, {failed} differ")
    sys.exit(failed > 0 or cases == 0)


def compare(simrun, work):
    """How many adapters were compared, and how many differ."""
    cases, failed = 0, 0
    model = work / "model"
    run(simrun, "pretrain", "ailora/start", "--into", model, "-q")
    plain = transformers.AutoModelForCausalLM.from_pretrained(model, attn_implementation="eager").eval()
    ids = torch.tensor([IDS])
    with torch.no_grad():
        base = plain(ids).logits[0].numpy()
    for name, more in (("ailora/start", ["--set", "method.0.rounds=2", "--set", "method.0.with.steps=4"]), ("ailora/chain", ["--set", "method.1.rounds=1"])):
        out = work / name.replace("/", "-")
        run(simrun, "run", name, "--set", f"bases.main.hf={model}", "--seeds", "1", "--out", out, *SMALL, *more)
        for adapter in sorted((out / "adapters").iterdir()):
            logits = work / f"{out.name}-{adapter.name}.safetensors"
            run(simrun, "model", "logits", "--model", model, "--adapter", adapter, "--ids", ",".join(map(str, IDS)), "--all", "--into", logits)
            want = load_file(logits)["logits"]
            tuned = PeftModel.from_pretrained(transformers.AutoModelForCausalLM.from_pretrained(model, attn_implementation="eager"), adapter).eval()
            with torch.no_grad():
                got = tuned(ids).logits[0].numpy()
            off, moved = float(np.abs(got - want).max()), float(np.abs(got - base).max())
            bad = not off <= TOL or moved < 1e-3
            cases += 1
            failed += bad
            rank = json.loads((adapter / "adapter_config.json").read_text())["r"]
            print(f"{'DIFFERS' if bad else 'ok     '}  {name} {adapter.name}, rank {rank}: largest difference of logits {off:.2e}, allowed {TOL:g}; from the base {moved:.2g}")
    return cases, failed


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
