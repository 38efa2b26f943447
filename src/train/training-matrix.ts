// What a model is fitted to: feature rows, vectorized as they come (one column a number, one a string value, as scikit-learn's
// DictVectorizer names and sorts them), with their targets. One pass over the rows, whatever their number.
import { type Issue, trimaranError } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { Label } from "../data/predictions.ts";
import { typeName } from "../data/type-name.ts";
import { cellWriter } from "./cell-writer.ts";
import { GrowingNumbers } from "./growing-array.ts";
import type { SparseRows } from "./sparse-rows.ts";
import { numberTarget, type TargetReader, targetReader } from "./target-reader.ts";

/** What the target is: a number, or one of several classes. */
export type TrainingTask = "regression" | "classification";

/**
 * How the fitted model takes its rows: `records` are dictionaries of numbers and strings; `matrix` are numbers only, by name or
 * position.
 */
export type TrainingLayout = "records" | "matrix";

export interface TrainingMatrix {
  readonly task: TrainingTask;
  readonly layout: TrainingLayout;
  /** Column i's name: `trip_distance`, `PU_DO=10_50`. Sorted by code point for `records`, as first seen for `matrix`. */
  readonly names: readonly string[];
  readonly rows: SparseRows;
  /** One a row: the number, or the position in `classes`. */
  readonly targets: Float64Array;
  /** Sorted; null for a regression. */
  readonly classes: readonly Label[] | null;
  /** One a row, all above 0; null: every row weighs the same. */
  readonly weights: Float64Array | null;
  /** Rows that were left out. */
  readonly dropped: DroppedRows;
}

export interface DroppedRows {
  /** Their target was null, undefined or NaN. */
  readonly missingTarget: number;
  /** One of their features was null or NaN. */
  readonly missingFeature: number;
}

export interface TrainingMatrixOptions {
  readonly task: TrainingTask;
  /** @default "records" */
  readonly layout?: TrainingLayout;
  /**
   * What happens to a row with a missing target or feature (null, undefined or NaN): `refuse` throws and names it, `drop` leaves it
   * out and counts it.
   *
   * @default "refuse"
   */
  readonly missing?: "refuse" | "drop";
  /**
   * The columns, as another matrix has them: names that it lacks add nothing.
   *
   * @default what the rows hold
   */
  readonly names?: readonly string[];
}

export interface TrainingRows {
  readonly rows: readonly FeatureRow[];
  /** One a row: a number for a regression; a string, boolean or whole number for a classification. */
  readonly targets: readonly unknown[];
  /** One a row, finite and not negative; a row of weight 0 is left out. @default every row weighs the same */
  readonly weights?: readonly number[];
}

export interface TrainingMatrixBuilder {
  /** Rows that were kept. */
  readonly rowCount: number;
  /** @throws ROW_INVALID with every issue of these rows; rows are counted from the first one that was ever added */
  add(batch: TrainingRows): void;
  /** @throws TRAIN_DATA when nothing can be fitted to what was added. */
  finish(): TrainingMatrix;
}

/** Issues of one call beyond these are only counted. */
const maxIssues = 100;

/** @throws TRAIN_DATA for options that do not fit one another */
export function trainingMatrixBuilder(options: TrainingMatrixOptions): TrainingMatrixBuilder {
  const { task, layout = "records", missing = "refuse" } = options;
  const cells = cellWriter({ layout, ...(options.names === undefined ? {} : { names: options.names }) });
  const reader: TargetReader = task === "regression" ? numberTarget : targetReader();
  const targets = new GrowingNumbers();
  const weights = new GrowingNumbers();
  let hasWeights = false;
  let seen = 0;
  let missingTarget = 0;
  let missingFeature = 0;

  /** An issue, `missing` when the row is to be left out, or null when it was taken. */
  const take = (row: FeatureRow, target: unknown, weight: number): RowFault | null => {
    if (!(weight >= 0 && weight < Infinity))
      return { path: "", message: "its weight is not a finite number from 0 up" };
    const value = reader.read(target);
    if (value === "missing") return { path: "", message: "its target is missing", missing: "target" };
    if (value === "unfit") return { path: "", message: `its target is ${typeName(target)}: ${reader.wanted}` };
    if (weight === 0) return null;
    const fault = cells.addRow(row);
    if (fault !== null) return fault;
    targets.push(value);
    weights.push(weight);
    return null;
  };

  return {
    get rowCount() {
      return targets.length;
    },
    add({ rows, targets: given, weights: own }) {
      if (given.length !== rows.length || (own !== undefined && own.length !== rows.length)) {
        throw trimaranError("TRAIN_DATA", { problem: `there are ${rows.length} rows, but ${given.length} targets` });
      }
      if (own !== undefined) hasWeights = true;
      const issues: Issue[] = [];
      let faults = 0;
      for (const [at, row] of rows.entries()) {
        const fault = take(row, given[at], own?.[at] ?? 1);
        if (fault === null) continue;
        if (missing === "drop" && fault.missing === "target") missingTarget++;
        else if (missing === "drop" && fault.missing === "feature") missingFeature++;
        else if (++faults <= maxIssues) {
          const path = jsonPointer(seen + at) + fault.path;
          issues.push({ path, code: fault.missing === undefined ? "wrong_type" : "missing", message: fault.message });
        }
      }
      seen += rows.length;
      const [first] = issues;
      if (first !== undefined) {
        throw trimaranError("ROW_INVALID", { count: faults, first: `${first.path}: ${first.message}` }, { issues });
      }
    },
    finish() {
      const dropped = { missingTarget, missingFeature };
      if (targets.length === 0) throw trimaranError("TRAIN_DATA", { problem: noRows(dropped) });
      const { rows, names } = cells.finish();
      const { targets: codes, classes } = reader.finish(targets.finish());
      if (classes !== null && classes.length < 2) {
        throw trimaranError("TRAIN_DATA", { problem: "every row's target is the same class" });
      }
      return {
        task,
        layout,
        names,
        rows,
        targets: codes,
        classes,
        weights: hasWeights ? weights.finish() : null,
        dropped,
      };
    },
  };
}

interface RowFault {
  readonly path: string;
  readonly message: string;
  readonly missing?: "target" | "feature";
}

function noRows({ missingTarget, missingFeature }: DroppedRows): string {
  if (missingTarget + missingFeature === 0) return "there are no rows";
  return `of ${missingTarget + missingFeature} rows ${missingTarget} lack a target and ${missingFeature} a feature`;
}
