// Models with classes of one's own, described by `defineEstimator`, against what Python answered; and files of several parts.
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import type { TrimaranError } from "../../src/base/errors.ts";
import {
  type Batch,
  type CustomEstimator,
  defineEstimator,
  isTrimaranError,
  openDeployment,
  openModel,
} from "../../src/index.ts";

const folder = new URL("own-classes/", import.meta.url);
const recorded = JSON.parse(readFileSync(new URL("recorded.json", folder), "utf8")) as Readonly<
  Record<string, { readonly rows: readonly unknown[]; readonly predict?: number[]; readonly transform?: number[][] }>
>;

const dateParts: CustomEstimator = defineEstimator({
  classes: ["acme.features.DateParts"],
  fitted: ["n_features_in_"],
  input: (self) =>
    Array.from({ length: self.integer("n_features_in_") }, (_, index) => ({ name: `day${index}`, type: "string" })),
  toOp(self, input) {
    const since = self.number("since");
    return { transform: { width: 3 * (input.width ?? 0), compute: (batch) => dateNumbers(batch, since) } };
  },
});

function dateNumbers(batch: Batch, since: number): number[] {
  if (batch.kind !== "table") throw new TypeError("DateParts takes columns of days");
  const out: number[] = [];
  for (let row = 0; row < batch.rowCount; row++) {
    for (const column of batch.columns) {
      const day = new Date(`${String(column.values[row])}T00:00:00Z`);
      out.push(day.getUTCFullYear() - since, day.getUTCMonth() + 1, (day.getUTCDay() + 6) % 7);
    }
  }
  return out;
}

const twice: CustomEstimator = defineEstimator({
  classes: ["acme.models.TwiceRegressor"],
  toOp(self, input) {
    const scaled = self.estimator("scaler_", input).transform;
    const inner = self.estimator("regressor_", scaled ?? input).predict;
    return {
      predict: {
        ...(inner === undefined ? {} : { from: inner }),
        compute: (batch) => (batch.kind === "matrix" ? batch.values.map((value) => value * 2 - 1) : []),
      },
    };
  },
});

/** What a definition says comes before what we read ourselves. */
const scaler: CustomEstimator = defineEstimator({
  classes: ["sklearn.preprocessing._data.StandardScaler"],
  fitted: ["scale_"],
  toOp(self, input) {
    const [mean, scale] = [self.numbers("mean_"), self.numbers("scale_")];
    const width = input.width ?? 0;
    return {
      transform: {
        width,
        compute(batch) {
          if (batch.kind !== "matrix") throw new TypeError("numbers were expected");
          return batch.values.map((value, at) => (value - (mean[at % width] ?? 0)) / (scale[at % width] ?? 1));
        },
      },
    };
  },
});

function open(file: string, options: Parameters<typeof openModel>[1]) {
  return openModel(fileURLToPath(new URL(file, folder)), options);
}

async function failure(run: Promise<unknown>): Promise<TrimaranError> {
  const error = await run.then(
    () => null,
    (cause: unknown) => cause,
  );
  assert.ok(isTrimaranError(error), String(error));
  return error;
}

function assertClose(actual: unknown, expected: unknown): void {
  const [left, right] = [actual, expected].map((value) => [value].flat(9) as number[]) as [number[], number[]];
  assert.equal(left.length, right.length);
  for (const [at, value] of right.entries()) {
    assert.ok(
      Math.abs((left[at] ?? Number.NaN) - value) <= 1e-9 * Math.max(1, Math.abs(value)),
      `${left[at]} for ${value}`,
    );
  }
}

