"""Trains a forest over numbers and a classifier of string labels, and prints rows with what scikit-learn answers.

  make_models.py FOLDER
"""
import json, pickle, sys

import numpy as np
from sklearn.ensemble import RandomForestClassifier, RandomForestRegressor

folder = sys.argv[1]
random = np.random.default_rng(0)
x = random.normal(size=(80, 4))
forest = RandomForestRegressor(n_estimators=5, max_depth=5, random_state=0).fit(x, x[:, 0] * 3 + x[:, 2])
labels = RandomForestClassifier(n_estimators=5, max_depth=4, random_state=0).fit(x, np.where(x[:, 0] + x[:, 1] > 0, "yes", "né"))
for name, model in (("forest", forest), ("labels", labels)):
    with open(f"{folder}/{name}.pkl", "wb") as file:
        pickle.dump(model, file)
rows = x[:3]
print(
    json.dumps(
        {
            "rows": rows.tolist(),
            "forest": forest.predict(rows).tolist(),
            "labels": labels.predict(rows).tolist(),
            "proba": labels.predict_proba(rows).tolist(),
        }
    )
)
