// Types flow through a definition: each `@ts-expect-error` is a mistake that must not compile (`tsc` fails where it would).
import assert from "node:assert/strict";
import { test } from "node:test";
import { category, integer, number, string, timestamp } from "../../src/data/field-builders.ts";
import { defineDeployment, isDefinition } from "../../src/deployment/define-deployment.ts";

const input = { PULocationID: integer({ min: 1 }), trip_distance: number(), at: timestamp().optional() };
const output = { duration: number({ unit: "minute" }) };

test("the row of `features` is typed from `input`", () => {
  const definition = defineDeployment({
    model: "./model.bin",
    input,
    features: (ride) => {
      const zone: number = ride.PULocationID;
      const at: Date | undefined = ride.at;
      return { PU: `${zone}`, trip_distance: ride.trip_distance, hour: at?.getUTCHours() ?? null };
    },
    output,
  });
  assert.ok(isDefinition(definition));
});

test("wrong field names and feature values do not compile", () => {
  defineDeployment({
    input,
    // @ts-expect-error there is no field PULocation
    features: (ride) => ({ PU: `${ride.PULocation}` }),
    output,
  });
  defineDeployment({
    input,
    // @ts-expect-error a Date is no feature value
    features: (ride) => ({ at: ride.at ?? new Date(0) }),
    output,
  });
  defineDeployment({
    input,
    // @ts-expect-error undefined is no feature value: an optional field needs `?? null`
    features: (ride) => ({ at: ride.at?.getTime() }),
    output,
  });
  // @ts-expect-error unknownField is no option
  defineDeployment({ input, output, unknownField: "reject" });
  // @ts-expect-error a definition needs an output
  defineDeployment({ input });
  // At run time nothing is checked before `resolveDeployment`: the mistakes above are still definitions.
  assert.ok(isDefinition(defineDeployment({ input, output })));
});

test("`postprocess` is typed from `methods` and `output`", () => {
  const definition = defineDeployment({
    input,
    methods: ["predict", "predict_proba"],
    output: { duration: number(), long: number().optional() },
    postprocess: (raw, row) => ({
      duration: Math.expm1(raw.predict) + row.trip_distance,
      long: raw.predict_proba[1] ?? 0,
    }),
  });
  defineDeployment({
    input,
    output: { duration: number(), long: number().optional() },
    postprocess: (raw) => ({ duration: raw.predict }),
  });
  defineDeployment({
    input,
    output,
    // @ts-expect-error the model is not asked for predict_proba
    postprocess: (raw) => ({ duration: raw.predict_proba[0] }),
  });
  defineDeployment({
    input,
    output,
    // @ts-expect-error there is no output durations
    postprocess: (raw) => ({ durations: raw.predict }),
  });
  defineDeployment({
    input,
    output,
    // @ts-expect-error the output is a number
    postprocess: (raw) => ({ duration: String(raw.predict) }),
  });
  assert.ok(isDefinition(definition));
});

test("labels are compared and named where an output is no number", () => {
  const definition = defineDeployment({
    input: { tenure: integer() },
    methods: ["predict", "predict_proba"],
    output: { churn: category(["yes", "no"]), probability: number() },
    postprocess: (raw) => ({ churn: raw.predict === 1 ? "yes" : "no", probability: raw.predict_proba[1] ?? 0 }),
  });
  defineDeployment({
    input: { tenure: integer() },
    output: { churn: category(["yes", "no"]) },
    // @ts-expect-error maybe is no such category
    postprocess: (raw) => ({ churn: raw.predict === 1 ? "yes" : "maybe" }),
  });
  assert.ok(isDefinition(definition));
});

test("without `postprocess` there must be one output, one model and `predict`", () => {
  // @ts-expect-error two outputs
  defineDeployment({ input, output: { a: number(), b: number() } });
  // @ts-expect-error no predict among the methods
  defineDeployment({ input, output, methods: ["predict_proba"] });
  // @ts-expect-error two models
  defineDeployment({ input, output, model: { p50: "./a", p90: "./b" } });
  // @ts-expect-error there is no such method
  defineDeployment({ input, output, methods: ["predict", "guess"] });
  assert.ok(isDefinition(defineDeployment({ input, output, model: ["./vectorizer.pkl", "./model.pkl"] })));
});

test("a record of models gives features by name and raw values by name", () => {
  const definition = defineDeployment({
    model: { p50: "./a", p90: "./b" },
    input,
    features: (ride) => ({ p50: { d: ride.trip_distance }, p90: { d: ride.trip_distance, z: ride.PULocationID } }),
    output: { low: number(), high: number() },
    postprocess: (raw) => ({ low: Number(raw.p50.predict), high: Number(raw.p90.predict) }),
  });
  defineDeployment({
    model: { p50: "./a" },
    input,
    output,
    // @ts-expect-error there is no model p99
    postprocess: (raw) => ({ duration: Number(raw.p99.predict) }),
  });
  assert.ok(isDefinition(definition));
});

test("what `lookup` fetches is the second argument of `features`", () => {
  const definition = defineDeployment({
    input,
    lookup: async (rows) => rows.map((row) => ({ borough: `b${row.PULocationID}` })),
    features: (ride, extra) => ({ borough: extra.borough, trip_distance: ride.trip_distance }),
    output,
  });
  defineDeployment({
    input,
    lookup: async (rows) => rows.map(() => ({ borough: "b" })),
    // @ts-expect-error the lookup gives no zone
    features: (_ride, extra) => ({ zone: extra.zone }),
    output,
  });
  assert.ok(isDefinition(definition));
});

test("examples, key, time and sections are typed", () => {
  const definition = defineDeployment({
    input: { ...input, id: string() },
    output,
    key: (row) => row.id,
    time: (row) => row.at ?? new Date(0),
    examples: [{ input: { PULocationID: 1, trip_distance: 2, id: "a" }, output: { duration: 3 }, version: "1" }],
    batch: { truth: "duration", write: { ride_id: "id" } },
    stream: { at: "ride", keep: ["ride_id"] },
  });
  defineDeployment({
    input,
    output,
    // @ts-expect-error an example lacks a field
    examples: [{ input: { PULocationID: 1 } }],
  });
  defineDeployment({
    input,
    output,
    // @ts-expect-error there is no such option of the batch
    batch: { truths: "duration" },
  });
  assert.ok(isDefinition(definition));
});
