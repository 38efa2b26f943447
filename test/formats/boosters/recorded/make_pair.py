"""A vectorizer and its booster as two files, the way that the course's notebooks log them: run in the environment xgb341."""
import json
import pathlib
import pickle

import numpy as np
import xgboost as xgb
from sklearn.feature_extraction import DictVectorizer

HERE = pathlib.Path(__file__).parent
rng = np.random.RandomState(0)
rides = [{"PU_DO": f"{rng.randint(1, 9)}_{rng.randint(1, 5)}", "trip_distance": round(float(rng.gamma(2, 2)), 2)} for _ in range(120)]
minutes = np.array([ride["trip_distance"] * 4 + len(ride["PU_DO"]) + rng.rand() for ride in rides])
vectorizer = DictVectorizer()
matrix = vectorizer.fit_transform(rides)
booster = xgb.train({"max_depth": 3, "eta": 0.4, "nthread": 1, "seed": 0}, xgb.DMatrix(matrix, minutes), 5)
(HERE / "vectorizer.b").write_bytes(pickle.dumps(vectorizer, protocol=4))
booster.save_model(str(HERE / "booster.json"))
rows = rides[:20] + [{"PU_DO": "77_77", "trip_distance": 3.5}, {"trip_distance": 0.0}, {"PU_DO": "1_1"}]
answers = booster.predict(xgb.DMatrix(vectorizer.transform(rows))).astype(float)
(HERE / "pair.json").write_text(json.dumps({"xgboost": xgb.__version__, "rows": rows, "predict": answers.tolist()}))
