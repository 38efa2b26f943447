// File stores that MLflow itself made: after the import its client reads the same from our server as it read from the files.
import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { hashesOf } from "../../tracking/import/store-tree.ts";
import { peers } from "../mlflow-client/environments.ts";
import { mlflow318, mlflowPeer } from "./environments.ts";
import { runScript } from "./mlflow-process.ts";

const [, mlflow222] = peers;
if (mlflow222 === undefined) throw new Error("there is no MLflow 2.22");

for (const pins of [mlflow222, mlflow318]) {
  const { python, skip } = await mlflowPeer(pins);
  test(`a file store of ${pins.name} is read from our server as from its files`, {
    skip,
    timeout: 300_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), "trimaran-file-store-"));
    try {
      const store = join(folder, "mlruns");
      const wanted = await runScript(python, { folder, script: "file_store.py", args: [store] });
      const before = await hashesOf(store);
      const notices: string[] = [];
      await using tracking = await openTracking({
        backendStoreUri: store,
        artifactsDestination: join(folder, "artifacts"),
        onNotice: (notice) => notices.push(notice),
      });
      assert.deepEqual(await hashesOf(store), before);
      assert.deepEqual(
        notices.filter((notice) => notice.startsWith("Not imported")),
        [],
      );
      const listening = await tracking.listen({ port: 0 });
      try {
        const found = await runScript(python, { folder, script: "read_store.py", args: [listening.url] });
        assert.deepEqual(found, { ...(wanted as object), predicted: [3] });
      } finally {
        await listening.close();
      }
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
}
