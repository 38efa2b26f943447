// `check` against models that answer by a formula: the port is the real one, the mathematics is written here.
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FeatureRow } from "../../src/data/batch.ts";
import { integer, number, string } from "../../src/data/field-builders.ts";
import type { ModelInput } from "../../src/data/model-input.ts";
import {
  type AskedRow,
  checkDefinition,
  type ModelAsk,
  type RecordedFor,
} from "../../src/deployment/check-definition.ts";
import { type Definition, definitionMark } from "../../src/deployment/define-deployment.ts";
import { resolveDeployment } from "../../src/deployment/resolve-deployment.ts";

const records: ModelInput = {
  kind: "records",
  features: [
    { name: "PU_DO", numeric: false, categories: ["130_205"] },
    { name: "trip_distance", numeric: true, categories: [] },
  ],
};

interface Asked {
  readonly options?: Readonly<Record<string, unknown>>;
  readonly ask?: Partial<ModelAsk & RecordedFor>;
}

const ride = { PULocationID: 130, DOLocationID: 205, trip_distance: 2 };

async function check({ options = {}, ask = {} }: Asked): Promise<{ issues: string[]; notes: string[] }> {
  const definition: Definition = {
    [definitionMark]: true,
    options: {
      input: { PULocationID: integer(), DOLocationID: integer(), trip_distance: number() },
      features: (row: typeof ride) => ({
        PU_DO: `${row.PULocationID}_${row.DOLocationID}`,
        trip_distance: row.trip_distance,
      }),
      output: { duration: number() },
      examples: [{ input: ride, output: { duration: 7 } }],
      ...options,
    },
  };
  const predict = async (rows: readonly FeatureRow[]): Promise<AskedRow[]> =>
    rows.map((row) => ({ kind: "raw", raw: { predict: Number(row["trip_distance"]) * 3 + 1 } }));
  const { version = null, fixed = true, ...model } = ask;
  const { issues, notes } = await checkDefinition(resolveDeployment(definition, { name: "rides" }), {
    asks: [{ name: null, input: records, methods: ["predict"], predict, ...model }],
    recorded: { version, fixed },
    lookup: () => undefined,
  });
  const short = ({ path, code }: { path: string; code: string }): string => `${path} ${code}`;
  return { issues: issues.map(short), notes: notes.map(short) };
}

test("a definition that fits its model passes", async () => {
  assert.deepEqual(await check({}), { issues: [], notes: [] });
});

test("an output is compared to the last digit, or to the tolerance", async () => {
  const examples = [{ input: ride, output: { duration: 7.000000000000001 } }];
  assert.deepEqual((await check({ options: { examples } })).issues, ["/examples/0/output/duration output_differs"]);
  const lenient = [{ input: ride, output: { duration: 7.1 }, tolerance: 0.2 }];
  assert.deepEqual((await check({ options: { examples: lenient } })).issues, []);
});

test("a model that the definition does not fix may answer differently: a note, not an issue", async () => {
  const examples = [{ input: ride, output: { duration: 8 } }];
  assert.deepEqual(await check({ options: { examples }, ask: { fixed: false } }), {
    issues: [],
    notes: ["/examples/0/output/duration output_differs"],
  });
  const versioned = [{ input: ride, output: { duration: 8 }, version: "1" }];
  const asked = { options: { examples: versioned } };
  assert.equal((await check({ ...asked, ask: { fixed: false, version: "1" } })).issues.length, 1);
  assert.equal((await check({ ...asked, ask: { fixed: true, version: "2" } })).notes.length, 1);
});

test("any model must answer examples with outputs that fit", async () => {
  const predict = async (): Promise<AskedRow[]> => [{ kind: "raw", raw: { predict: Number.NaN } }];
  assert.deepEqual((await check({ ask: { fixed: false, predict } })).issues, ["/examples/0/output output_unfit"]);
  const refuse = async (): Promise<AskedRow[]> => [{ kind: "refused", message: "Input contains NaN." }];
  assert.deepEqual((await check({ ask: { predict: refuse } })).issues, ["/examples/0 model_refused"]);
});

test("names that the model does not know, and numbers that it never gets, are issues", async () => {
  const features = (row: typeof ride): unknown => ({ PU_D0: "130_205", distance: row.trip_distance });
  const { issues, notes } = await check({ options: { features, examples: [] } });
  assert.deepEqual(issues, [
    "/features/PU_D0 unknown_feature",
    "/features/distance unknown_feature",
    "/features/trip_distance missing_feature",
  ]);
  assert.deepEqual(notes, ["/features/PU_DO missing_feature"]);
});

test("a number where the model has categories, or text where it has a number, would count for nothing", async () => {
  const features = (row: typeof ride): unknown => ({ PU_DO: 130, trip_distance: `${row.trip_distance}` });
  assert.deepEqual((await check({ options: { features, examples: [] } })).issues, [
    "/features/PU_DO wrong_feature_type",
    "/features/trip_distance wrong_feature_type",
  ]);
});

test("a category that the model never saw is a note", async () => {
  const examples = [{ input: { ...ride, PULocationID: 1 } }];
  assert.deepEqual((await check({ options: { examples } })).notes, ["/features/PU_DO unseen_category"]);
});

test("`features` that depend on time, chance or state are found", async () => {
  let calls = 0;
  const features = (row: typeof ride): unknown => ({ PU_DO: "130_205", trip_distance: row.trip_distance + calls++ });
  const { issues } = await check({ options: { features, examples: [] } });
  assert.deepEqual(issues, ["/features not_deterministic"]);
});

test("`features` of an example are compared, and a throwing function is an issue with its message", async () => {
  const examples = [{ input: ride, features: { PU_DO: "205_130", trip_distance: 2 } }];
  assert.deepEqual((await check({ options: { examples } })).issues, ["/examples/0/features/PU_DO features_differ"]);
  const features = (): never => {
    throw new Error("no zones");
  };
  assert.deepEqual((await check({ options: { features } })).issues, ["/examples/0 features_failed"]);
});

test("methods that the model lacks are named", async () => {
  const options = { methods: ["predict", "predict_proba"] };
  assert.deepEqual((await check({ options })).issues, ["/methods unknown_method"]);
});

test("a named matrix needs every column with its type; one without names needs the right count", async () => {
  const column = (name: string) => ({ name, type: "number" as const, nullable: false });
  const input = { a: number(), b: string() };
  const named: ModelInput = { kind: "matrix", named: true, columns: [column("a"), column("b"), column("c")] };
  const options = { input, features: undefined, examples: [] };
  assert.deepEqual((await check({ options, ask: { input: named } })).issues, [
    "/features/b wrong_feature_type",
    "/features/c missing_feature",
  ]);
  const bare: ModelInput = { kind: "matrix", named: false, columns: [column("x0")] };
  assert.deepEqual((await check({ options, ask: { input: bare } })).issues, ["/features wrong_width"]);
});
