# MLflow's own client writes, lists, reads and deletes artifacts, in parts where the variables say so; prints one line of JSON.
import hashlib
import json
import os
import sys
import tempfile

import mlflow
from mlflow.artifacts import download_artifacts
from mlflow.exceptions import MlflowException
from mlflow.store.artifact.artifact_repository_registry import get_artifact_repository

mlflow.set_tracking_uri(sys.argv[1])
client = mlflow.MlflowClient()
out = {}
run = client.create_run("0")
run_id = run.info.run_id
root = run.info.artifact_uri
folder = tempfile.mkdtemp()
big = os.path.join(folder, "big é+%.bin")
with open(big, "wb") as file:
    file.write(os.urandom(12_000_003))


def digest(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


client.log_text(run_id, "hello", "d/a b.txt")
client.log_artifact(run_id, big, "d")
client.log_artifact(run_id, big)
out["files"] = [(info.path, info.is_dir, info.file_size) for info in client.list_artifacts(run_id, "d")]
local = download_artifacts(run_id=run_id, artifact_path="d", dst_path=folder)
out["same"] = digest(os.path.join(local, "big é+%.bin")) == digest(big)
out["text"] = open(os.path.join(local, "a b.txt")).read()
one = download_artifacts(run_id=run_id, artifact_path="big é+%.bin", dst_path=tempfile.mkdtemp())
out["one"] = digest(one) == digest(big)
try:
    download_artifacts(run_id=run_id, artifact_path="none.txt", dst_path=folder)
    out["missing"] = "found"
except Exception as error:
    out["missing"] = "refused"
repo = get_artifact_repository(root)
repo.delete_artifacts("d")
out["deleted"] = [info.path for info in client.list_artifacts(run_id)]
try:
    repo.delete_artifacts("../..")
    out["climbed"] = True
except Exception:
    out["climbed"] = False
out["scheme"] = root.split(":")[0]
print(json.dumps(out))
