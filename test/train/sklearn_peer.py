"""Fits scikit-learn's models to what stdin holds and writes what came of it to stdout, both as JSON.

in:  [{"model": "RandomForestRegressor", "params": {…}, "width": 3, "starts": […], "columns": […], "values": […],
       "dense": true, "targets": […], "weights": null, "valid": null or {"starts", "columns", "values", "targets"}}, …]
out: [{"trees": [{"feature", "threshold", "left", "right", "cover", "value"}], "importances", "predict"} or
      {"coefficients", "intercept", "predict"}, with "valid" {"rmse"}, …]
"""
import json
import sys

import numpy as np
import scipy.sparse as sp
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor
from sklearn.linear_model import LinearRegression, Ridge

MODELS = {m.__name__: m for m in (RandomForestClassifier, RandomForestRegressor, LinearRegression, Ridge)}


def tree_of(tree):
    return {
        "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(),
        "left": tree.children_left.tolist(),
        "right": tree.children_right.tolist(),
        "cover": tree.weighted_n_node_samples.tolist(),
        "value": tree.value.reshape(tree.node_count, -1).tolist(),
    }


def rows_of(case):
    shape = (len(case["starts"]) - 1, case["width"])
    x = sp.csr_matrix((np.array(case["values"], dtype=np.float64), case["columns"], case["starts"]), shape=shape)
    return x.toarray() if case["dense"] else x


def answer(case):
    x = rows_of(case)
    model = MODELS[case["model"]](**case["params"]).fit(x, np.array(case["targets"]), sample_weight=case["weights"])
    if case["valid"] is not None:
        valid = rows_of({**case, **case["valid"]})
        error = model.predict(valid) - np.array(case["valid"]["targets"])
        return {"rmse": float(np.sqrt(np.mean(error**2)))}
    if hasattr(model, "estimators_"):
        predict = model.predict_proba(x) if hasattr(model, "predict_proba") else model.predict(x)
        return {
            "trees": [tree_of(each.tree_) for each in model.estimators_],
            "importances": model.feature_importances_.tolist(),
            "predict": predict.tolist(),
        }
    return {
        "coefficients": model.coef_.tolist(),
        "intercept": float(model.intercept_),
        "predict": model.predict(x).tolist(),
    }


json.dump([answer(case) for case in json.load(sys.stdin)], sys.stdout)
