// Models that cannot be packed: a worker opens the copy that was prepared, and never the URI that may mean another version by now.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { CachedPredictor } from "../../../src/loaders/graph-cache.ts";
import type { ModelOpener } from "../../../src/serving/model-opener.ts";
import { type PackedModel, packedOpener } from "../../../src/serving/slot/packed-models.ts";

const alias = "models:/ride@champion";

async function openedUris(packed: PackedModel): Promise<readonly string[]> {
  let seen: readonly string[] = [];
  const open: ModelOpener = async (uris) => {
    seen = uris;
    return { uri: uris.join(), version: "from the file" } as CachedPredictor;
  };
  const { uri, version } = await packedOpener([packed], open)([alias], {});
  assert.deepEqual([uri, version], [alias, "3"]);
  return seen;
}

test("the copy in the cache is opened, and when it is gone the version that it was", async () => {
  const folder = await mkdtemp(join(tmpdir(), "trimaran-packed-"));
  const path = join(folder, "model.onnx");
  await writeFile(path, "onnx");
  const pins = [{ uri: alias, fixed: "models:/ride/3", path }];
  const packed = { uris: [alias], uri: alias, digest: "sha256:0", version: "3", graphFile: null, pins };
  assert.deepEqual(await openedUris(packed), [path]);
  await rm(folder, { recursive: true });
  assert.deepEqual(await openedUris(packed), ["models:/ride/3"]);
});
