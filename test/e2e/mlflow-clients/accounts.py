# Accounts, rights and tokens as MLflow's AuthServiceClient asks for them; it is read without the package around it, which is a
# server's and wants Flask's extensions. Prints what it saw as JSON.
import json
import os
import sys
import types

import mlflow
import mlflow.server

package = types.ModuleType("mlflow.server.auth")
package.__path__ = [os.path.join(os.path.dirname(mlflow.server.__file__), "auth")]
sys.modules["mlflow.server.auth"] = package
from mlflow.server.auth.client import AuthServiceClient  # noqa: E402
from mlflow.utils.credentials import get_default_host_creds  # noqa: E402
from mlflow.utils.rest_utils import http_request  # noqa: E402

uri, password = sys.argv[1:3]
os.environ["MLFLOW_TRACKING_USERNAME"] = "admin"
os.environ["MLFLOW_TRACKING_PASSWORD"] = password
mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
auth = AuthServiceClient(uri)
seen = {}


def ask(method, path, **more):
    answer = http_request(get_default_host_creds(uri), path, method, **more)
    assert answer.status_code == 200, answer.text
    return answer.json()


auth.create_user("ann", "password-of-ann")
seen["user"] = [auth.get_user("ann").username, auth.get_user("ann").is_admin]
seen["users"] = sorted(user["username"] for user in ask("GET", "/api/2.0/mlflow/users/list")["users"])
seen["current"] = ask("GET", "/api/2.0/mlflow/users/current")["user"]["username"]
experiment = client.create_experiment("secret")
client.create_registered_model("secret")
if hasattr(auth, "create_experiment_permission"):
    auth.create_experiment_permission(experiment, "ann", "READ")
    auth.update_experiment_permission(experiment, "ann", "EDIT")
    seen["experiment"] = auth.get_experiment_permission(experiment, "ann").permission
    auth.delete_experiment_permission(experiment, "ann")
    auth.create_registered_model_permission("secret", "ann", "READ")
    auth.update_registered_model_permission("secret", "ann", "EDIT")
    seen["model"] = auth.get_registered_model_permission("secret", "ann").permission
    auth.delete_registered_model_permission("secret", "ann")
    auth.update_user_password("ann", "another-password")
else:
    auth.grant_user_permission("ann", "experiment", experiment, "EDIT")
    seen["experiment"] = auth.get_user_permission("ann", "experiment", experiment).permission
    auth.revoke_user_permission("ann", "experiment", experiment)
    auth.grant_user_permission("ann", "registered_model", "secret", "EDIT")
    seen["model"] = auth.get_user_permission("ann", "registered_model", "secret").permission
    auth.revoke_user_permission("ann", "registered_model", "secret")
    auth.update_user_password("ann", "another-password", current_password="password-of-ann")
auth.update_user_admin("ann", True)
made = ask("POST", "/api/2.0/trimaran/tokens/create", json={"username": "ann", "note": "for a test"})
del os.environ["MLFLOW_TRACKING_USERNAME"], os.environ["MLFLOW_TRACKING_PASSWORD"]
os.environ["MLFLOW_TRACKING_TOKEN"] = made["token"]
seen["token"] = ask("GET", "/api/2.0/mlflow/users/current")["user"]["username"]
tokens = ask("GET", "/api/2.0/trimaran/tokens/list", params={"username": "ann"})["tokens"]
seen["tokens"] = [each["note"] for each in tokens]
del os.environ["MLFLOW_TRACKING_TOKEN"]
os.environ["MLFLOW_TRACKING_USERNAME"] = "admin"
os.environ["MLFLOW_TRACKING_PASSWORD"] = password
ask("DELETE", "/api/2.0/trimaran/tokens/delete", json={"token_id": tokens[0]["token_id"]})
seen["left"] = ask("GET", "/api/2.0/trimaran/tokens/list", params={"username": "ann"}).get("tokens", [])
auth.delete_user("ann")
print(json.dumps(seen, sort_keys=True))
