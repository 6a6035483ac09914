"""Read what `simrun export` wrote with the tools that it is meant for.

    python check.py SIMRUN RUN

SIMRUN is the binary, RUN a run folder with adapters. Each format is written to a temporary
folder, read with the real library, and compared number by number with the run's own
metrics.csv. The first difference ends the script with exit code 1.

wandb is pinned to the last version whose reader of offline runs is Python; later ones read
the same files in a binary that wants a server.
"""

import csv, json, math, os, pathlib, subprocess, sys, tempfile

os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
os.environ["WANDB_SILENT"] = "true"


def numbers(run):
    """(trial, key) -> {step: value}, the first of each step, as the exports have it."""
    out = {}
    with open(run / "metrics.csv", newline="") as f:
        for row in csv.DictReader(f):
            step = int(row["round"]) + (row["at"] == "fold")
            key = (row["on"] + "." if row["on"] else "") + row["metric"] + ("/" + row["group"] if row["group"] else "")
            out.setdefault((row["trial"], key), {}).setdefault(step, float(row["value"]))
    return out


def same(what, got, want, tol=0.0):
    if math.isnan(got) and math.isnan(want) or abs(got - want) <= tol * max(1, abs(want)):
        return
    sys.exit(f"{what}: {got}, want {want}")


def count(what, got, want):
    if got != want:
        sys.exit(f"{what}: {got}, want {want}")


def tensorboard(dir, run, want):
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    n = 0
    for folder in sorted(dir.iterdir()):
        events = EventAccumulator(str(folder), size_guidance={"scalars": 0}).Reload()
        for key in events.Tags()["scalars"]:
            for e in events.Scalars(key):
                same(f"tensorboard {folder.name} {key}", e.value, want[folder.name[:3], key][e.step], 1e-6)  # held in 32 bits
                n += 1
    count("tensorboard", n, sum(map(len, want.values())))


def wandb(dir, run, want):
    import wandb

    wandb._set_internal_process()
    from wandb.proto.wandb_internal_pb2 import Record
    from wandb.sdk.internal.datastore import DataStore

    names = {t["name"]: t["id"] for t in json.load(open(run / "plan.json"))["trials"]}
    n = 0
    for path in sorted(dir.glob("offline-run-*/run-*.wandb")):
        store, kinds, trial = DataStore(), [], None
        store.open_for_scan(str(path))
        while (data := store.scan_data()) is not None:
            record = Record()
            record.ParseFromString(data)
            kinds.append(record.WhichOneof("record_type"))
            if record.HasField("run"):
                trial = names[record.run.display_name]
                config = {c.key: json.loads(c.value_json) for c in record.run.config.update}
                count("wandb config", config["seed"], record.run.display_name.rsplit("seed=", 1)[1])
            for item in record.history.item:
                if not item.key.startswith("_"):
                    same(f"wandb {trial} {item.key}", float(json.loads(item.value_json)), want[trial, item.key][record.history.step.num])
                    n += 1
        count("wandb records", (kinds[0], kinds[1], kinds[-2], kinds[-1]), ("header", "run", "exit", "footer"))
    count("wandb", n, sum(map(len, want.values())))


def mlflow(dir, run, want):
    from mlflow.tracking import MlflowClient

    client = MlflowClient(tracking_uri=dir.resolve().as_uri())
    plan = json.load(open(run / "plan.json"))
    names = {t["name"]: t["id"] for t in plan["trials"]}
    experiment = client.get_experiment_by_name(plan["name"])
    runs = client.search_runs([experiment.experiment_id], max_results=1000)
    count("mlflow runs", len(runs), len(names))
    clean = lambda key: "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "-" for c in key.replace("/", " "))
    n = 0
    for r in runs:
        trial = names[r.info.run_name]
        count("mlflow seed", r.data.params["seed"], r.info.run_name.rsplit("seed=", 1)[1])
        for (owner, key), steps in want.items():
            if owner != trial:
                continue
            for m in client.get_metric_history(r.info.run_id, clean(key)):
                same(f"mlflow {trial} {key}", m.value, steps[m.step])
                n += 1
    count("mlflow", n, sum(map(len, want.values())))


def parquet(dir, run, want):
    import pyarrow.parquet as pq

    table = pq.read_table(dir / "metrics.parquet").to_pylist()
    with open(run / "metrics.csv", newline="") as f:
        rows = list(csv.DictReader(f))
    count("parquet rows", len(table), len(rows))
    for got, row in zip(table, rows):
        for name, text in row.items():
            if isinstance(got[name], str):
                count(f"parquet {name}", got[name], text)
            else:
                same(f"parquet {name}", float(got[name]), float(text))
    with open(run / "trials.csv", newline="") as f:
        wide = {r["trial"]: r for r in csv.DictReader(f)}
    for got in pq.read_table(dir / "trials.parquet").to_pylist():
        same("parquet " + got["number"], got["value"], float(wide[got["trial"]][got["number"]]))


def csv_(dir, run, want):
    import pandas

    table = pandas.read_csv(dir / "metrics.csv", keep_default_na=False, dtype={"trial": str})
    count("csv rows", len(table), sum(1 for _ in open(run / "metrics.csv")) - 1)
    rows = pandas.read_csv(dir / "comparisons.csv")
    count("csv verdicts", rows["verdict"].isna().sum(), 0)


def latex(dir, run, want):
    from pylatexenc.latexwalker import LatexEnvironmentNode, LatexWalker

    for path in sorted(dir.glob("*.tex")):
        nodes, _, _ = LatexWalker(path.read_text(), tolerant_parsing=False).get_latex_nodes()
        tables = [n for n in nodes if isinstance(n, LatexEnvironmentNode) and n.environmentname == "table"]
        count(f"latex {path.name}", len(tables), 1)


def peft(dir, run, want):
    from safetensors.numpy import load_file

    for folder in sorted(dir.iterdir()):
        config = json.load(open(folder / "adapter_config.json"))
        tensors = load_file(folder / "adapter_model.safetensors")
        count(f"peft {folder.name}", config["peft_type"], "LORA")
        for name, t in tensors.items():
            if ".lora_A." in name:
                count(name, tensors[name.replace(".lora_A.", ".lora_B.")].shape[1], t.shape[0])


def main():
    simrun, run = sys.argv[1], pathlib.Path(sys.argv[2])
    want = numbers(run)
    for name, check in dict(peft=peft, csv=csv_, parquet=parquet, tensorboard=tensorboard, wandb=wandb, mlflow=mlflow, latex=latex).items():
        with tempfile.TemporaryDirectory() as tmp:
            out = pathlib.Path(tmp) / name
            subprocess.run([simrun, "export", str(run), "--to", name, "--out", str(out)], check=True, stdout=subprocess.DEVNULL)
            check(out, run, want)
            print(f"{name:12} reads back")


if __name__ == "__main__":
    main()
