# Logs two versions of a model to a store without a server: y = x and y = 2 x. With an alias: says which version it means.
import json
import sys

import mlflow
from mlflow.tracking import MlflowClient
from sklearn.linear_model import LinearRegression

mlflow.set_tracking_uri(sys.argv[1])
client = MlflowClient()
if len(sys.argv) > 2:
    print(json.dumps(str(client.get_model_version_by_alias("ride", sys.argv[2]).version)))
    sys.exit()
for slope in (1, 2):
    with mlflow.start_run():
        model = LinearRegression().fit([[1], [2], [5]], [slope * 1, slope * 2, slope * 5])
        mlflow.sklearn.log_model(model, name="model", registered_model_name="ride", serialization_format="cloudpickle")
client.set_registered_model_alias("ride", "champion", "1")
print(json.dumps("logged"))
