// MLflow's own clients and our artifact stores: through the server over a folder and over S3, in one piece and in parts, and to
// S3 without it; and accounts, as its AuthServiceClient asks for them.
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { makePythonEnvironment } from "../../../scripts/python-environment.ts";
import { s3Gateway, skipS3 } from "../../io/blobs/s3-gateway.ts";
import { accessServer, adminPassword } from "../../tracking/access-server.ts";
import { trackingServer } from "../../tracking/tracking-server.ts";
import { mlflowPeer } from "../mlflow-tracking/environments.ts";
import { clients, runPython } from "./run-python.ts";

const inParts = {
  MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD: "true",
  MLFLOW_ENABLE_PROXY_MULTIPART_DOWNLOAD: "true",
  MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE: "5242880",
  MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE: "5242880",
  MLFLOW_MULTIPART_DOWNLOAD_MINIMUM_FILE_SIZE: "5242880",
  MLFLOW_MULTIPART_DOWNLOAD_CHUNK_SIZE: "5242880",
};

const written = {
  files: [
    ["d/a b.txt", false, 5],
    ["d/big é+%.bin", false, 12_000_003],
  ],
  same: true,
  text: "hello",
  one: true,
  missing: "refused",
  deleted: ["big é+%.bin"],
  climbed: false,
};

for (const pins of clients) {
  const { python, skip } = await mlflowPeer(pins);
  const timeout = 300_000;

  test(`${pins.name}: artifacts go through the server to a folder, whole and in parts`, { skip, timeout }, async () => {
    await using server = await trackingServer();
    const call = {
      python,
      script: "artifacts.py",
      args: [`http://127.0.0.1:${server.port}`],
      folder: server.folder,
    } as const;
    assert.deepEqual(await runPython(call), { ...written, scheme: "mlflow-artifacts" });
    assert.deepEqual(await runPython({ ...call, env: inParts }), { ...written, scheme: "mlflow-artifacts" });
    assert.deepEqual(readdirSync(join(server.artifacts, ".trimaran/multipart")), []);
  });

  test(`${pins.name}: artifacts go through the server to S3, and around it in parts`, {
    skip: skip || skipS3,
    timeout,
  }, async () => {
    await using gateway = await s3Gateway();
    await using server = await trackingServer({ artifactsDestination: "s3://artifacts/mlflow", env: gateway.env });
    const call = {
      python,
      script: "artifacts.py",
      args: [`http://127.0.0.1:${server.port}`],
      folder: server.folder,
    } as const;
    assert.deepEqual(await runPython(call), { ...written, scheme: "mlflow-artifacts" });
    assert.deepEqual(await runPython({ ...call, env: inParts }), { ...written, scheme: "mlflow-artifacts" });
  });

  test(`${pins.name}: accounts are made, granted and refused as its client asks`, { skip, timeout }, async () => {
    await using server = await accessServer("NO_PERMISSIONS");
    const token = await server.as("admin", "POST", "/api/2.0/trimaran/tokens/create", {});
    const args = [`http://127.0.0.1:${server.port}`, adminPassword, String(token.json["token"])];
    assert.deepEqual(await runPython({ python, script: "access.py", args, folder: server.folder }), {
      nobody: "UNAUTHENTICATED",
      wrong: "UNAUTHENTICATED",
      user: ["ann", false],
      taken: "RESOURCE_ALREADY_EXISTS",
      short: "INVALID_PARAMETER_VALUE",
      unknown: "RESOURCE_DOES_NOT_EXIST",
      denied: Array(4).fill("PERMISSION_DENIED"),
      seen: [[], [], 0],
      granted: "READ",
      read: ["secret", "a.txt", "hello", "PERMISSION_DENIED", "done", "PERMISSION_DENIED"],
      own: "ann's",
      password: "done",
      old: "UNAUTHENTICATED",
      token: ["secret", "done"],
      admin: true,
      gone: "RESOURCE_DOES_NOT_EXIST",
    });
  });
}

const [current] = clients;
const peer = current === undefined ? { python: "", skip: "no client" } : await mlflowPeer(current);
// What MLflow itself does not bring.
const boto = await makePythonEnvironment({ name: "boto3", python: "3.12", pins: ["boto3==1.40.40"] }).catch(() => "");
const skipDirect = peer.skip || skipS3 || (boto === "" ? "boto3 cannot be installed" : false);

test("with an S3 root the client writes there by itself, and we list and read what it wrote", {
  skip: skipDirect,
  timeout: 300_000,
}, async () => {
  await using gateway = await s3Gateway();
  const env = gateway.env;
  await using server = await trackingServer({
    defaultArtifactRoot: "s3://artifacts/root",
    servesArtifacts: false,
    env,
  });
  const modules = join(dirname(dirname(boto)), "lib/python3.12/site-packages");
  const args = [`http://127.0.0.1:${server.port}`];
  const told = await runPython({
    python: peer.python,
    script: "artifacts.py",
    args,
    folder: server.folder,
    env,
    modules,
  });
  assert.deepEqual(told, { ...written, scheme: "s3", climbed: (told as { climbed: boolean }).climbed });
  const { json } = await server.ask("POST", "/api/2.0/mlflow/runs/search", { experiment_ids: ["0"] });
  const [
    {
      info: { run_id },
    },
  ] = json["runs"] as [{ info: { run_id: string } }];
  const listed = await server.ask("GET", `/api/2.0/mlflow/artifacts/list?run_id=${run_id}`);
  assert.deepEqual(listed.json["files"], [{ path: "big é+%.bin", is_dir: false, file_size: 12_000_003 }]);
});
