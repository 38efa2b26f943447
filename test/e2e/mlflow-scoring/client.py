"""MLflow's own client of scoring servers, as spark_udf uses it: client.py PORT; prints one JSON object."""
import json
import sys

import numpy as np
import pandas as pd
from mlflow.pyfunc.scoring_server.client import ScoringServerClient

client = ScoringServerClient("127.0.0.1", int(sys.argv[1]))
client.wait_server_ready(timeout=10)
frame = pd.DataFrame({"a": [1.0, 0.5], "b": [2.0, -1.25], "n": [3, 4]})
frame.index = ["x", "y"]
seen = {"version": client.get_version()}
answer = client.invoke(frame)
seen["dataframe"] = answer.get_predictions().values.ravel().tolist()
seen["ndarray"] = np.asarray(answer.get_predictions("ndarray")).ravel().tolist()
seen["array"] = client.invoke([{"a": 1.0, "b": 2.0, "n": 3}]).get_predictions("ndarray").ravel().tolist()
try:
    client.invoke(frame.drop(columns="n"))
    seen["refusal"] = "none"
except Exception as error:
    seen["refusal"] = str(error)
try:
    seen["nan"] = client.invoke(frame.assign(b=[2.0, float("nan")])).get_predictions("ndarray").ravel().tolist()
except Exception as error:
    seen["nan"] = str(error)
print(json.dumps(seen))
