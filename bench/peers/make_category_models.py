"""Trains boosters with many category splits, and the rows that they are asked: make_category_models.py FOLDER

Written: categories-NAME.pkl, the boosters' own files, categories.f64 (4,096 × 20 doubles, row-major, of which the first six columns
hold one of 60 categories). Everything is seeded.
"""
import pathlib
import pickle
import sys

import numpy as np
from sklearn.ensemble import HistGradientBoostingRegressor

WIDTH = 20
CATEGORICAL = list(range(6))
folder = pathlib.Path(sys.argv[1])


def table(rows, seed):
    random = np.random.default_rng(seed)
    x = random.standard_normal((rows, WIDTH))
    for column in CATEGORICAL:
        x[:, column] = random.integers(0, 60, rows)
    return x, random


def training(rows):
    x, random = table(rows, 1)
    effects = np.random.default_rng(4).standard_normal((len(CATEGORICAL), 60)) * 2
    y = sum(effects[column][x[:, column].astype(int)] for column in CATEGORICAL)
    return x, y + x[:, 6] * x[:, 7] + np.sin(x[:, 8] * 3) * 2 + random.standard_normal(rows)


def write(name, model):
    (folder / f"categories-{name}.pkl").write_bytes(pickle.dumps(model, protocol=5))


table(4096, 3)[0].tofile(folder / "categories.f64")
x, y = training(20_000)
write("histogram", HistGradientBoostingRegressor(max_iter=100, random_state=2, categorical_features=CATEGORICAL).fit(x, y))
try:
    from xgboost import XGBRegressor

    kinds = ["c" if column in CATEGORICAL else "q" for column in range(WIDTH)]
    model = XGBRegressor(n_estimators=100, n_jobs=1, random_state=2, enable_categorical=True, feature_types=kinds).fit(x, y)
    write("xgboost", model)
    model.save_model(folder / "categories-xgboost.ubj")
except ImportError:
    pass
try:
    from lightgbm import LGBMRegressor

    model = LGBMRegressor(n_estimators=100, n_jobs=1, random_state=2, verbose=-1)
    model.fit(x, y, categorical_feature=CATEGORICAL)
    write("lightgbm", model)
    model.booster_.save_model(folder / "categories-lightgbm.txt")
except ImportError:
    pass
