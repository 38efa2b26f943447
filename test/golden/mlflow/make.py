"""Writes model folders as several releases of MLflow write them, with input examples and Python's answers to those.

    python3 test/golden/mlflow/make.py                 # every release below: a throw-away venv each, then its folders
    python3 test/golden/mlflow/make.py --record OUT    # inside of such a venv
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
OLD = ["scikit-learn==1.0.2", "numpy==1.21.6", "pandas==1.3.5", "scipy==1.7.3", "xgboost==1.6.2", "protobuf<3.21", "setuptools<70"]
RELEASES = {
    "m126": ("3.8", ["mlflow-skinny==1.26.1", "lightgbm==3.3.2", *OLD]),
    "m130": ("3.8", ["mlflow-skinny==1.30.0", "lightgbm==3.3.5", *OLD]),
    "m20": ("3.9", ["mlflow-skinny==2.0.1", "scikit-learn==1.1.3", "numpy==1.23.5", "pandas==1.5.3", "scipy==1.9.3", "lightgbm==3.3.5", "xgboost==1.7.6", "protobuf<3.21", "setuptools<70"]),
    "m29": ("3.10", ["mlflow-skinny==2.9.2", "scikit-learn==1.3.2", "numpy==1.26.4", "pandas==2.1.4", "scipy==1.11.4", "lightgbm==4.1.0", "xgboost==1.7.6", "setuptools<70"]),
    "m222": ("3.12", ["mlflow-skinny==2.22.1", "scikit-learn==1.5.1", "numpy==1.26.4", "pandas==2.2.2", "scipy==1.14.0", "lightgbm==4.5.0", "xgboost-cpu==3.0.5", "setuptools"]),
    "m3": ("3.12", ["mlflow-skinny==3.4.0", "scikit-learn==1.6.1", "numpy==2.2.6", "pandas==2.2.3", "scipy==1.15.3", "lightgbm==4.6.0", "xgboost-cpu==3.0.5", "skops==0.11.0"]),
}
ENVIRONMENT_FILES = ("conda.yaml", "python_env.yaml", "requirements.txt", "environment_variables.txt", "metadata")


def record(out):
    import lightgbm
    import mlflow.lightgbm
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
    answers = {}

    def save(name, library, model, answered, **options):
        folder = out / name
        options.setdefault("input_example", example)
        library.save_model(model, str(folder), pip_requirements=["mlflow"], **options)
        for file in ENVIRONMENT_FILES:
            path = folder / file
            shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink() if path.exists() else None
        answers[name] = [float(value) for value in np.asarray(answered).ravel()]

    forest = RandomForestRegressor(3, max_depth=3, random_state=0).fit(rows, truth)
    save("sklearn", mlflow.sklearn, forest, forest.predict(example), signature=signature)
    save("sklearn-cloudpickle", mlflow.sklearn, forest, forest.predict(example), serialization_format="cloudpickle")
    linear = LinearRegression().fit(rows.values, truth)
    array = rows.values[:3]
    save("sklearn-array", mlflow.sklearn, linear, linear.predict(array), serialization_format="pickle", input_example=array)
    booster = xgboost.train({"max_depth": 2}, xgboost.DMatrix(rows, label=truth), 3)
    save("xgboost", mlflow.xgboost, booster, booster.predict(xgboost.DMatrix(example)), signature=signature)
    wrapper = xgboost.XGBRegressor(n_estimators=3, max_depth=2).fit(rows, truth)
    save("xgboost-sklearn", mlflow.xgboost, wrapper, wrapper.predict(example), signature=signature)
    options = {"num_leaves": 4, "verbose": -1, "min_data_in_leaf": 2}
    booster = lightgbm.train(options, lightgbm.Dataset(rows, label=truth), 3)
    save("lightgbm", mlflow.lightgbm, booster, booster.predict(example), signature=signature)
    wrapper = lightgbm.LGBMRegressor(n_estimators=3, num_leaves=4, verbose=-1).fit(rows, truth)
    save("lightgbm-sklearn", mlflow.lightgbm, wrapper, wrapper.predict(example), signature=signature)
    (out / "recorded.json").write_text(json.dumps(answers))


def main():
    if sys.argv[1:2] == ["--record"]:
        return record(pathlib.Path(sys.argv[2]))
    for name, (python, pins) in RELEASES.items():
        with tempfile.TemporaryDirectory() as venv:
            root = os.environ.get("PYENV_ROOT", str(pathlib.Path.home() / ".pyenv"))
            [found, *_] = sorted(pathlib.Path(root, "versions").glob(f"{python}.*/bin/python"))
            subprocess.run([found, "-m", "venv", venv], check=True)
            subprocess.run([f"{venv}/bin/python", "-m", "pip", "install", "--quiet", *pins], check=True)
            out = HERE / "recorded" / name
            shutil.rmtree(out, ignore_errors=True)
            out.mkdir(parents=True)
            subprocess.run([f"{venv}/bin/python", __file__, "--record", str(out)], check=True)


main()
