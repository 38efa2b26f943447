// Resolving: every default filled, every mistake found at once, the user's functions behind guards.
import assert from "node:assert/strict";
import { test } from "node:test";
import { TrimaranError } from "../../src/base/errors.ts";
import { integer, list, number, string } from "../../src/data/field-builders.ts";
import { type Definition, defineDeployment, definitionMark } from "../../src/deployment/define-deployment.ts";
import { resolveDeployment } from "../../src/deployment/resolve-deployment.ts";
import type { ResolvedDeployment } from "../../src/deployment/resolved-deployment.ts";

const input = { zone: integer({ min: 1 }), distance: number() };
const output = { duration: number({ min: 0 }) };

/** A definition as JavaScript would write it, without types in the way. */
function resolve(options: Readonly<Record<string, unknown>>): ResolvedDeployment {
  const definition: Definition = { [definitionMark]: true, options: { input, output, ...options } };
  return resolveDeployment(definition, { name: "rides" });
}

function issuesOf(options: Readonly<Record<string, unknown>>): string[] {
  try {
    resolve(options);
  } catch (error) {
    assert.ok(error instanceof TrimaranError && error.code === "DEFINITION_INVALID", String(error));
    return error.issues.map(({ path, code }) => `${path} ${code}`);
  }
  return [];
}

function thrownBy(work: () => unknown): TrimaranError {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof TrimaranError, String(error));
    return error;
  }
  throw new Error("nothing was thrown");
}

test("fills every default and freezes the result", () => {
  const resolved = resolveDeployment(defineDeployment({ input, output }), { name: "rides" });
  assert.equal(resolved.name, "rides");
  assert.equal(resolved.model, null);
  assert.equal(resolved.methods, null);
  assert.equal(resolved.unknownFields, null);
  assert.equal(resolved.hasFeatures, false);
  assert.deepEqual(resolved.features({ zone: 1, distance: 2 }), { zone: 1, distance: 2 });
  assert.deepEqual(resolved.toOutput({ predict: 3 }, {}), { duration: 3 });
  assert.deepEqual([resolved.examples, resolved.web, resolved.batch], [[], {}, null]);
  assert.ok(Object.isFrozen(resolved) && Object.isFrozen(resolved.input));
});

test("finds all mistakes at once", () => {
  assert.deepEqual(
    issuesOf({
      name: "no spaces please",
      modle: "x",
      features: "PU",
      methods: ["predict", "guess"],
      unknownFields: "refuse",
      input: { zone: integer({ min: 3, max: 1 }), distance: integer },
      output: { model_version: string() },
      batch: { were: "x" },
      stream: { keep: "id" },
      feedback: { sample: 2 },
      web: { port: 99999 },
    }).sort(),
    [
      "/batch/were unknown_option",
      "/features invalid_option",
      "/feedback/sample invalid_option",
      "/input/distance invalid_option",
      "/input/zone/min invalid_option",
      "/methods/1 invalid_option",
      "/modle unknown_option",
      "/name invalid_option",
      "/output/model_version invalid_option",
      "/stream/keep invalid_option",
      "/unknownFields invalid_option",
      "/web/port invalid_option",
    ],
  );
});

test("what does not work yet is refused as such", () => {
  assert.deepEqual(issuesOf({ methods: ["predict", "leaf"] }), ["/methods/1 not_yet"]);
});

test("a lookup is a function, or an object with one", () => {
  assert.deepEqual(issuesOf({ lookup: async () => [] }), []);
  assert.deepEqual(issuesOf({ lookup: { fetch: async () => [], timeoutMs: 5, cacheMs: 0, onError: "missing" } }), []);
  assert.deepEqual(issuesOf({ lookup: { timeoutMs: 5 } }), ["/lookup/fetch invalid_option"]);
  assert.deepEqual(issuesOf({ lookup: { fetch: async () => [], onError: "ignore", timeoutMs: 0 } }), [
    "/lookup/timeoutMs invalid_option",
  ]);
  assert.deepEqual(issuesOf({ lookup: "rows" }), ["/lookup invalid_option"]);
});

test("several models have names and a postprocess", () => {
  const postprocess = (): unknown => ({ duration: 1 });
  assert.deepEqual(issuesOf({ model: { p50: "a", p90: "oip+http://h/v2/models/m" }, postprocess }), []);
  assert.deepEqual(issuesOf({ model: { p50: "a" } }), ["/model invalid_option"]);
  assert.deepEqual(issuesOf({ model: {}, postprocess }), ["/model invalid_option"]);
  assert.deepEqual(issuesOf({ model: { "1 x": "a", b: 7 }, postprocess }), [
    "/model/1 x invalid_option",
    "/model/b invalid_option",
  ]);
});

