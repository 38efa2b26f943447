// Recorded models of one scikit-learn, with one attribute damaged at a time: a typed error or an answer, never a crash; and where
// the library itself could only fail or answer nonsense, the error.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { TrimaranError } from "../../src/base/errors.ts";
import { toBatch } from "../../src/data/to-batch.ts";
import { compileGraph } from "../../src/engine/compile.ts";
import type { PyValue } from "../../src/formats/pickle/tree.ts";
import { readPickledModel } from "../../src/formats/read/pickled-model.ts";
import { readEstimator } from "../../src/formats/sklearn/read-estimator.ts";
import { goldenFolder } from "../golden/replay/not-yet.ts";
import { type RecordedCase, recordedCases } from "../golden/replay/recorded-case.ts";
import { damages } from "./attributes.ts";

/** Damages that must not be answered, where the attribute is looked at. */
const hopeless: readonly RegExp[] = [
  /^(Logistic\w*|SGD\w*|Ridge\w*|Linear\w*|Lasso\w*|ElasticNet\w*|Huber\w*|Poisson\w*|Gamma\w*|Tweedie\w*|Lars|ARD\w*|Bayesian\w*|Quantile\w*Regressor|TheilSen\w*)\.(coef_: (NaN|shorter)|intercept_: NaN|classes_: (longer|shorter))$/,
  /^(DecisionTree|RandomForest|ExtraTrees?|GradientBoosting|HistGradientBoosting|AdaBoost)Classifier\.classes_: (longer|shorter)$/,
  /^AdaBoostClassifier\.(algorithm: unknown word|estimator_weights_: (NaN|shorter))$/,
  /^(SGDClassifier|GradientBoosting\w+|HistGradientBoosting\w+)\.loss: unknown word$/,
  /^HistGradientBoosting\w+\._baseline_prediction: NaN$/,
  /^Tree\.values: NaN$/,
  /^(MinMax|MaxAbs|Standard|Robust)Scaler\.\w+_: (longer|shorter)$/,
  /^(Multinomial|Complement|Gaussian)NB\.(class_log_prior_|feature_log_prob_|theta_|var_): NaN$/,
  /^(Bagging|KNeighbors|RadiusNeighbors|MLP|Calibrated|Stacking)Classifier(CV)?\.classes_: longer$/,
  /^MLP(Classifier|Regressor)\.(classes_|coefs_|intercepts_): (longer|shorter)$/,
  /^_CalibratedClassifier\.(calibrators|classes): longer$/,
  /^(OneVsRest|OneVsOne|MultiOutput)Classifier\.estimators_: (longer|shorter)$/,
  /^(OneHot|Ordinal|Target)Encoder\.(categories_|encodings_): (longer|shorter)$/,
  /^(Nu)?SV[CR]\.(_?dual_coef_|support_vectors_): (longer|shorter)$/,
];

/** What the loaded model answers, as text. */
function answers(root: PyValue, { rows, input, path }: RecordedCase): string {
  const predictor = compileGraph(readEstimator(root, { name: path }));
  const { columns } = input;
  const asked = rows.slice(0, 6).map((row) => {
    if (predictor.input.kind === "records" || predictor.input.named || typeof columns === "number") return row;
    return Array.isArray(row) ? row : columns.map(([name]) => (row as Readonly<Record<string, unknown>>)[name]);
  });
  const { batch, issues } = toBatch(asked, predictor.input);
  const predictions = predictor.predict(batch, {});
  return JSON.stringify([predictions.outputs, predictions.issues, issues], (_, value: unknown) => {
    if (typeof value === "bigint") return `${value}n`;
    if (ArrayBuffer.isView(value)) return Array.from(value as Float64Array, String);
    return typeof value === "number" ? String(value) : value;
  });
}

function damage(golden: RecordedCase): { readonly problems: readonly string[]; readonly refused: number } {
  const { root } = readPickledModel(readFileSync(golden.path), golden.path);
  assert.ok(root !== undefined);
  const before = answers(root, golden);
  const problems: string[] = [];
  let refused = 0;
  for (const { name, apply, undo } of damages(root).slice(0, 400)) {
    apply();
    try {
      const isHarmless = answers(root, golden) === before;
      // A selection by coefficients leaves out those that are NaN, as the library does.
      const isSelection = golden.case.includes("SelectFromModel") && name.endsWith("NaN");
      if (!isHarmless && !isSelection && hopeless.some((pattern) => pattern.test(name)))
        problems.push(`${golden.case}: ${name} is answered`);
    } catch (error) {
      refused++;
      if (!(error instanceof TrimaranError)) problems.push(`${golden.case}: ${name}: ${String(error)}`);
    } finally {
      undo();
    }
  }
  assert.equal(answers(root, golden), before, `${golden.case}: repaired, it answers as before`);
  return { problems, refused };
}

for (const family of ["linear", "trees", "gb", "hgb", "others", "compose", "preprocessing"]) {
  test(`${family}: a damaged attribute is a typed error, or an answer where the library has one`, () => {
    const cases = recordedCases(`${goldenFolder("sklearn")}recorded`, `sk151/${family}-`).filter(
      ({ path, expect }) => expect === undefined && /\.(pkl|joblib)$/.test(path),
    );
    assert.ok(cases.length > 0);
    const found = cases.map(damage);
    const problems = found.flatMap((each) => each.problems);
    assert.deepEqual(problems, []);
    assert.ok(found.some(({ refused }) => refused > 0));
  });
}
