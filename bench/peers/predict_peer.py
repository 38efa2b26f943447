"""The Python side of `bench/predict.ts`: a JSON command a line, a JSON answer a line.

open: loads a model, writes what it answers for all rows as doubles to `out`, and keeps it under `name`.
run:  repeats one way of asking for some seconds; the answer is how many rows (or loads) that were.
"""
import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import json
import pathlib
import pickle
import sys
import time
import warnings

import joblib
import numpy as np
import sklearn

warnings.filterwarnings("ignore")
WIDTH = 20
opened = {}


def records(path):
    return [json.loads(line) for line in pathlib.Path(path).read_text().splitlines()]


def open_linear(model, rows):
    vectorizer, linear = pickle.loads(pathlib.Path(model).read_bytes())
    rows = records(rows)
    ways = {
        "batch": lambda: linear.predict(vectorizer.transform(rows)),
        "one": lambda row: linear.predict(vectorizer.transform(rows[row : row + 1])),
    }
    return len(rows), ways


def open_one_hot_forest(model, rows):
    pipeline = pickle.loads(pathlib.Path(model).read_bytes())
    forest = pipeline[-1]
    forest.n_jobs = 1
    rows = records(rows)
    sparse = pipeline[:-1].transform(rows)
    one = [sparse[row] for row in range(len(rows))]
    ways = {
        "batch": lambda: forest.predict(sparse),
        "one": lambda row: forest.predict(one[row]),
        "batch from dicts": lambda: pipeline.predict(rows),
        "one from dicts": lambda row: pipeline.predict(rows[row : row + 1]),
    }
    return len(rows), ways


def open_dense(model, rows):
    model = pickle.loads(pathlib.Path(model).read_bytes())
    rows = np.fromfile(rows).reshape(-1, WIDTH)
    ways = {"batch": lambda: model.predict(rows), "one": lambda row: model.predict(rows[row : row + 1])}
    return len(rows), ways


def open_onnx(model, rows):
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    rows = np.fromfile(rows).reshape(-1, WIDTH).astype(np.float32)
    ways = {
        "batch": lambda: session.run(None, {"x": rows})[0].ravel(),
        "one": lambda row: session.run(None, {"x": rows[row : row + 1]})[0],
    }
    return len(rows), ways


def open_file(model, rows):
    data = pathlib.Path(model).read_bytes()
    return 1, {"batch": lambda: np.array([len(pickle.loads(data).estimators_)])}


openers = {
    "linear": open_linear,
    "one-hot forest": open_one_hot_forest,
    "dense": open_dense,
    "onnx": open_onnx,
    "file": open_file,
}


def answer(command):
    if command["do"] == "open":
        count, ways = openers[command["kind"]](command["model"], command["rows"])
        opened[command["name"]] = (count, ways)
        np.asarray(ways["batch"](), dtype=np.float64).tofile(command["out"])
        return {"rows": count}
    count, ways = opened[command["name"]]
    call = ways[command["way"]]
    done = 0
    start = time.perf_counter()
    end = start + command["seconds"]
    if command["way"].startswith("one"):
        while time.perf_counter() < end:
            call(done % count)
            done += 1
    else:
        while time.perf_counter() < end:
            call()
            done += count
    return {"rows": done, "seconds": time.perf_counter() - start}


print(json.dumps({"sklearn": sklearn.__version__}), flush=True)
for line in sys.stdin:
    try:
        result = answer(json.loads(line))
    except Exception as error:
        result = {"error": f"{type(error).__name__}: {error}"}
    print(json.dumps(result), flush=True)