test("a model behind a server is taken alone, and not as a step among others", () => {
  assert.deepEqual(issuesOf({ model: "oip+http://host/v2/models/m" }), []);
  assert.deepEqual(issuesOf({ model: ["a.pkl", "oip+http://host/v2/models/m"] }), ["/model invalid_option"]);
});

test("an output that could not come about is refused without types too", () => {
  assert.deepEqual(issuesOf({ output: { a: number(), b: number() } }), ["/output invalid_option"]);
  assert.deepEqual(issuesOf({ methods: ["predict_proba"] }), ["/methods invalid_option"]);
  assert.deepEqual(issuesOf({ input: { stops: list(number()) } }), ["/input/stops invalid_option"]);
  assert.deepEqual(issuesOf({ output: {} }), ["/output invalid_option"]);
  assert.deepEqual(issuesOf({ model: "" }), ["/model invalid_option"]);
});

test("examples must be rows that could be sent and outputs that could be answered", () => {
  const good = { input: { zone: 1, distance: 2 }, output: { duration: 3 } };
  assert.deepEqual(issuesOf({ examples: [good] }), []);
  assert.deepEqual(
    issuesOf({
      examples: [
        good,
        { input: { zone: 0, distance: "2" } },
        { input: { zone: 1, distance: 2 }, output: { durations: 3 } },
        { output: { duration: 1 } },
        { input: { zone: 1, distance: 2 }, tolerance: -1 },
      ],
    }),
    [
      "/examples/1/input/zone out_of_range",
      "/examples/1/input/distance wrong_type",
      "/examples/2/output/durations unknown_field",
      "/examples/3 invalid_option",
      "/examples/4/tolerance invalid_option",
    ],
  );
});

test("`features` that throws says where, never what: its message may quote a cell", () => {
  const { features } = resolve({
    features: (row: { secret: number }) => {
      throw new RangeError(`bad value ${row.secret}`);
    },
  });
  const error = thrownBy(() => features({ secret: 4711 }));
  assert.equal(error.code, "DEFINITION_FEATURES");
  assert.match(error.message, /it threw a RangeError \(resolve-deployment\.test\.ts, line \d+\)/);
  assert.ok(!error.message.includes("4711"));
  assert.ok(error.cause instanceof RangeError);
});

test("`features` must give an object of feature values, not a promise, and nothing undefined", () => {
  const problem = (result: unknown): string => thrownBy(() => resolve({ features: () => result }).features({})).message;
  assert.match(problem({ a: undefined }), /feature "a" is undefined/);
  assert.match(problem({ a: new Date() }), /feature "a" is a Date/);
  assert.match(problem([1]), /an array/);
  assert.match(problem(null), /null/);
  assert.match(problem(Promise.resolve({})), /must not be async/);
  const fine = { a: 1, b: "x", c: true, d: null, e: 2n };
  assert.equal(resolve({ features: () => fine }).features({}), fine);
});

test("an output that does not fit is the definition's mistake", () => {
  const { toOutput } = resolve({});
  for (const predict of [-1, Number.NaN, "3", undefined, [3]]) {
    const error = thrownBy(() => toOutput({ predict }, {}));
    assert.equal(error.code, "DEFINITION_OUTPUT");
    assert.equal(error.issues[0]?.path, "/duration");
  }
  const late = resolve({ postprocess: async () => ({ duration: 1 }) });
  assert.match(thrownBy(() => late.toOutput({}, {})).message, /must not be async/);
  const extra = resolve({ postprocess: () => ({ duration: 1, model_version: "2" }) });
  assert.equal(thrownBy(() => extra.toOutput({}, {})).code, "DEFINITION_OUTPUT");
});

test("`postprocess` gets the raw values and the row, and its output comes in declared order", () => {
  const { toOutput } = resolve({
    output: { low: number(), high: number(), note: string().optional() },
    postprocess: (raw: { predict: number }, row: { distance: number }) => ({
      high: raw.predict + row.distance,
      low: raw.predict,
    }),
  });
  assert.equal(JSON.stringify(toOutput({ predict: 1 }, { distance: 2 })), '{"low":1,"high":3}');
});
