// What a model file tells about itself, beside its graph. Everything here was written by the file's author: show it, never trust it.

export interface ModelFacts {
  /** `pickle`, `joblib`, `joblib+gzip`, …; for a folder `mlflow/pickle`. */
  readonly format: string;
  /** Pickle protocol, where there is one. */
  readonly protocol: number | null;
  /** Classes of estimators inside, in order of first appearance. */
  readonly classes: readonly string[];
  /** Library → the versions that wrote parts of the file. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** The run that an MLmodel names. */
  readonly runId: string | null;
  /** `predict_fn` of the MLmodel's pyfunc flavour. */
  readonly predictMethod: string | null;
  /** Notes that refuse nothing: trailing bytes, an unverified version. */
  readonly notes: readonly string[];
}
