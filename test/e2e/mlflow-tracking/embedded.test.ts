// MLflow's own Python writes a store without any server; our commands open the same file, and serve from it.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { spawnCli } from "../spawn-cli.ts";
import { mlflow318, mlflowPeer } from "./environments.ts";
import { runScript } from "./mlflow-process.ts";

const { python, skip } = await mlflowPeer(mlflow318);

test("a model that Python logged to sqlite:///FILE is predicted from, promoted and rolled back", {
  skip,
  timeout: 300_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-embedded-"));
  try {
    const uri = `sqlite:///${join(folder, "mlflow.db")}`;
    await runScript(python, { folder, script: "embedded.py", args: [uri] });
    const env = { HOME: folder, TRIMARAN_HOME: join(folder, "home"), MLFLOW_TRACKING_URI: uri };
    const predict = async (model: string): Promise<unknown> => {
      const { code, stdout, stderr } = await spawnCli(["predict", model], { env, stdin: "[3]\n" });
      assert.equal(code, 0, stderr);
      return (JSON.parse(stdout) as { predict: number }).predict;
    };
    assert.equal(Math.round(Number(await predict("models:/ride@champion"))), 3);
    const promoted = await spawnCli(["promote", "ride", "2", "--json"], { env });
    assert.equal(promoted.code, 0, promoted.stderr);
    assert.equal(Math.round(Number(await predict("models:/ride@champion"))), 6);
    assert.equal((await spawnCli(["rollback", "ride"], { env })).code, 0);
    assert.equal(await runScript(python, { folder, script: "embedded.py", args: [uri, "champion"] }), "1");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
