// A fitted model before rows that it has not seen: batch after batch through the same predictor that serves it.
import { trimaranError } from "../base/errors.ts";
import type { Batch, FeatureRow } from "../data/batch.ts";
import type { Label } from "../data/predictions.ts";
import { compileGraph } from "../engine/compile.ts";
import type { ModelGraph } from "../model/graph.ts";
import { GrowingNumbers } from "./growing-array.ts";
import {
  type ClassificationMetrics,
  classificationMetrics,
  type RegressionMetrics,
  regressionMetrics,
} from "./metrics.ts";
import { numberTarget } from "./target-reader.ts";
import type { TrainingMatrix } from "./training-matrix.ts";

export interface ModelScore {
  readonly metrics: RegressionMetrics | ClassificationMetrics;
  /** Rows that were scored. */
  readonly rows: number;
  /** Rows that were left out. */
  readonly leftOut: {
    readonly missingTarget: number;
    /** The target is not of the kind, or a class that training did not see. */
    readonly unfitTarget: number;
    /** The model refuses the features. */
    readonly refused: number;
  };
}

export interface ModelScorer {
  add(rows: readonly FeatureRow[], targets: readonly unknown[]): void;
  /** @throws TRAIN_DATA when no row could be scored */
  finish(): ModelScore;
}

/** `matrix` is what the model was fitted to. */
export function modelScorer(
  graph: ModelGraph,
  matrix: Pick<TrainingMatrix, "layout" | "names" | "classes">,
): ModelScorer {
  const predictor = compileGraph(graph);
  const { classes } = matrix;
  const method = classes === null ? "predict" : "predict_proba";
  const read = classes === null ? numberTarget.read : classReader(classes);
  const truth = new GrowingNumbers();
  const answers = new GrowingNumbers();
  const leftOut = { missingTarget: 0, unfitTarget: 0, refused: 0 };
  return {
    add(rows, targets) {
      if (rows.length !== targets.length) {
        throw trimaranError("TRAIN_DATA", { problem: `there are ${rows.length} rows, but ${targets.length} targets` });
      }
      const { outputs, issues } = predictor.predict(batchOf(rows, matrix), { methods: [method] });
      const output = outputs[method];
      if (output?.kind !== "number") throw new TypeError(`score: ${method} answers ${output?.kind}`);
      const refused = new Set(issues.map(({ row }) => row));
      for (const [row, target] of targets.entries()) {
        const value = read(target);
        if (value === "missing") leftOut.missingTarget++;
        else if (value === "unfit") leftOut.unfitTarget++;
        else if (refused.has(row)) leftOut.refused++;
        else {
          truth.push(value);
          for (let at = 0; at < output.width; at++) answers.push(output.values[row * output.width + at] as number);
        }
      }
    },
    finish() {
      predictor.close();
      if (truth.length === 0)
        throw trimaranError("TRAIN_DATA", { problem: "no row of the validation set can be scored" });
      const [known, given] = [truth.finish(), answers.finish()];
      const metrics =
        classes === null ? regressionMetrics(known, given) : classificationMetrics(known, given, classes.length);
      return { metrics, rows: known.length, leftOut };
    },
  };
}

function batchOf(rows: readonly FeatureRow[], { layout, names }: Pick<TrainingMatrix, "layout" | "names">): Batch {
  if (layout === "records") return { kind: "records", rows };
  const width = names.length;
  const values = new Float64Array(rows.length * width);
  for (const [row, cells] of rows.entries()) {
    for (const [column, name] of names.entries()) {
      const cell = cells[name];
      const isNumber = typeof cell === "number" || typeof cell === "bigint" || typeof cell === "boolean";
      values[row * width + column] = isNumber ? Number(cell) : Number.NaN;
    }
  }
  return { kind: "matrix", rowCount: rows.length, width, values };
}

function classReader(classes: readonly Label[]): (target: unknown) => number | "missing" | "unfit" {
  const places = new Map<unknown, number>(classes.map(({ value }, at) => [value, at]));
  return (target) => {
    if (target === null || target === undefined || Number.isNaN(target)) return "missing";
    const small = typeof target === "bigint" && Number.isSafeInteger(Number(target)) ? Number(target) : target;
    return places.get(small) ?? "unfit";
  };
}
