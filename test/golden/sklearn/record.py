"""Runs in one environment of pins.json: fits each case, writes the file, loads it again, and records what it answers.

recorded/<env>/<case>.pkl|.joblib|.skops   the model
recorded/<env>/<case>.json.gz              {case, family, env, sklearn, file, container, estimator, classes, input, rows, refused,
                                            exactness, tolerance?, methods}

`rows`      the rows that are answered. null is NaN or None as `input.null` says; "Infinity" is infinity. A text or a value is a
            row of one cell.
`refused`   rows that the library refuses alone: {input, methods (those that refuse), error}.
`methods`   {predict: {dtype, sparse?, values, alone?, scale?}}; values of the whole batch; alone: {row index: value} where one row
            at a time answers other bits; scale: per row the sum of absolute terms, for `near`. Several outputs stand as
            {outputs: [{dtype, values}]}. null is NaN; an integer is written without a point, a float with one.
"""
import argparse
import gzip
import importlib.util
import io
import json
import math
import pathlib
import pickle
import pickletools
import re
import sys
import traceback
import warnings
import zipfile

warnings.filterwarnings("ignore")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import joblib
import numpy as np
import pandas as pd
import scipy.sparse
import sklearn

import data
from case import OLD

HERE = pathlib.Path(__file__).resolve().parent
METHODS = ("predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples")
VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
CONTAINERS = ("pickle4", "joblib", "pickle2", "pickle5", "cloudpickle", "pickle4", "joblib-packed", "pickle3")
COMPRESSIONS = ("zlib", "gzip", "bz2", "xz", "lzma")


# --- input and output ---

def number(value):
    return math.nan if value is None else float(value)


def batch_of(case, rows):
    if case.kind == "matrix":
        if len({len(row) for row in rows}) > 1:
            raise ValueError("rows of several lengths")
        return np.array([[number(v) for v in row] for row in rows], dtype=case.dtype)
    if case.kind == "frame":
        names = [name for name, _ in case.columns]
        frame = pd.DataFrame({name: pd.Series([row.get(name) for row in rows], dtype=object) for name in names})
        for name, kind in case.columns:
            if kind == "number":
                frame[name] = frame[name].map(number).astype(float)
            elif case.marker == "nan":
                frame[name] = frame[name].map(lambda v: math.nan if v is None else v).astype(object)
        return frame
    if case.kind == "cells":
        return np.array([[math.nan if v is None and case.marker == "nan" else v for v in row] for row in rows], dtype=object)
    if case.kind == "texts":
        return [row[0] for row in rows]
    if case.kind == "values":
        return np.array([row[0] for row in rows], dtype=case.dtype)
    return list(rows)


def json_cell(value):
    if isinstance(value, (list, tuple, np.ndarray)):
        return [json_cell(v) for v in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, dict):
        return {k: json_cell(v) for k, v in value.items()}
    if not isinstance(value, (float, int, str, type(None))):
        raise TypeError(f"no JSON for {type(value).__name__}")
    if isinstance(value, float):
        return None if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity") if math.isinf(value) else value
    return value


def column(value):
    if isinstance(value, list):
        return {"outputs": [column(v) for v in value]}
    sparse = scipy.sparse.issparse(value)
    array = value.toarray() if sparse else np.asarray(value)
    found = {"dtype": "str" if array.dtype.kind == "U" else str(array.dtype)}
    if sparse:
        found["sparse"] = True
    found["values"] = [json_cell(v) for v in array]
    return found


def one_row(found, at):
    return [one_row(v, at) for v in found["outputs"]] if "outputs" in found else found["values"][at]


