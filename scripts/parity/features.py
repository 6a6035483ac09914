"""Are the hidden states that "simrun model features" pools those of Transformers?

  features.py SIMRUN GOLDEN    SIMRUN is the program, GOLDEN the folder of golden/models

For every model of the golden vectors, bare and with its adapter, every layer is pooled in every
way over a random text or picture, and compared with output_hidden_states of Transformers: the
stream after each block, and what is behind the final norm. Of an encoder-decoder the encoder is
asked. Exit 1 if anything differs, or if there was nothing to compare.
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

transformers.logging.set_verbosity_error()
transformers.utils.logging.disable_progress_bar()
TOL = 1e-5  # of the largest number
POOLS = {"mean": lambda x: x.mean(0, keepdims=True), "first": lambda x: x[:1], "last": lambda x: x[-1:], "none": lambda x: x}
FINAL = ("model.norm", "transformer.ln_f", "vit.layernorm", "encoder.final_layer_norm")  # where there is one


def states(model, x):
    """The residual stream after 0 … L blocks, and what is behind the final norm."""
    root, seen = model, {}
    if isinstance(model, PeftModel):
        root = model.base_model.model
    for name in FINAL:
        try:
            norm = root.get_submodule(name)
        except AttributeError:
            continue
        norm.register_forward_hook(lambda _, before, after: seen.update(before=before[0], after=after))
    asked = root.encoder if root.config.is_encoder_decoder else model
    with torch.no_grad():
        hidden = list(asked(**x, output_hidden_states=True).hidden_states)
    if seen:
        hidden[-1] = seen["before"]
    return [h[0].numpy() for h in hidden], seen.get("after", hidden[-1])[0].numpy()


def give(folder, work, draw):
    """Random input for a model: arguments of simrun, and of the model."""
    c = transformers.AutoConfig.from_pretrained(folder)
    if c.model_type != "vit":
        ids = draw.integers(3, c.vocab_size, 11).tolist()
        return ["--ids", ",".join(map(str, ids))], {"input_ids": torch.tensor([ids])}
    mode = "L" if c.num_channels == 1 else "RGB"
    shape = (c.image_size, c.image_size) + ((3,) if mode == "RGB" else ())
    picture = work / f"{folder.name}.png"
    Image.fromarray(draw.integers(0, 256, shape, dtype=np.uint8), mode).save(picture)
    numbers = np.asarray(Image.open(picture), dtype=np.float32).reshape(c.image_size, c.image_size, -1) / 255
    return [picture], {"pixel_values": torch.from_numpy(((numbers - 0.5) / 0.5).transpose(2, 0, 1))[None]}


def compare(simrun, folder, adapter, work, draw):
    """Largest difference over all layers and pools, relative to the largest number."""
    config = json.loads((folder / "config.json").read_text())
    model = getattr(transformers, config["architectures"][0]).from_pretrained(folder, dtype=torch.float32, attn_implementation="eager")
    if adapter:
        model = PeftModel.from_pretrained(model, adapter)
    args, x = give(folder, work, draw)
    streams, final = states(model.eval(), x)
    worst, done = 0.0, 0
    for layer, want in [*enumerate(streams), (-1, final)]:
        for pool, how in POOLS.items():
            into = work / "features.safetensors"
            into.unlink(missing_ok=True)
            subprocess.run([simrun, "model", "features", "--model", folder, *(["--adapter", adapter] if adapter else []), *args, "--layer", str(layer), "--pool", pool, "--into", into, "-q"],
                           check=True, stdout=subprocess.DEVNULL)
            got, right = load_file(into)["features"], how(want)
            if got.shape != right.shape:
                sys.exit(f"{folder.name}, layer {layer}, {pool}: {got.shape}, expected {right.shape}")
            worst, done = max(worst, float(np.abs(got - right).max() / np.abs(want).max())), done + 1
    return worst, done


def main(argv):
    if len(argv) != 2:
        sys.exit(__doc__)
    simrun, golden = os.path.abspath(argv[0]), pathlib.Path(argv[1]).resolve()
    cases, failed, draw = 0, 0, np.random.default_rng(5)
    for folder in sorted(p.parent for p in golden.glob("*/config.json")):
        for adapter in [None, *sorted(folder.glob("adapter-*"))]:
            with tempfile.TemporaryDirectory(prefix="features-") as work:
                worst, done = compare(simrun, folder, adapter, pathlib.Path(work), draw)
            cases += 1
            failed += not worst <= TOL
            print(f"{'ok     ' if worst <= TOL else 'DIFFERS'}  {folder.name}, {adapter.name if adapter else 'bare'}: {done} layers and pools, largest relative difference {worst:.2e}, allowed {TOL:g}")
    print(f"features: {cases} models and adapters, {failed} differ")
    sys.exit(failed > 0 or cases == 0)


if __name__ == "__main__":
    main(sys.argv[1:])
