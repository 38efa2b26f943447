# MLflow's own clients against a server with accounts; prints one line of JSON. AuthServiceClient is read without the package
# around it, which is a server's and wants Flask's extensions.
import json
import os
import sys
import types

import mlflow
import mlflow.server
from mlflow.exceptions import MlflowException

package = types.ModuleType("mlflow.server.auth")
package.__path__ = [os.path.join(os.path.dirname(mlflow.server.__file__), "auth")]
sys.modules["mlflow.server.auth"] = package
from mlflow.server.auth.client import AuthServiceClient  # noqa: E402

uri, password = sys.argv[1:3]
out = {}


def become(user=None, secret=None, token=None):
    for name, value in {"USERNAME": user, "PASSWORD": secret, "TOKEN": token}.items():
        if value is None:
            os.environ.pop(f"MLFLOW_TRACKING_{name}", None)
        else:
            os.environ[f"MLFLOW_TRACKING_{name}"] = value


def code(call):
    try:
        call()
    except MlflowException as error:
        return error.error_code
    return "done"


mlflow.set_tracking_uri(uri)
client = mlflow.MlflowClient()
auth = AuthServiceClient(uri)
become()
out["nobody"] = code(lambda: client.get_experiment("0"))
become("admin", "wrong-password")
out["wrong"] = code(lambda: client.get_experiment("0"))
become("admin", password)
user = auth.create_user("ann", "password-of-ann")
out["user"] = [user.username, user.is_admin]
out["taken"] = code(lambda: auth.create_user("ann", "password-of-ann"))
out["short"] = code(lambda: auth.create_user("bob", "short"))
out["unknown"] = code(lambda: auth.get_user("nobody"))
experiment = client.create_experiment("secret")
run = client.create_run(experiment)
client.log_text(run.info.run_id, "hello", "a.txt")
client.create_registered_model("secret")
become("ann", "password-of-ann")
out["denied"] = [
    code(lambda: client.get_experiment(experiment)),
    code(lambda: client.get_run(run.info.run_id)),
    code(lambda: client.get_registered_model("secret")),
    code(lambda: auth.create_user("eve", "password-of-eve")),
]
out["seen"] = [
    [each.name for each in client.search_experiments()],
    [each.name for each in client.search_registered_models()],
    len(client.search_runs([experiment])),
]
become("admin", password)
is_new = not hasattr(auth, "create_experiment_permission")
if is_new:
    auth.grant_user_permission("ann", "experiment", experiment, "READ")
    auth.grant_user_permission("ann", "registered_model", "secret", "EDIT")
    granted = auth.get_user_permission("ann", "experiment", experiment)
    out["granted"] = granted.permission
else:
    auth.create_experiment_permission(experiment, "ann", "READ")
    auth.create_registered_model_permission("secret", "ann", "READ")
    auth.update_registered_model_permission("secret", "ann", "EDIT")
    out["granted"] = auth.get_experiment_permission(experiment, "ann").permission
become("ann", "password-of-ann")
out["read"] = [
    client.get_experiment(experiment).name,
    client.list_artifacts(run.info.run_id)[0].path,
    mlflow.artifacts.load_text(f"{run.info.artifact_uri}/a.txt"),
    code(lambda: client.log_metric(run.info.run_id, "m", 1)),
    code(lambda: client.set_registered_model_tag("secret", "a", "b")),
    code(lambda: client.delete_registered_model("secret")),
]
out["own"] = client.get_experiment(client.create_experiment("ann's")).name
if is_new:
    out["password"] = code(lambda: auth.update_user_password("ann", "new-password-1", current_password="password-of-ann"))
else:
    out["password"] = code(lambda: auth.update_user_password("ann", "new-password-1"))
out["old"] = code(lambda: client.get_experiment(experiment))
become(token=sys.argv[3])
out["token"] = [client.get_experiment(experiment).name, code(lambda: client.log_metric(run.info.run_id, "m", 1))]
become("admin", password)
auth.update_user_admin("ann", True)
out["admin"] = auth.get_user("ann").is_admin
if is_new:
    auth.revoke_user_permission("ann", "experiment", experiment)
else:
    auth.delete_experiment_permission(experiment, "ann")
    auth.delete_registered_model_permission("secret", "ann")
auth.delete_user("ann")
out["gone"] = code(lambda: auth.get_user("ann"))
print(json.dumps(out))