def scale_of(model, method, batch):
    """Per row the sum of absolute terms of a linear answer; None where the last step is not linear."""
    while hasattr(model, "best_estimator_"):
        model = model.best_estimator_
    if hasattr(model, "steps"):
        for _, step in model.steps[:-1]:
            if step is not None and step != "passthrough" and hasattr(step, "transform"):
                batch = step.transform(batch)
        model = model.steps[-1][1]
    weights, offset = None, 0.0
    if method in ("predict", "decision_function") and hasattr(model, "coef_") and (method != "predict" or not hasattr(model, "classes_")):
        if getattr(model, "kernel", "linear") != "linear" or not hasattr(model, "intercept_"):
            return None
        weights, offset = model.coef_, np.abs(model.intercept_)
        if type(model).__name__ in ("PoissonRegressor", "GammaRegressor", "TweedieRegressor") or hasattr(model, "x_weights_"):
            return None
    elif method == "transform" and hasattr(model, "components_") and not hasattr(model, "weights_"):
        weights = model.components_
        offset = np.abs(getattr(model, "mean_", np.zeros(1))) @ np.abs(weights).T if getattr(model, "mean_", None) is not None else 0.0
        if getattr(model, "whiten", False):
            offset = offset / np.sqrt(model.explained_variance_)
            weights = weights / np.sqrt(model.explained_variance_)[:, None]
    if weights is None:
        return None
    weights = weights.toarray() if scipy.sparse.issparse(weights) else np.asarray(weights)
    dense = batch.toarray() if scipy.sparse.issparse(batch) else np.asarray(batch, dtype=float)
    if weights.ndim == 1:
        weights = weights[None, :]
    if weights.shape[1] != dense.shape[1]:
        return None
    total = np.abs(dense) @ np.abs(weights).T + offset
    return [json_cell(float(v)) for v in np.max(np.atleast_2d(total), axis=1)]


# --- files ---

def container_of(case, env_has_skops):
    if case.container == "skops" and env_has_skops:
        return "skops"
    at = sum(case.name.encode())
    if case.container is None and env_has_skops and at % 11 == 0:
        return "skops"
    if case.container not in (None, "skops"):
        return case.container
    found = CONTAINERS[at % len(CONTAINERS)]
    if found == "cloudpickle" and importlib.util.find_spec("cloudpickle") is None:
        return "pickle4"
    return f"joblib-{COMPRESSIONS[at // len(CONTAINERS) % len(COMPRESSIONS)]}" if found == "joblib-packed" else found


def save(model, container, stem):
    if container == "skops":
        import skops.io
        path = stem.with_name(stem.name + ".skops")
        skops.io.dump(model, path, compression=zipfile.ZIP_DEFLATED)
        return path
    if container.startswith("joblib"):
        path = stem.with_name(stem.name + ".joblib")
        joblib.dump(model, path, compress=(container[7:], 6) if "-" in container else 0)
        return path
    path = stem.with_name(stem.name + ".pkl")
    if container == "cloudpickle":
        import cloudpickle  # in the pins of every environment but the old ones
        path.write_bytes(cloudpickle.dumps(model))
    else:
        path.write_bytes(pickle.dumps(model, protocol=min(int(container[-1]), pickle.HIGHEST_PROTOCOL)))
    return path


def load(path):
    if path.suffix == ".skops":
        import skops.io
        return skops.io.load(path, trusted=skops.io.get_untrusted_types(file=path))
    return joblib.load(path) if path.suffix == ".joblib" else pickle.loads(path.read_bytes())


def classes_of(model):
    """Every class of scikit-learn and imbalanced-learn inside of the file."""
    names = {arg.replace(" ", ".") for op, arg, _ in pickletools.genops(pickle.dumps(model, protocol=2)) if op.name == "GLOBAL"}
    return sorted(name for name in names if name.startswith(("sklearn.", "imblearn.")))


def edge_rows(model, base):
    """Rows at and beside the thresholds of trees inside of `model` that see the input as it came."""
    found = []
    members = [model, *np.ravel(np.array(getattr(model, "estimators_", []), dtype=object))[:1]]
    for member in members:
        tree = getattr(member, "tree_", None)
        if tree is not None:
            found += [(int(f), float(t)) for f, t in zip(tree.feature, tree.threshold) if f >= 0 and np.isfinite(t)][:3]
        for iteration in (getattr(member, "_predictors", None) or [])[:2]:
            nodes = iteration[0].nodes
            found += [(int(n["feature_idx"]), float(n["num_threshold"])) for n in nodes
                      if not n["is_leaf"] and not n["is_categorical"] and np.isfinite(n["num_threshold"])][:2]
    rows = []
    for feature, threshold in found[:4]:
        if feature < len(base):
            for value in data.neighbours(threshold):
                rows.append([*base[:feature], value, *base[feature + 1:]])
    return rows


