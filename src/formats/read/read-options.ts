// What reading is told beside the bytes: the classes that a definition describes itself.
import type { CustomEstimator } from "../sklearn/define-estimator.ts";
import type { ReadLimits } from "./read-limits.ts";

export interface ReadOptions {
  /** Exactly their classes are allowed in the file, as inert data, beside those that we read. @default [] */
  readonly estimators?: readonly CustomEstimator[];
  /** What the file may cost to read, where that is more or less than usual. @default as each limit says */
  readonly limits?: ReadLimits;
}

export function customClasses(options: ReadOptions): readonly string[] {
  return (options.estimators ?? []).flatMap((estimator) => estimator.options.classes);
}
