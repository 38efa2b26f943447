// What a model file tells about itself, beside its graph. Everything here was written by the file's author: show it, never trust it.
import type { MLmodel } from "../../mlflow/mlmodel.ts";
import type { Signature } from "../../mlflow/signature.ts";
import type { Member } from "./members.ts";

export interface ModelFacts {
  /** `pickle`, `joblib`, `pickle+gzip`, …; null where the format is not known. */
  readonly format: string | null;
  /** Pickle protocol, where there is one. */
  readonly protocol: number | null;
  /** Names of classes inside, in order of first appearance. */
  readonly classes: readonly string[];
  /** Library → the versions that wrote parts of the file. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
  /** The MLmodel file of a folder. */
  readonly mlmodel: MLmodel | null;
  /** What the MLmodel says of inputs and outputs. */
  readonly signature: Signature | null;
  /** A few rows that were logged with the model, as objects or arrays; empty where there are none. */
  readonly example: readonly unknown[];
  /** The parts of a file that holds several (a dict of parts); empty for a model that is one object. */
  readonly members: readonly Member[];
  /** Notes that refuse nothing: trailing bytes, an unverified version. */
  readonly notes: readonly string[];
}

export const noFacts: ModelFacts = {
  format: null,
  protocol: null,
  classes: [],
  versions: {},
  mlmodel: null,
  signature: null,
  example: [],
  members: [],
  notes: [],
};

/** The method that an MLflow model answers by default: `predict_fn` of its pyfunc flavour. */
export function predictMethodOf(facts: ModelFacts): string | null {
  const method = facts.mlmodel?.flavors.get("python_function")?.["predict_fn"];
  return typeof method === "string" ? method : null;
}