describe("a class of one's own", () => {
  for (const file of ["date-parts.pkl", "date-parts-protocol0.pkl"]) {
    test(`as the first step of ${file} answers what Python answered`, async () => {
      await using model = await open(file, { estimators: [dateParts] });
      const { rows, predict } = recorded[file] ?? {};
      assertClose(await model.predict(rows ?? []), predict);
    });
  }

  test("as the whole model transforms as Python did", async () => {
    await using model = await open("date-parts-alone.pkl", { estimators: [dateParts] });
    const { rows, transform } = recorded["date-parts-alone.pkl"] ?? {};
    assert.deepEqual(await model.predict(rows ?? []), transform);
    assert.deepEqual(await model.predict([{ day0: "2024-02-29" }]), [[34, 2, 3]]);
  });

  test("as the model itself may use the estimators that it holds", async () => {
    await using model = await open("twice-regressor.pkl", { estimators: [twice, scaler] });
    const { rows, predict } = recorded["twice-regressor.pkl"] ?? {};
    assertClose(await model.predict(rows ?? []), predict);
  });

  test("inside of a column transformer inside of a pipeline answers what Python answered", async () => {
    await using model = await open("nested.pkl", { estimators: [dateParts] });
    const { rows, predict } = recorded["nested.pkl"] ?? {};
    assertClose(await model.predict(rows ?? []), predict);
  });

  test("is named by the model's operations", async () => {
    await using model = await open("date-parts-alone.pkl", { estimators: [dateParts] });
    assert.match(
      model.describe().operations[0] ?? "",
      /acme\.features\.DateParts by the definition's own code, 3 numbers/,
    );
  });

  test("is not allowed in any other load", async () => {
    await open("date-parts.pkl", { estimators: [dateParts] });
    assert.equal((await failure(open("date-parts.pkl", {}))).code, "MODEL_UNSUPPORTED");
    assert.equal((await failure(open("date-parts.pkl", { estimators: [twice] }))).code, "MODEL_UNSUPPORTED");
  });

  test("of another exact name stays refused", async () => {
    const error = await failure(open("main-class.pkl", { estimators: [dateParts] }));
    assert.match(error.message, /^steps\[0\]: __main__\.DateParts is not supported/);
  });

  test("lets no code in beside it", async () => {
    const names = ["cloudpickle.cloudpickle._make_function", "cloudpickle.cloudpickle._builtin_type"];
    const own = defineEstimator({ classes: names, toOp: () => ({}) });
    assert.equal((await failure(open("lambda.pkl", { estimators: [own] }))).code, "PICKLE_UNTRUSTED");
  });
});

