// Definitions with several models and with a lookup, with real models behind them.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../src/base/errors.ts";
import { openDefinition } from "../../src/deployment/open-definition.ts";
import { openDeploymentService } from "../../src/serving/open-service.ts";
import type { PredictionService } from "../../src/serving/prediction-service.ts";
import { scratchFolder } from "../deployment/scratch-folder.ts";

const example = new URL("../../examples/ride-duration/", import.meta.url).pathname;
const ride = { PULocationID: 10, DOLocationID: 50, trip_distance: 40 };
const line = `${example}lin_reg.bin`;
const forest = `${example}forest`;

interface Opened extends AsyncDisposable {
  readonly service: PredictionService;
}

const start = `
import { defineDeployment, integer, number } from "trimaran";
const input = { PULocationID: integer({ min: 1 }), DOLocationID: integer({ min: 1 }), trip_distance: number({ min: 0 }) };
const features = (ride) => ({ PU_DO: \`\${ride.PULocationID}_\${ride.DOLocationID}\`, trip_distance: ride.trip_distance });
`;

async function open(text: string, options: Parameters<typeof openDeploymentService>[1] = {}): Promise<Opened> {
  const folder = await scratchFolder({ "deployment.mjs": start + text });
  const service = await openDeploymentService(await openDefinition(`${folder.path}/deployment.mjs`), options);
  return {
    service,
    async [Symbol.asyncDispose]() {
      await service.close();
      await folder[Symbol.asyncDispose]();
    },
  };
}

const both = (features: string): string => `
export default defineDeployment({
  model: { line: ${JSON.stringify(line)}, forest: ${JSON.stringify(forest)} },
  input, features: ${features}, output: { line: number(), forest: number(), mean: number() },
  postprocess: (raw) => ({ line: raw.line.predict, forest: raw.forest.predict, mean: (raw.line.predict + raw.forest.predict) / 2 }),
  examples: [{ input: ${JSON.stringify(ride)} }],
});`;

async function answerTo(service: PredictionService, row: unknown): Promise<Readonly<Record<string, unknown>>> {
  const answers = await service.answer([row]);
  assert.deepEqual(answers.issues, []);
  return answers.value(0);
}

describe("several models", () => {
  test("answer the same rows, each what it answers alone", async () => {
    await using one = await open(
      `export default defineDeployment({ model: ${JSON.stringify(forest)}, input, features, output: { duration: number() } });`,
    );
    const { duration } = await answerTo(one.service, ride);
    await using opened = await open(both("features"));
    const value = await answerTo(opened.service, ride);
    assert.deepEqual(value, {
      line: 22.625182479499,
      forest: duration,
      mean: (22.625182479499 + Number(duration)) / 2,
    });
    const { service } = opened;
    assert.deepEqual(
      service.models.map(({ name }) => name),
      ["line", "forest"],
    );
    assert.match(service.model.digest, /^sha256:[0-9a-f]{64}$/);
  });

  test("may each have features of their own", async () => {
    const features = "(ride) => ({ line: features(ride), forest: { ...features(ride), trip_distance: 1 } })";
    await using opened = await open(both(features));
    const answers = await opened.service.answer([{ ...ride, trip_distance: 5 }, { ...ride, trip_distance: 6 }, {}]);
    assert.equal(answers.value(0)["forest"], answers.value(1)["forest"]);
    assert.notEqual(answers.value(0)["line"], answers.value(1)["line"]);
    assert.deepEqual([...new Set(answers.issues.map(({ row }) => row))], [2]);
    const { features: kept, raw } = answers.record(1) as { features: unknown; raw: { line: { predict: number } } };
    assert.deepEqual(kept, {
      line: { PU_DO: "10_50", trip_distance: 6 },
      forest: { PU_DO: "10_50", trip_distance: 1 },
    });
    assert.equal(raw.line.predict, answers.value(1)["line"]);
  });

  test("are refused when one of them gets no features, or ones that it does not know", async () => {
    const failed = { code: "CHECK_FAILED" };
    await assert.rejects(open(both("(ride) => ({ line: features(ride) })")), failed);
    await assert.rejects(open(both("(ride) => ({ line: features(ride), forest: { other: 1 } })")), failed);
    await assert.rejects(open(both("(ride) => ({ line: features(ride), forrest: features(ride) })")), failed);
  });

  test("are overridden by name, and by no name that there is not", async () => {
    await using opened = await open(both("features"), { model: { forest: line } });
    const value = await answerTo(opened.service, ride);
    assert.equal(value["forest"], value["line"]);
    await assert.rejects(open(both("features"), { model: { other: line } }), { code: "MODEL_OVERRIDE" });
    await assert.rejects(open(both("features"), { model: line }), { code: "MODEL_OVERRIDE" });
  });

  test("need a postprocess", async () => {
    const text = `export default defineDeployment({ model: { a: "x" }, input, features, output: { a: number() } });`;
    await assert.rejects(open(text), { code: "DEFINITION_INVALID" });
  });
});

