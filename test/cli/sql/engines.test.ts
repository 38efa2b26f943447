// Real models as SQL in DuckDB and in a real PostgreSQL, beside our own answers.
import assert from "node:assert/strict";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, test } from "node:test";
import { postgresSkip, startPostgres } from "../../../scripts/postgres-server.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import { graphBuilder } from "../../../src/model/graph-builder.ts";
import { openService } from "../../../src/serving/open-service.ts";
import { sharedPath, withoutShared } from "../../golden/shared-data.ts";
import { linear, root } from "../run-in-process.ts";
import { assertSameInPostgres, firstTrees, openGraph, parityOf, targetOf } from "./sql-engines.ts";

/** Names and categories that are SQL where they are not quoted. */
const hostile = [
  "it's",
  'say "x"',
  "\\",
  "\\'; DROP TABLE rides; --",
  "a\nb",
  "/* */",
  "$$",
  "$1",
  "?",
  ":x",
  "{x}",
  "%s",
  "naïve ☃ 𝄞",
  "=",
  "",
  " ",
  "NULL",
  "\u2028",
];

function hostileModel(): ModelGraph {
  const columns = ["it's", 'say "x"', "SELECT", "a b", "naïve ☃", "--", "c0", "s", "r", "k"];
  const names = columns.flatMap((column) => hostile.map((value) => `${column}=${value}`)).sort();
  const graph = graphBuilder({
    kind: "records",
    features: columns.map((name) => ({ name, numeric: false, categories: hostile })),
  });
  const row = graph.add({ kind: "vectorize", inputs: [0], names, separator: "=", lists: "split", number: "f64" });
  const weights = Float64Array.from(names, (_, at) => 1 / (at + 3));
  const value = graph.add({ kind: "affine", inputs: [row], weights, intercept: Float64Array.of(-0.1) });
  return graph.finish({ predict: { value, scalar: true } }, "predict");
}

interface Case {
  readonly name: string;
  readonly graph: () => Promise<ModelGraph>;
  readonly methods: readonly string[];
}

const cases: readonly Case[] = [
  { name: "the course's linear model", graph: async () => (await loadModel([linear])).graph, methods: ["predict"] },
  { name: "names and categories that are SQL", graph: async () => hostileModel(), methods: ["predict"] },
];
const shared = (file: string, methods: readonly string[], trees = 12): Case => ({
  name: file,
  graph: () => firstTrees(sharedPath(`models/${file}`), trees),
  methods,
});
const sharedCases = [
  shared("churn_lr-sk1.9.1.pkl", ["predict", "predict_proba"]),
  shared("churn_lr3-sk1.5.1.pkl", ["predict", "predict_proba"]),
  shared("churn_gb-sk1.9.1.pkl", ["predict", "predict_proba"]),
  shared("churn_rf-sk1.5.1.pkl", ["predict", "predict_proba"], 3),
  shared("hgb_payment-sk1.9.1.pkl", ["predict"]),
  shared("lgbm_payment-4.7.0.txt", ["predict"]),
  shared("xgb_payment-3.4.1.json", ["predict"]),
  shared("xgb-2.1.1.json", ["predict"]),
];

describe("a model as SQL", () => {
  for (const { name, graph, methods } of cases) {
    test(`answers in DuckDB as here, in both dialects: ${name}`, async () => {
      await using opened = await openGraph(await graph());
      const { rows, refused } = await parityOf(opened, methods);
      assert.ok(rows > 40 && refused < rows / 2, `${refused} of ${rows}`);
    });
  }

  test("answers in DuckDB as here: shared models, boosters with their first trees", {
    skip: withoutShared,
  }, async () => {
    for (const { name, graph, methods } of sharedCases) {
      await using opened = await openGraph(await graph());
      const { rows, refused } = await parityOf(opened, methods);
      assert.ok(rows > 40 && refused < rows / 2, `${name}: ${refused} of ${rows}`);
    }
  });

  test("answers in PostgreSQL as in DuckDB", { skip: postgresSkip() }, async () => {
    await using server = await startPostgres();
    await server.createDatabase("models");
    for (const { name, graph, methods } of withoutShared === false ? [...cases, ...sharedCases] : cases) {
      await using opened = await openGraph(await graph());
      const rows = await assertSameInPostgres(server, "models", targetOf(opened, methods));
      assert.ok(rows > 40, name);
    }
    const folder = mkdtempSync(join(tmpdir(), "trimaran-sql-"));
    try {
      const file = join(folder, "deployment.yaml");
      writeFileSync(file, everyField);
      await using service = await disposable(file);
      const { graph } = await loadModel([linear]);
      await assertSameInPostgres(server, "models", targetOf({ service: service.service, graph }, ["predict"]));
      // And beside our own answers, in DuckDB.
      const { rows, refused } = await parityOf({ service: service.service, graph }, ["predict"]);
      assert.ok(refused > 0 && refused < rows / 2, `${refused} of ${rows}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

async function disposable(
  file: string,
): Promise<AsyncDisposable & { service: Awaited<ReturnType<typeof openService>> }> {
  assert.ok(existsSync(file));
  const service = await openService(file, { verify: false });
  return { service, [Symbol.asyncDispose]: () => service.close() };
}

/** Each kind of field that SQL knows, in a template and alone. */
const everyField = `
name: every-field
model: ${root}examples/ride-duration/lin_reg.bin
input:
  PULocationID: { type: integer, min: 1, max: 265 }
  DOLocationID: { type: integer, nullable: true }
  trip_distance: { type: number, min: 0, default: 2.5 }
  fare: { type: number, nullable: true }
  flag: { type: boolean }
  day: { type: date, min: "2020-01-01" }
  code: { type: string, minLength: 1, maxLength: 40, nullable: true }
  payment: { type: category, values: ["it's cash", 'ca"rd', "\\\\"] }
  step: { type: category, values: [0.5, 1, 2.25] }
features:
  PU_DO: "{PULocationID}_{DOLocationID}"
  trip_distance: trip_distance
  a: "{fare}|{flag}|{day}|{code}|{payment}|{step}|it's {{}}"
  b: flag
  c: { constant: "x'y" }
output:
  duration: { type: number, min: 0, max: 100000 }
`;