describe("a user's function that fails", () => {
  const days = [["2024-02-29"], ["secret-cell"]];
  const computing = (
    compute: (batch: Batch, rows: { refuse(row: number, message: string): void }) => ArrayLike<number>,
  ) =>
    defineEstimator({
      classes: ["acme.features.DateParts"],
      input: () => [{ name: "day", type: "string" }],
      toOp: () => ({ transform: { width: 1, compute } }),
    });
  const failing: Readonly<Record<string, readonly [CustomEstimator, RegExp]>> = {
    "by throwing": [
      computing((batch) => {
        throw new RangeError(`bad ${JSON.stringify(batch)}`);
      }),
      /the root: .*acme\.features\.DateParts failed: it threw a RangeError \(own-classes\.test\.ts, line \d+\)/,
    ],
    "by too few numbers": [computing(() => [1]), /it gave 1 numbers where 1 a row of 2 rows were promised/],
    "by no numbers": [computing(() => ["1", "2"] as unknown as number[]), /it gave something that is no number/],
    "by no array": [computing(() => 7 as unknown as number[]), /it gave no array/],
    "by a row that is not there": [
      computing((_, rows) => {
        rows.refuse(2, "no");
        return [1, 2];
      }),
      /it threw a RangeError/,
    ],
  };
  for (const [how, [estimator, message]] of Object.entries(failing)) {
    test(`${how} gives a typed error without cell values`, async () => {
      await using model = await open("date-parts-alone.pkl", { estimators: [estimator] });
      const error = await failure(model.predict(days));
      assert.equal(error.code, "ESTIMATOR_FAILED");
      assert.match(error.message, message);
      assert.doesNotMatch(`${error.message}${error.fix}`, /secret-cell/);
    });
  }

  test("may refuse a row, and the others are answered", async () => {
    const estimator = computing((batch, rows) => {
      rows.refuse(1, "is no day");
      return new Float64Array(batch.kind === "records" ? 0 : batch.rowCount).fill(4);
    });
    await using model = await open("date-parts-alone.pkl", { estimators: [estimator] });
    assert.deepEqual(
      await model.predict(days.slice(0, 1).concat([["2020-01-01"]])).catch((error: TrimaranError) => error.issues),
      [{ path: "/1", code: "estimator_refused", message: "is no day" }],
    );
  });

  test("while the model is opened names the part", async () => {
    const bad = defineEstimator({
      classes: ["acme.features.DateParts"],
      input: () => ["day"],
      toOp: () => {
        throw new Error("secret");
      },
    });
    const error = await failure(open("date-parts-alone.pkl", { estimators: [bad] }));
    assert.equal(error.code, "ESTIMATOR_FAILED");
    assert.match(error.fix, /`toOp`/);
    assert.doesNotMatch(error.message, /secret/);
  });

  test("asking for an attribute of another type names its place", async () => {
    const bad = defineEstimator({
      classes: ["acme.models.TwiceRegressor"],
      toOp: (self) => ({ predict: { compute: () => [self.number("names_")], ...(self.number("names_") ? {} : {}) } }),
    });
    const error = await failure(open("twice-regressor.pkl", { estimators: [bad, scaler] }));
    assert.equal(error.code, "MODEL_ATTRIBUTE");
    assert.match(error.message, /^names_: a number was expected/);
  });

  test("may not change what it was given", async () => {
    const estimator = defineEstimator({
      classes: ["acme.models.TwiceRegressor"],
      toOp: (_, input) => ({
        predict: {
          from: input,
          compute: (batch) => (batch.kind === "matrix" ? batch.values.fill(9).subarray(0, batch.rowCount) : []),
        },
        transform: { width: 2, compute: (batch) => (batch.kind === "matrix" ? batch.values : []) },
      }),
    });
    await using model = await open("twice-regressor.pkl", { estimators: [estimator, scaler] });
    const answers = await model.predict([[1, 2]], { methods: ["predict", "transform"] });
    assert.deepEqual(answers, [{ predict: 9, transform: [1, 2] }]);
  });
});

describe("the attributes that a user's function sees", () => {
  test("are typed copies", async () => {
    let seen: unknown;
    const look = defineEstimator({
      classes: ["acme.models.TwiceRegressor"],
      toOp(self) {
        seen = {
          attributes: self.attributes,
          shape: self.shape("weights_"),
          numbers: [...self.numbers("weights_")],
          names: self.strings("names_"),
          mean: [...self.object("scaler_").numbers("mean_")].length,
          has: [self.has("scaler_"), self.has("nothing_")],
          absent: self.string("nothing_", "x"),
        };
        assert.throws(() => {
          (self as { path: string }).path = "elsewhere";
        }, TypeError);
        self.numbers("weights_").fill(0);
        assert.deepEqual([...self.numbers("weights_")], [0.5, 0.25, 1, 2]);
        return {
          predict: {
            labels: ["low", "high"],
            compute: (batch) => (batch.kind === "matrix" ? batch.values.subarray(0, 1) : []),
          },
        };
      },
    });
    await using model = await open("twice-regressor.pkl", { estimators: [look, scaler] });
    assert.deepEqual(seen, {
      attributes: ["scaler_", "regressor_", "weights_", "names_", "n_features_in_"],
      shape: [2, 2],
      numbers: [0.5, 0.25, 1, 2],
      names: ["left", "right"],
      mean: 2,
      has: [true, false],
      absent: "x",
    });
    assert.deepEqual(await model.predict([[1, 0]]), ["high"]);
    const error = await failure(model.predict([[2, 0]]));
    assert.match(error.message, /a position that is none of its 2 labels/);
  });
});

describe("defineEstimator", () => {
  const cases: readonly (readonly [what: string, options: unknown, message: RegExp])[] = [
    ["no class", { classes: [], toOp: () => ({}) }, /at least one class/],
    ["a class without a module", { classes: ["DateParts"], toOp: () => ({}) }, /a module and a class/],
    ["no function", { classes: ["a.B"] }, /`toOp` must be a function/],
    ["an unknown option", { classes: ["a.B"], toOp: () => ({}), toOps: 1 }, /no option toOps.*toOp/],
  ];
  for (const [what, options, message] of cases) {
    test(`refuses ${what}`, () => {
      assert.throws(
        () => defineEstimator(options as Parameters<typeof defineEstimator>[0]),
        (error) => isTrimaranError(error) && error.code === "ESTIMATOR_INVALID" && message.test(error.message),
      );
    });
  }
});

