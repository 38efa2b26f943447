"""Runs in one XGBoost or LightGBM environment of pins.json: trains each case, writes its files, records what the library answers.

recorded/<env>/<case>.<json|ubj|model|txt|pkl|joblib> and <case>.json.gz, laid out as test/golden/sklearn/record.py says, with
`api`     "booster" (the native Booster: `predict`, and `decision_function` for the raw margin) or "wrapper" (the scikit-learn class)
`expect`  "unsupported" where our reader has to refuse the file
"""
import argparse
import contextlib
import importlib
import json
import os
import pathlib
import sys
import warnings

warnings.filterwarnings("ignore")
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "sklearn")]

import numpy as np

from record import column, differences, json_cell, one_row, packed, refusal, unpacked, where


@contextlib.contextmanager
def silent():
    """LightGBM writes its refusals to the error stream; they are recorded instead."""
    kept, void = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(void, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(void)


def measure(case, methods):
    kept, refused, alone = [], [], []
    for row in case.rows:
        given, failed = {}, []
        for name, ask in methods.items():
            try:
                given[name] = one_row(column(ask(case.decode([row]))), 0)
            except Exception as error:  # the library's refusal is what is recorded
                failed.append((name, refusal(error)))
        if failed:
            refused.append({"input": json_cell(row), "methods": [name for name, _ in failed], "error": failed[0][1]})
        elif isinstance(row, dict) or len(row) == len(case.rows[0]):  # a native Booster takes short rows as missing
            kept.append(row)
            alone.append(given)
    if not kept:
        raise RuntimeError("every row is refused: " + refused[0]["error"])
    found = {}
    for name, ask in methods.items():
        found[name] = column(ask(case.decode(kept)))
        other = {str(i): given[name] for i, given in enumerate(alone) if json.dumps(given[name]) != json.dumps(one_row(found[name], i))}
        if other:
            found[name]["alone"] = other
    return [json_cell(row) for row in kept], refused, found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--env", required=True)
    parser.add_argument("--only")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    family = "xgboost" if options.env.startswith("xgb") else "lightgbm"
    table = importlib.import_module(f"{family}_cases")
    folder = HERE / "recorded" / options.env
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [case for case in table.CASES if not options.only or options.only in case.name]
    assert len({case.name for case in chosen}) == len(chosen), "two cases of one name"
    written, bad = set(), 0
    for case in chosen:
        try:
            path = folder / f"{case.name}.{case.suffix}"
            if options.check:
                with silent():
                    found = differences(unpacked(folder / f"{case.name}.json.gz"), *measure(case, case.load(path)))
                bad += len(found) > 0
                if found:
                    print(f"{options.env} DIFFERS {case.name}: {', '.join(found)}", flush=True)
                continue
            case.save(case.train(), path)
            with silent():
                rows, refused, methods = measure(case, case.load(path))
        except Exception as error:
            bad += 1
            print(f"{options.env} BAD  {case.name}: {where(error)}", flush=True)
            continue
        golden = {
            "case": case.name, "family": case.family, "env": options.env, family: table.VERSION, "file": path.name, "container": case.suffix,
            "estimator": case.estimator, "classes": [], "api": case.api, **({"expect": case.expect} if case.expect else {}),
            "input": {"kind": "frame" if case.columns else "records" if isinstance(case.rows[0], dict) else "matrix", "columns": case.columns or len(case.rows[0]), "null": "nan", "dtype": "float64"},
            "exactness": {name: case.exact.get(name, "exact") for name in methods}, **({"tolerance": case.tolerance} if case.tolerance else {}),
            "rows": rows, "refused": refused, "methods": methods,
        }
        written |= {path.name, f"{case.name}.json.gz"}
        (folder / f"{case.name}.json.gz").write_bytes(packed(golden))
    if not options.check and not options.only:
        for old in folder.iterdir():
            if old.name not in written:
                old.unlink()
    print(f"{options.env}: {len(chosen)} cases, {bad} bad, {sum(f.stat().st_size for f in folder.iterdir()) / 1e6:.2f} MB", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
