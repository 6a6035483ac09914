#!/bin/sh
# run.sh SIMRUN: make a small run and read every export of it with the real tools. A Python
# with requirements.txt is named by EXPORT_PYTHON; without it one is made under .venv here.
set -eu
here=$(dirname "$0")
python=${EXPORT_PYTHON:-}
if [ -z "$python" ]; then
	command -v python3 >/dev/null || { echo "exports: skipped: no python3 (EXPORT_PYTHON names one that has scripts/export/requirements.txt)"; exit 0; }
	[ -x "$here/.venv/bin/python" ] || python3 -m venv "$here/.venv"
	python=$here/.venv/bin/python
	"$python" -m pip install -q -r "$here/requirements.txt"
fi
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
"$1" run quickstart --seeds 1..2 --out "$tmp/run" -q >"$tmp/table"
"$python" "$here/check.py" "$1" "$tmp/run"
