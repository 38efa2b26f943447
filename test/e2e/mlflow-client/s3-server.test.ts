// A model straight from a bucket of a real S3-compatible server, without any tracking server.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { freePort } from "../../../scripts/free-ports.ts";
import { makeS3Server } from "../../../scripts/s3-server.ts";
import { forest, ride, row, serve } from "../../doors/web/fleet/fixtures.ts";
import { until } from "./ride.ts";

const program = await makeS3Server().catch(() => undefined);
const skip =
  program === undefined
    ? "the S3 server cannot be built: Go, or its module proxy, is missing (`node scripts/s3-server.ts`)"
    : false;
const keys = { AWS_ACCESS_KEY_ID: "trimaran", AWS_SECRET_ACCESS_KEY: "s3cret-key-of-a-test", AWS_REGION: "us-east-1" };
const model = "s3://mlflow-models/1/0f1e2d/artifacts/model";

test("an S3 URI is served without a tracking server, and from the cache when the store is gone", { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-bucket-"));
  await mkdir(join(folder, "data/mlflow-models/1/0f1e2d/artifacts"), { recursive: true });
  await cp(forest, join(folder, "data/mlflow-models/1/0f1e2d/artifacts/model"), { recursive: true });
  const port = await freePort();
  const secrets = ["--access", keys.AWS_ACCESS_KEY_ID, "--secret", keys.AWS_SECRET_ACCESS_KEY];
  const args = ["--port", `127.0.0.1:${port}`, ...secrets, "posix", "--nometa", join(folder, "data")];
  const store = spawn(program ?? "", args, { cwd: folder, stdio: "ignore" });
  const endpoint = `http://127.0.0.1:${port}`;
  const env = { ...keys, MLFLOW_S3_ENDPOINT_URL: endpoint, HOME: folder, TRIMARAN_HOME: join(folder, "home") };
  try {
    await until(async () => (await fetch(endpoint).catch(() => null)) !== null, "the S3 server answers");
    const local = await answerOf(["--model", forest], env);
    const direct = await answerOf(["--model", model], env);
    assert.equal(direct.duration, local.duration);
    store.kill("SIGKILL");
    await once(store, "exit");
    assert.deepEqual(await answerOf(["--model", model], { ...env, AWS_MAX_ATTEMPTS: "1" }), direct);
  } finally {
    store.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  }
});

async function answerOf(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<{ readonly duration: number }> {
  await using running = await serve([ride, ...args], env);
  const response = await fetch(`http://127.0.0.1:${running.port}/predict`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(row),
  });
  assert.equal(response.status, 200);
  return (await response.json()) as { readonly duration: number };
}