const looked = (lookup: string): string => `
let calls = 0;
export default defineDeployment({
  model: ${JSON.stringify(line)},
  input: { id: integer(), trip_distance: number() },
  lookup: ${lookup},
  features: (row, zone) => ({ PU_DO: zone === undefined ? "0_0" : zone.pair, trip_distance: row.trip_distance }),
  output: { duration: number() },
});`;

const rows = [
  { id: 1, trip_distance: 40 },
  { id: 2, trip_distance: 40 },
];

describe("a lookup", () => {
  test("is asked once a batch, and what it found goes into the features and the record", async () => {
    const lookup = "async (rows) => { calls++; return rows.map(({ id }) => ({ pair: id + '0_50', calls })); }";
    await using opened = await open(looked(lookup));
    const answers = await opened.service.answer([rows[0], { id: "no" }, rows[1]]);
    assert.equal(answers.value(0)["duration"], 22.625182479499);
    assert.deepEqual(
      answers.issues.map(({ row }) => row),
      [1, 1],
    );
    const first = answers.record(0) as { extra: { calls: number; pair: string } };
    const third = answers.record(2) as { extra: { calls: number; pair: string }; features: unknown };
    assert.equal(first.extra.calls, third.extra.calls);
    assert.deepEqual(third.features, { PU_DO: "20_50", trip_distance: 40 });
  });

  test("that fails, is late or gives a wrong number of items fails the batch for now", async () => {
    const cases = [
      "async () => { throw new Error('secret 4711'); }",
      "async () => []",
      "async () => 7",
      "{ fetch: () => new Promise(() => {}), timeoutMs: 20 }",
      "{ fetch: () => { throw new TypeError('x'); } }",
    ];
    for (const lookup of cases) {
      await using opened = await open(looked(lookup), { verify: false });
      await assert.rejects(opened.service.answer(rows), (error: Error) => {
        assert.doesNotMatch(error.message, /4711/);
        assert.ok(isTrimaranError(error));
        assert.deepEqual([error.code, error.kind], ["LOOKUP_FAILED", "unavailable"]);
        return true;
      });
    }
  });

  test("may be gone without, with a warning", async () => {
    const lookup = "{ fetch: async () => { throw new Error(); }, onError: 'missing' }";
    await using opened = await open(looked(lookup));
    const answers = await opened.service.answer(rows);
    assert.deepEqual(answers.issues, []);
    assert.deepEqual(
      answers.warnings.filter(({ code }) => code === "lookup_failed"),
      [{ code: "lookup_failed", field: "lookup", count: 2 }],
    );
  });

  test("is remembered as long as it says, row by row", async () => {
    const lookup =
      "{ fetch: async (rows) => { calls++; return rows.map(() => ({ pair: '10_50', calls })); }, cacheMs: 60000 }";
    await using opened = await open(looked(lookup), { verify: false });
    const calls = async (asked: readonly unknown[]): Promise<unknown[]> => {
      const answers = await opened.service.answer(asked);
      return asked.map((_, row) => (answers.record(row).extra as { calls: number }).calls);
    };
    assert.deepEqual(await calls([rows[0]]), [1]);
    assert.deepEqual(await calls(rows), [1, 2]);
    assert.deepEqual(await calls(rows), [1, 2]);
  });

  test("ends with its caller", async () => {
    await using opened = await open(looked("{ fetch: () => new Promise(() => {}), timeoutMs: 60000 }"), {
      verify: false,
    });
    const gone = new AbortController();
    const answered = opened.service.answer(rows, { signal: gone.signal });
    gone.abort();
    await assert.rejects(answered, { code: "LOOKUP_FAILED" });
  });
});
