"""Fits scikit-learn's models to rows that lie in files, a command a line.

in:  {"do": "load", "name": …, "folder": …, "dense": bool}          out: {}
     {"do": "fit", "name": …, "model": …, "params": {…}}            out: {"seconds": …, "score": …}

A folder holds train/ and valid/, each with starts, columns (int32), values, targets (float64) as plain bytes, and width.
"score" is the root mean squared error on the validation rows, of a classifier the log loss.
"""
import json
import sys
import time

import numpy as np
import scipy.sparse as sp
import sklearn
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge
from sklearn.metrics import log_loss

MODELS = {m.__name__: m for m in (RandomForestClassifier, RandomForestRegressor, LinearRegression, Ridge)}
loaded = {}


def part(folder, dense):
    read = lambda name, kind: np.fromfile(f"{folder}/{name}", dtype=kind)
    starts = read("starts", np.int32)
    shape = (len(starts) - 1, int(read("width", np.int32)[0]))
    x = sp.csr_matrix((read("values", np.float64), read("columns", np.int32), starts), shape=shape)
    return x.toarray() if dense else x, read("targets", np.float64)


def answer(ask):
    if ask["do"] == "load":
        loaded[ask["name"]] = [part(f"{ask['folder']}/{each}", ask["dense"]) for each in ("train", "valid")]
        return {}
    (x, y), (vx, vy) = loaded[ask["name"]]
    model = MODELS[ask["model"]](**ask["params"])
    start = time.perf_counter()
    model.fit(x, y)
    seconds = time.perf_counter() - start
    if hasattr(model, "predict_proba"):
        score = log_loss(vy, model.predict_proba(vx), labels=model.classes_)
    else:
        score = float(np.sqrt(np.mean((model.predict(vx) - vy) ** 2)))
    return {"seconds": seconds, "score": score}


print(json.dumps({"sklearn": sklearn.__version__}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
