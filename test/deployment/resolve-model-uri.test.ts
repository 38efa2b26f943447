// Which model is meant: flag, MODEL_URI, RUN_ID, definition, in that order.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TrimaranError } from "../../src/base/errors.ts";
import { type ModelSources, resolveModelUri } from "../../src/deployment/resolve-model-uri.ts";
import type { ModelLine } from "../../src/deployment/resolved-deployment.ts";

const single = (uri: string): ModelLine => ({ kind: "single", uri });

function choose(model: ModelLine | null, sources: Partial<ModelSources> = {}): string {
  try {
    const chosen = resolveModelUri({ name: "rides", model }, { env: {}, file: "/srv/rides/deployment.ts", ...sources });
    const { line } = chosen;
    return `${chosen.source}: ${line.kind === "single" ? line.uri : Object.values(line.uris).join(" ")}${chosen.fixed ? " (fixed)" : ""}`;
  } catch (error) {
    assert.ok(error instanceof TrimaranError, String(error));
    return error.code;
  }
}

test("the flag beats MODEL_URI, which beats RUN_ID, which beats the definition", () => {
  const model = single("./lin_reg.bin");
  const env = { MODEL_URI: "models:/a/1", RUN_ID: "e1ef" };
  assert.equal(choose(model, { flag: "m.pkl", env }), "--model: m.pkl");
  assert.equal(choose(model, { env }), "MODEL_URI: models:/a/1");
  assert.equal(choose(model, { env: { RUN_ID: "e1ef" } }), "RUN_ID: runs:/e1ef/model");
  assert.equal(choose(model, { env: { MODEL_URI: "", RUN_ID: "" } }), "definition: /srv/rides/lin_reg.bin (fixed)");
  assert.equal(choose(null), "MODEL_NONE");
  assert.equal(choose(null, { env: { RUN_ID: "e1ef" } }), "RUN_ID: runs:/e1ef/model");
});

test("a path in a definition is relative to its file; URIs stay as they are", () => {
  assert.equal(choose(single("../m/model.pkl")), "definition: /srv/m/model.pkl (fixed)");
  assert.equal(choose(single("/abs/model.pkl")), "definition: /abs/model.pkl (fixed)");
  assert.equal(choose(single("s3://bucket/model")), "definition: s3://bucket/model");
});

test("a path, a run and a fixed version are fixed; an alias, a stage and latest are not", () => {
  for (const uri of ["models:/rides/12", "models:/m-0a1b", "runs:/e1ef/model", "file:///m.pkl"]) {
    assert.equal(choose(single(uri)), `definition: ${uri} (fixed)`);
  }
  for (const uri of ["models:/rides@champion", "models:/rides/Production", "models:/rides/latest"]) {
    assert.equal(choose(single(uri)), `definition: ${uri}`);
  }
});

test("a list or record takes $RUN_ID from the environment and no other override", () => {
  const steps: ModelLine = { kind: "steps", uris: ["runs:/$RUN_ID/dv", "./m.pkl"] };
  assert.equal(choose(steps, { env: { RUN_ID: "e1ef" } }), "definition: runs:/e1ef/dv /srv/rides/m.pkl");
  assert.equal(choose(steps), "MODEL_RUN_ID");
  assert.equal(choose(steps, { flag: "m.pkl" }), "MODEL_OVERRIDE");
  assert.equal(choose({ kind: "steps", uris: ["a", "b"] }, { env: { RUN_ID: "e1ef" } }), "MODEL_OVERRIDE");
});

test("a record is overridden by name only", () => {
  const record: ModelLine = { kind: "record", uris: { p50: "./a", p90: "./b" } };
  assert.equal(choose(record, { flag: { p50: "c.pkl" } }), "--model: c.pkl /srv/rides/b");
  assert.equal(choose(record, { flag: { p99: "c.pkl" } }), "MODEL_OVERRIDE");
  assert.equal(choose(record, { env: { MODEL_URI: "c.pkl" } }), "MODEL_OVERRIDE");
  assert.equal(choose(single("./a"), { flag: { p50: "c.pkl", p90: "d.pkl" } }), "MODEL_OVERRIDE");
});

test("of a single model a name with an equals sign is a file's", () => {
  assert.equal(choose(single("./a"), { flag: { lr: "0.1.pkl" } }), "--model: lr=0.1.pkl");
});
