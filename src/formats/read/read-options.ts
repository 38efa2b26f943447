// What reading is told beside the bytes: the classes that a definition describes itself.
import type { CustomEstimator } from "../sklearn/define-estimator.ts";

export interface ReadOptions {
  /** Exactly their classes are allowed in the file, as inert data, beside those that we read. @default [] */
  readonly estimators?: readonly CustomEstimator[];
}

export function customClasses(options: ReadOptions): readonly string[] {
  return (options.estimators ?? []).flatMap((estimator) => estimator.options.classes);
}
