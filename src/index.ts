// The public entry of the package: what a definition and a test import from "trimaran". Importing it loads no model code:
// `openDeployment`, composed here, brings that when it is called.
import { fileURLToPath } from "node:url";
import type { Batch, FeatureRow } from "./data/batch.ts";
import { rowError } from "./data/row-error.ts";
import type { Row } from "./data/schema-row.ts";
import type { CheckReport } from "./deployment/check-features.ts";
import type { ModelFeatures } from "./deployment/model-features.ts";
import type { OutputRow } from "./deployment/resolved-deployment.ts";
import type { WebHandler } from "./doors/web/open-web-service.ts";
import type { PredictionService } from "./serving/prediction-service.ts";

export { type ErrorKind, type Issue, isTrimaranError, TrimaranError } from "./base/errors.ts";
export type { Field, Infer, InferInput, Schema } from "./data/field.ts";
export {
  boolean,
  category,
  date,
  integer,
  list,
  number,
  object,
  string,
  timestamp,
} from "./data/field-builders.ts";
export type { ModelInput } from "./data/model-input.ts";
export type { OutputValue } from "./data/prediction-text.ts";
export type { CheckReport } from "./deployment/check-features.ts";
export { type Definition, defineDeployment, type FeatureValue } from "./deployment/define-deployment.ts";
export {
  type AttributeView,
  type ComputedValue,
  type CustomEstimator,
  defineEstimator,
  type EstimatorColumn,
  type EstimatorMethods,
  type EstimatorOptions,
  type EstimatorView,
  type GraphValue,
} from "./formats/sklearn/define-estimator.ts";
export type {
  MethodAnswers,
  ModelDescription,
  OpenedModel,
  PredictMethodsOptions,
  PredictRowsOptions,
} from "./model/opened-model.ts";
export { type ModelBytes, type OpenModelOptions, openModel } from "./serving/open-model.ts";
export type { Batch, FeatureRow, OutputRow };

export interface OpenDeploymentOptions {
  /** Another model than the one that the definition names: a path or a URI; of several models URIs by name. */
  readonly model?: string | Readonly<Record<string, string>>;
  /** For MODEL_URI and RUN_ID. @default {} */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** A definition with its model, in this process and without a port. */
export interface OpenedDeployment extends AsyncDisposable {
  readonly name: string;
  /** The `model_version` of the answers; null when the model names none. */
  readonly modelVersion: string | null;
  /**
   * What goes into the model for a row, and for what `lookup` found for it; of several models one row a name, where the definition
   * gives that.
   * @throws ROW_INVALID, DEFINITION_FEATURES
   */
  features(row: unknown, extra?: unknown): ModelFeatures;
  /** The output of a row. @throws ROW_INVALID */
  predict(row: Readonly<Record<string, unknown>>): Promise<OutputRow>;
  /** The outputs of rows, in order. @throws ROW_INVALID with every issue (`/3/trip_distance`) when a row has no answer */
  predict(rows: readonly unknown[]): Promise<readonly OutputRow[]>;
  /** What `trimaran check` says: nothing in `issues` means that the definition fits its model. */
  check(): Promise<CheckReport>;
  /** What the web service answers: `fetch(new Request("http://localhost/predict", { method: "POST", … }))`. */
  fetch(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/**
 * Opens a definition (a file or its folder) with its model, as a test does.
 *
 * @example
 * await using d = await openDeployment("examples/ride-duration/deployment.ts");
 * const { duration } = await d.predict({ PULocationID: 10, DOLocationID: 50, trip_distance: 40 });
 *
 * @throws every code of loading a definition or a model; whether the two fit is `check`'s to say
 */
export async function openDeployment(
  file: string | URL,
  options: OpenDeploymentOptions = {},
): Promise<OpenedDeployment> {
  const { openDefinition } = await import("./deployment/open-definition.ts");
  const { openDeploymentService } = await import("./serving/open-service.ts");
  const { compileRow } = await import("./data/compile-row.ts");
  const opened = await openDefinition(typeof file === "string" ? file : fileURLToPath(file));
  const service = await openDeploymentService(opened, { ...options, verify: false });
  const { definition } = opened;
  const read = compileRow(definition.input, { unknownFields: definition.unknownFields ?? "ignore" });
  let handler: Promise<WebHandler> | undefined;
  const answer = async (rows: readonly unknown[]): Promise<readonly OutputRow[]> => {
    const answers = await service.answer(rows);
    if (answers.issues.length > 0) throw rowError(answers.issues);
    return rows.map((_, row) => answers.value(row));
  };
  function predict(row: Readonly<Record<string, unknown>>): Promise<OutputRow>;
  function predict(rows: readonly unknown[]): Promise<readonly OutputRow[]>;
  async function predict(asked: unknown): Promise<OutputRow | readonly OutputRow[]> {
    if (Array.isArray(asked)) return answer(asked);
    const answers = await service.answer([asked]);
    if (answers.issues.length > 0) throw rowError(answers.issues, true);
    return answers.value(0);
  }
  const close = async (): Promise<void> => {
    await (await handler)?.close();
    await service.close();
  };
  return {
    name: service.name,
    modelVersion: service.model.version,
    features(row, extra) {
      const notes = { issues: [], warnings: new Map() };
      const sound: Row | undefined = read(row, notes, "");
      if (sound === undefined) throw rowError(notes.issues, true);
      return definition.features(sound, extra);
    },
    predict,
    check: () => service.check(),
    async fetch(request) {
      handler ??= webHandler(service);
      return (await handler).fetch(request);
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function webHandler(service: PredictionService): Promise<WebHandler> {
  const { openWebHandler } = await import("./doors/web/open-web-service.ts");
  const { fixedCatalog } = await import("./serving/catalog.ts");
  return openWebHandler({ catalog: fixedCatalog([service]) });
}
