"""Trains the models that `bench/predict.ts` compares on, and the rows that they are asked: make_models.py FOLDER [large]

Written: NAME.pkl, the boosters' own files, NAME.onnx where skl2onnx is there, rows.f64 (4,096 × 20 doubles, row-major), and for `large` a joblib file of
about 200 MB. Everything is seeded.
"""
import pathlib
import pickle
import sys

import joblib
import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

WIDTH = 20
folder = pathlib.Path(sys.argv[1])


def training(rows):
    random = np.random.default_rng(1)
    x = random.standard_normal((rows, WIDTH))
    y = x[:, 0] * x[:, 1] + np.sin(x[:, 2] * 3) * 4 + x[:, 3:].sum(axis=1) + random.standard_normal(rows) * 2
    return x, y


def forest(trees, depth, rows):
    x, y = training(rows)
    model = RandomForestRegressor(trees, max_depth=depth, max_features=6, n_jobs=-1, random_state=2).fit(x, y)
    model.n_jobs = 1
    return model


def write(name, model):
    (folder / f"{name}.pkl").write_bytes(pickle.dumps(model, protocol=5))


def write_onnx(name, model):
    try:
        from skl2onnx import to_onnx
        from skl2onnx.common.data_types import FloatTensorType
    except ImportError:
        return
    onnx = to_onnx(model, initial_types=[("x", FloatTensorType([None, WIDTH]))])
    (folder / f"{name}.onnx").write_bytes(onnx.SerializeToString())


if sys.argv[2:] == ["large"]:
    joblib.dump(forest(100, None, 23_500), folder / "large.joblib")
    sys.exit()

np.random.default_rng(3).standard_normal((4096, WIDTH)).tofile(folder / "rows.f64")
for name, depth in (("forest10", 10), ("forest20", 20)):
    model = forest(100, depth, 20_000)
    write(name, model)
    write_onnx(name, model)
write("forest5mb", forest(40, 10, 20_000))
x, y = training(20_000)
write("histogram", HistGradientBoostingRegressor(max_iter=100, random_state=2).fit(x, y))
try:
    from xgboost import XGBRegressor

    model = XGBRegressor(n_estimators=100, n_jobs=1, random_state=2).fit(x, y)
    write("xgboost", model)
    model.save_model(folder / "xgboost.ubj")
except ImportError:
    pass
try:
    from lightgbm import LGBMRegressor

    model = LGBMRegressor(n_estimators=100, n_jobs=1, random_state=2, verbose=-1).fit(x, y)
    write("lightgbm", model)
    model.booster_.save_model(folder / "lightgbm.txt")
except ImportError:
    pass