test("a definition's failing estimator is the service's fault, and its caller learns no cell", async () => {
  const scratch = mkdtempSync(join(tmpdir(), "trimaran-own-"));
  after(() => rmSync(scratch, { recursive: true }));
  const file = join(scratch, "deployment.ts");
  writeFileSync(
    file,
    `import { defineDeployment, defineEstimator, number, string } from "trimaran";
const days = defineEstimator({
  classes: ["acme.features.DateParts"],
  input: () => [{ name: "day", type: "string" }],
  toOp: () => ({ transform: { width: 1, compute: (batch) => { throw new Error(JSON.stringify(batch)); } } }),
});
export default defineDeployment({
  model: ${JSON.stringify(fileURLToPath(new URL("date-parts-alone.pkl", folder)))},
  estimators: [days],
  input: { day: string() },
  methods: ["transform"],
  output: { year: number() },
  postprocess: (raw) => ({ year: raw.transform[0]! }),
});
`,
  );
  await using deployment = await openDeployment(file);
  const headers = { "content-type": "application/json" };
  const body = JSON.stringify({ day: "secret-cell" });
  const reply = await deployment.fetch(new Request("http://localhost/predict", { method: "POST", headers, body }));
  const text = await reply.text();
  assert.equal(reply.status, 500);
  assert.match(text, /ESTIMATOR_FAILED/);
  assert.doesNotMatch(text, /secret-cell/);
});

describe("a file of several parts", () => {
  const { rows, predict } = recorded["parts.pkl"] ?? {};

  test("answers with the parts that were named, in order", async () => {
    await using model = await open("parts.pkl", { members: ["dv", "model"] });
    assertClose(await model.predict(rows ?? []), predict);
    await using other = await openModel(`${fileURLToPath(new URL("parts.pkl", folder))}#dv,model`);
    assertClose(await other.predict(rows ?? []), predict);
  });

  test("answers with one part alone", async () => {
    await using model = await open("parts.pkl", { members: ["dv"] });
    assert.deepEqual(model.methods, ["transform"]);
  });

  test("counts the parts of a tuple", async () => {
    await using model = await open("triple.pkl", { members: ["0", "1"] });
    assertClose(await model.predict(rows ?? []), predict);
  });

  for (const [file, models] of [
    ["parts.pkl", "dv,model"],
    ["triple.pkl", "0,1"],
  ] as const) {
    test(`is not guessed: ${file} lists its members`, async () => {
      const error = await failure(open(file, {}));
      assert.equal(error.code, "MEMBER_NEEDED");
      assert.match(error.fix, new RegExp(`--member ${models}.*DictVectorizer.*LinearRegression.*a dict of 1`));
    });
  }

  test("says which members there are", async () => {
    const error = await failure(open("parts.pkl", { members: ["dv", "modle"] }));
    assert.equal(error.code, "MEMBER_NOT_FOUND");
    assert.equal(error.kind, "missing");
    assert.match(error.fix, /dv, model, threshold, meta/);
  });

  test("errors inside of a part begin with the part", async () => {
    const wrong = await failure(open("parts.pkl", { members: ["model", "dv"] }));
    assert.match(wrong.message, /^\['model'\]: LinearRegression as a step before the last/);
    assert.match((await failure(open("triple.pkl", { members: ["1", "0"] }))).message, /^\[1\]: LinearRegression/);
  });

  test("takes no part that is no model", async () => {
    assert.equal((await failure(open("parts.pkl", { members: ["threshold"] }))).code, "MODEL_NOT_A_MODEL");
    const error = await failure(open("parts.pkl", { members: ["model", "dv"] }));
    assert.equal(error.kind, "unsupported");
  });
});