def refusal(error):
    text = re.sub(r"\[\d\d:\d\d:\d\d\] \S+: ", "", str(error).strip())  # XGBoost says when, and where in its sources
    return f"{type(error).__name__}: {text.splitlines()[0][:140] if text else ''}"


def exactness_of(case, methods):
    classes = case.exact if isinstance(case.exact, dict) else {"*": case.exact}
    found = {m: classes.get(m, classes.get("*", "exact")) for m in methods}
    for m in ("predict_log_proba",):
        if found.get(m) == "exact":
            found[m] = "near"
    return found


def answers(case, model, method, row):
    try:
        getattr(model, method)(batch_of(case, [row]))
        return True
    except Exception:
        return False


def measure(case, model):
    methods = [m for m in METHODS if hasattr(model, m)]
    methods = [m for m in methods if any(answers(case, model, m, row) for row in case.rows)]
    rows = [*case.rows, *(edge_rows(model, case.rows[0]) if case.kind == "matrix" and case.edges else [])]
    kept, refused, alone = [], [], []
    for row in rows:
        given, failed = {}, []
        for method in methods:
            try:
                given[method] = one_row(column(getattr(model, method)(batch_of(case, [row]))), 0)
            except Exception as error:  # the library's refusal is what is recorded
                failed.append((method, refusal(error)))
        if failed:
            refused.append({"input": json_cell(row), "methods": [m for m, _ in failed], "error": failed[0][1]})
        elif case.kind != "matrix" or len(row) == len(case.rows[0]):  # a function transformer has no width
            kept.append(row)
            alone.append(given)
    if not kept or not methods:
        raise RuntimeError("every row is refused: " + refused[0]["error"])
    batch = batch_of(case, kept)
    found = {}
    for method in methods:
        found[method] = column(getattr(model, method)(batch_of(case, kept)))
        other = {str(i): given[method] for i, given in enumerate(alone)
                 if json.dumps(given[method]) != json.dumps(one_row(found[method], i))}
        if other:
            found[method]["alone"] = other
        try:
            scale = scale_of(model, method, batch)
        except Exception:
            scale = None
        if scale is not None:
            found[method]["scale"] = scale
    return [json_cell(row) for row in kept], refused, found


def record(case, env, folder):
    model = case.build(VERSION)
    try:
        import skops  # noqa: F401
        has_skops = True
    except ImportError:
        has_skops = False
    container = container_of(case, has_skops)
    try:
        path = save(model, container, folder / case.name)
        loaded = load(path)
    except Exception:
        if container != "skops":
            raise
        (folder / f"{case.name}.skops").unlink()  # skops does not know every object
        container = "pickle4"
        path = save(model, container, folder / case.name)
        loaded = load(path)
    rows, refused, methods = measure(case, loaded)
    dimension = case.columns or (len(case.rows[0]) if case.kind in ("matrix", "cells") else 1)
    golden = {
        "case": case.name, "family": case.family, "env": env, "sklearn": sklearn.__version__, "numpy": np.__version__,
        "file": path.name, "container": container, "estimator": f"{type(model).__module__}.{type(model).__name__}",
        "classes": classes_of(model),
        "input": {"kind": case.kind, "columns": dimension, "null": case.marker, "dtype": np.dtype(case.dtype).name},
        "exactness": exactness_of(case, methods), **({"tolerance": case.tolerance} if case.tolerance else {}),
        "rows": rows, "refused": refused, "methods": methods,
    }
    return golden


def close(again, stored, tolerance):
    """Equal; where BLAS and libm have a say, which they do by the machine's CPU, within the tolerance of the row's largest number."""
    if isinstance(stored, list):
        if not isinstance(again, list) or len(again) != len(stored):
            return False
        scale = max([abs(v) for v in stored if isinstance(v, float) and math.isfinite(v)] or [1.0])
        return all(close(a, b, tolerance) or (tolerance and isinstance(a, float) and isinstance(b, float) and abs(a - b) <= tolerance * max(1.0, scale))
                   for a, b in zip(again, stored))
    if type(again) is not type(stored):
        return False
    return again == stored or (tolerance > 0 and isinstance(stored, float) and abs(again - stored) <= tolerance * max(1.0, abs(stored)))


