# Loads models with MLflow's own flavours and answers rows: argv 1 the rows as JSON, then the URIs.
import json
import sys
import warnings

warnings.filterwarnings("ignore")

import mlflow
import numpy as np
import pandas as pd

rows = json.loads(sys.argv[1])


def plain(value):
    if isinstance(value, (np.bool_, bool)):
        return bool(value)
    if isinstance(value, str):
        return value
    return repr(float(value))


def ask(uri):
    onnx_model = mlflow.onnx.load_model(uri)
    model = mlflow.pyfunc.load_model(uri)
    columns = [field.name for field in model.metadata.get_input_schema().inputs]
    # MLflow does not take whole numbers for doubles, so the columns are made what the signature says.
    frame = pd.DataFrame([{name: row[name] for name in columns} for row in rows])
    frame = frame.astype({field.name: float for field in model.metadata.get_input_schema().inputs if field.type.name == "double"})
    answers = model.predict(frame)
    texts = {name: any(isinstance(row[name], str) for row in rows) for name in columns}
    # A dictionary of vectors too, where there are several features.
    feeds = {name: np.array([row[name] for row in rows], dtype=object if texts[name] else np.float64) for name in columns}
    if len(onnx_model.graph.input) > 1:
        by_vector = model._model_impl.predict(feeds)
    else:
        by_vector = model._model_impl.predict(np.array([[row[name] for name in columns] for row in rows], dtype=np.float64))
    example = model.predict(model.input_example)
    return {
        "columns": columns,
        "answers": {name: [plain(value) for value in answers[name]] for name in answers},
        "vectors": {name: [plain(value) for value in np.asarray(part).reshape(-1)] for name, part in by_vector.items()},
        "example_rows": len(example),
        "flavors": sorted(model.metadata.flavors),
        "run_id": model.metadata.run_id,
    }


print(json.dumps([ask(uri) for uri in sys.argv[2:]]))
