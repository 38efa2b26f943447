// A thread scores with what the plan was made of, or not at all.
import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { JobScorer } from "../../../src/doors/batch/job-scorer.ts";
import type { ShardJob } from "../../../src/doors/batch/shard.ts";
import { openService } from "../../../src/serving/open-service.ts";

const example = fileURLToPath(new URL("../../../examples/ride-duration-yaml", import.meta.url));

test("a job of another definition or of another model is refused", async () => {
  const service = await openService(example);
  const job: ShardJob = {
    paths: [],
    folder: "",
    format: "parquet",
    derive: {},
    where: null,
    truth: null,
    id: { kind: "key" },
    write: [],
    outputs: [],
    version: "",
    period: null,
    definitionDigest: service.definitionDigest,
    modelDigests: service.models.map(({ digest }) => digest),
    memoryBytes: 0,
  };
  const scorer = new JobScorer(service);
  await scorer.begin(job);
  await assert.rejects(scorer.begin({ ...job, definitionDigest: "sha256:0" }), { code: "BATCH_CHANGED" });
  await assert.rejects(scorer.begin({ ...job, modelDigests: ["sha256:0"] }), { code: "BATCH_CHANGED" });
  await scorer.end();
  await service.close();
});