def is_finite(value):
    if isinstance(value, list):
        return all(is_finite(each) for each in value)
    return value is not None and value not in ("Infinity", "-Infinity")


def overflown(stored):
    """Rows whose sums are beyond what a number holds: their order, which is the machine's, decides between infinite and NaN, and for a class."""
    outputs = [output for name, method in stored["methods"].items() if stored["exactness"][name] != "exact" for output in method.get("outputs", [method])]
    return {row for output in outputs if output["dtype"].startswith("float") for row, value in enumerate(output["values"]) if not is_finite(value)}


def differences(stored, rows, refused, methods):
    """What the library answers now beside what is stored; the model's file is the stored one."""
    found = [] if rows == stored["rows"] and [r["input"] for r in refused] == [r["input"] for r in stored["refused"]] else ["refusals"]
    beyond = overflown(stored)
    for name, method in stored["methods"].items():
        exactness = stored["exactness"][name]
        for old, new in zip(method.get("outputs", [method]), methods[name].get("outputs", [methods[name]])):
            # Some roundings to 32 bits are as near as it gets.
            near = 5e-7 if old["dtype"] == "float32" else 1e-9
            tolerance = {"exact": 0.0, "near": near, "loose": max(near, 10 * stored.get("tolerance", 1e-9))}[exactness]
            same = lambda row, a, b: close(a, b, tolerance) or (row in beyond and exactness != "exact" and (isinstance(b, str) or not is_finite(a)))
            if old["dtype"] != new["dtype"] or not all(same(row, a, b) for row, (a, b) in enumerate(zip(new["values"], old["values"]))):
                found.append(name)
    return found


def unpacked(path):
    return json.loads(gzip.decompress(path.read_bytes()))


def packed(golden):
    text = json.dumps(golden, ensure_ascii=True, allow_nan=False, separators=(",", ":"), default=json_cell)
    buffer = io.BytesIO()
    with gzip.GzipFile(fileobj=buffer, mode="wb", compresslevel=9, mtime=0) as file:
        file.write(text.encode())
    return buffer.getvalue()


def check(case, stored):
    golden = unpacked(stored / f"{case.name}.json.gz")
    rows, refused, methods = measure(case, load(stored / golden["file"]))
    return differences(golden, rows, refused, methods)


def remove(folder, name):
    for end in ("pkl", "joblib", "skops", "json.gz"):
        if (folder / f"{name}.{end}").exists():
            (folder / f"{name}.{end}").unlink()


def where(error):
    at = traceback.extract_tb(error.__traceback__)[-1]
    return f"{refusal(error)} ({pathlib.Path(at.filename).name}:{at.lineno})"


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--env", required=True)
    parser.add_argument("--only")
    parser.add_argument("--check", action="store_true", help="ask the stored files again and compare")
    options = parser.parse_args()
    import cases as case_table
    folder = HERE / "recorded" / options.env
    folder.mkdir(parents=True, exist_ok=True)
    chosen = [c for c in case_table.CASES if c.runs_in(options.env, VERSION) and (not options.only or options.only in c.name)]
    bad = skipped = 0
    for case in chosen:
        try:
            if options.check:
                if options.env in OLD and not (folder / f"{case.name}.json.gz").exists():
                    skipped += 1
                    continue
                found = check(case, folder)
                bad += len(found) > 0
                if found:
                    print(f"{options.env} DIFFERS {case.name}: {', '.join(found)}", flush=True)
                continue
            remove(folder, case.name)
            golden = record(case, options.env, folder)
            (folder / f"{case.name}.json.gz").write_bytes(packed(golden))
        except Exception as error:
            bad += options.env not in OLD
            skipped += options.env in OLD
            print(f"{options.env} {'skip' if options.env in OLD else 'BAD '} {case.name}: {where(error)}", flush=True)
            if not options.check:
                remove(folder, case.name)
    if not options.check and not options.only:
        names = {case.name for case in chosen}
        for golden in folder.glob("*.json.gz"):
            if golden.name[:-8] not in names:
                remove(folder, golden.name[:-8])
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{options.env}: {len(chosen) - skipped} cases, {bad} bad, {size / 1e6:.2f} MB", flush=True)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
