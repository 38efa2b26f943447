// A target → a prediction service: definition resolved, model loaded and compiled, examples verified, kernels warmed.
import type { PredictionService } from "./prediction-service.ts";

export interface OpenServiceOptions {
  /** `--model` flags as given (`URI`, or `name=URI` for a record of models). */
  readonly models?: readonly string[];
  /** The process environment, for MODEL_URI and RUN_ID. */
  readonly env?: Readonly<Record<string, string | undefined>>;
}
