"""Writes model folders as one release of MLflow writes them, with input examples and Python's answers to those.

Runs in an environment of pins.json, started by make.py:  record_folders.py --env m126 [--only NAME] [--check]
With --check the stored folders are loaded by `mlflow.pyfunc` and asked again; nothing is written.
"""
import argparse
import json
import logging
import pathlib
import pickle
import shutil
import sys
import tempfile
import warnings

HERE = pathlib.Path(__file__).resolve().parent
ENVIRONMENT_FILES = ("conda.yaml", "python_env.yaml", "requirements.txt", "environment_variables.txt", "metadata")
# float32 arithmetic may differ in the last digits between CPUs.
TOLERANCE = 1e-6


def linear_onnx(weights, intercept):
    """Three columns, each an input of its own name and of one dimension: so MLflow gives it the columns of a table."""
    from onnx import TensorProto, helper

    columns = [helper.make_tensor_value_info(name, TensorProto.DOUBLE, [None]) for name in "abc"]
    nodes = [
        *[helper.make_node("Unsqueeze", [name, "axis"], [f"{name}_column"]) for name in "abc"],
        helper.make_node("Concat", [f"{name}_column" for name in "abc"], ["X"], axis=1),
        helper.make_node("MatMul", ["X", "weights"], ["scores"]),
        helper.make_node("Add", ["scores", "intercept"], ["variable"]),
    ]
    constants = [
        helper.make_tensor("axis", TensorProto.INT64, [1], [1]),
        helper.make_tensor("weights", TensorProto.DOUBLE, [3, 1], weights),
        helper.make_tensor("intercept", TensorProto.DOUBLE, [1], [intercept]),
    ]
    answer = helper.make_tensor_value_info("variable", TensorProto.DOUBLE, [None, 1])
    graph = helper.make_graph(nodes, "linear", columns, [answer], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def matrix_onnx(weights, intercept):
    """One float32 matrix, as converted models take it."""
    from onnx import TensorProto, helper

    nodes = [helper.make_node("Gemm", ["X", "weights", "intercept"], ["variable"])]
    constants = [
        helper.make_tensor("weights", TensorProto.FLOAT, [3, 1], weights),
        helper.make_tensor("intercept", TensorProto.FLOAT, [1], [intercept]),
    ]
    rows = helper.make_tensor_value_info("X", TensorProto.FLOAT, [None, 3])
    answer = helper.make_tensor_value_info("variable", TensorProto.FLOAT, [None, 1])
    graph = helper.make_graph(nodes, "linear", [rows], [answer], constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7)


def answers_of(predicted):
    import numpy as np
    import pandas as pd

    if isinstance(predicted, dict):
        [predicted] = predicted.values()
    if isinstance(predicted, pd.DataFrame):
        predicted = predicted.values
    return [float(value) for value in np.asarray(predicted).ravel()]


def record(out, only):
    import lightgbm
    import mlflow.lightgbm
    import mlflow.onnx
    import mlflow.pyfunc
    import mlflow.sklearn
    import mlflow.xgboost
    import numpy as np
    import pandas as pd
    import xgboost
    from mlflow.models.signature import infer_signature
    from sklearn.ensemble import RandomForestRegressor
    from sklearn.linear_model import LinearRegression

    random = np.random.RandomState(0)
    rows = pd.DataFrame({"a": random.rand(60), "b": random.rand(60) * 10, "c": random.randint(0, 5, 60).astype("int64")})
    truth = rows.a * 2 + rows.b
    signature, example = infer_signature(rows, truth.values), rows.head(3)
    answers = json.loads((out / "recorded.json").read_text()) if (out / "recorded.json").exists() else {}

    def save(name, library, model, answered, **options):
        if only not in name:
            return
        folder = out / name
        shutil.rmtree(folder, ignore_errors=True)
        options.setdefault("input_example", example)
        arguments = {} if model is None else {NAMES.get(library.__name__, "model"): model}
        library.save_model(path=str(folder), pip_requirements=["mlflow"], **arguments, **options)
        for file in ENVIRONMENT_FILES:
            path = folder / file
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink() if path.exists() else None
        answers[name] = answers_of(answered)

    forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(rows, truth)
    save("sklearn", mlflow.sklearn, forest, forest.predict(example), signature=signature)
    save("sklearn-cloudpickle", mlflow.sklearn, forest, forest.predict(example), serialization_format="cloudpickle")
    linear = LinearRegression().fit(rows.values, truth)
    array = rows.values[:3]
    save("sklearn-array", mlflow.sklearn, linear, linear.predict(array), serialization_format="pickle", input_example=array)
    with tempfile.TemporaryDirectory() as scratch:
        file = pathlib.Path(scratch, "model.pkl")
        file.write_bytes(pickle.dumps(forest))
        only_python = {"loader_module": "mlflow.sklearn", "data_path": str(file), "signature": signature}
        save("pyfunc-sklearn", mlflow.pyfunc, None, forest.predict(example), **only_python)
    booster = xgboost.train({"max_depth": 2}, xgboost.DMatrix(rows, label=truth), 3)
    save("xgboost", mlflow.xgboost, booster, booster.predict(xgboost.DMatrix(example)), signature=signature)
    wrapper = xgboost.XGBRegressor(n_estimators=3, max_depth=2).fit(rows, truth)
    save("xgboost-sklearn", mlflow.xgboost, wrapper, wrapper.predict(example), signature=signature)
    options = {"num_leaves": 4, "verbose": -1, "min_data_in_leaf": 2}
    booster = lightgbm.train(options, lightgbm.Dataset(rows, label=truth), 3)
    save("lightgbm", mlflow.lightgbm, booster, booster.predict(example), signature=signature)
    wrapper = lightgbm.LGBMRegressor(n_estimators=3, num_leaves=4, verbose=-1).fit(rows, truth)
    save("lightgbm-sklearn", mlflow.lightgbm, wrapper, wrapper.predict(example), signature=signature)
    # ONNX Runtime takes exactly the types of the graph: a table of doubles, a matrix of float32.
    doubles = rows.astype("float64")
    weights, intercept = linear.coef_.tolist(), float(linear.intercept_)
    signature = infer_signature(doubles, truth.values)
    answered = linear.predict(doubles.values[:3])
    columns = {"signature": signature, "input_example": doubles.head(3)}
    save("onnx-columns", mlflow.onnx, linear_onnx(weights, intercept), answered, **columns)
    floats = rows.values.astype("float32")
    matrix = {"signature": infer_signature(floats, truth.values.astype("float32")), "input_example": floats[:3]}
    save("onnx-matrix", mlflow.onnx, matrix_onnx(weights, intercept), answered, **matrix)
    (out / "recorded.json").write_text(json.dumps(answers))


NAMES = {"mlflow.sklearn": "sk_model", "mlflow.xgboost": "xgb_model", "mlflow.lightgbm": "lgb_model", "mlflow.onnx": "onnx_model"}


def example_of(folder):
    """As it was given: `split` with columns is a table, without them a matrix of the signature's type."""
    import numpy as np
    import pandas as pd

    text = json.loads((folder / "input_example.json").read_text())
    if isinstance(text, dict) and "columns" in text and "data" in text:
        rows = pd.DataFrame(text["data"], columns=text["columns"])
        return rows.astype("float64") if folder.name.startswith("onnx") else rows
    rows = text["inputs"] if isinstance(text, dict) and "inputs" in text else text
    return np.array(rows, dtype="float32" if folder.name.startswith("onnx") else "float64")


def check(out, only):
    import mlflow.pyfunc

    recorded = json.loads((out / "recorded.json").read_text())
    wrong = []
    for name, expected in recorded.items():
        if only not in name:
            continue
        answered = answers_of(mlflow.pyfunc.load_model(str(out / name)).predict(example_of(out / name)))
        same = len(answered) == len(expected) and all(
            abs(now - then) <= TOLERANCE * max(1, abs(then)) for now, then in zip(answered, expected)
        )
        if not same:
            wrong.append(name)
    return wrong, len(recorded)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--env", required=True)
    parser.add_argument("--only", default="")
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    out = HERE / "recorded" / options.env
    if options.check:
        wrong, count = check(out, options.only)
        print(f"{options.env}: {count} folders asked again, {len(wrong)} differ {' '.join(wrong)}", flush=True)
        return 1 if wrong else 0
    out.mkdir(parents=True, exist_ok=True)
    record(out, options.only)
    print(f"{options.env}: recorded", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
