// `defineDeployment`: what a user writes, with types that flow from `input` through `features` and `postprocess` to `output`.
import type { Cell } from "../data/batch.ts";
import type { AnyField, Infer, InferInput, InputOf, OutputOf, Schema } from "../data/field.ts";
import type { CustomEstimator } from "../formats/sklearn/define-estimator.ts";
import type { MethodName } from "../model/predictor.ts";
import type { BatchSection, FeedbackSection, StreamSection, WebSection } from "./sections.ts";

/**
 * One model by URI, the steps of one pipeline, or several models by name. A relative path is relative to the definition's file.
 * Of a file that holds a dict of parts `parts.pkl#dv,model` names those that make the model, in order.
 */
export type ModelOption = string | readonly string[] | Readonly<Record<string, string>>;

/** A value that goes into a model; `null` is missing. `undefined` is refused: it is nearly always a misspelt field. */
export type FeatureValue = Cell;
export type FeatureValues = Readonly<Record<string, FeatureValue>>;

/** A model that answers several numbers a row gives an array, else a number; which, only the model knows. */
type NumberOrRow = number & readonly number[];

/** A class label, where the outputs say that labels may come. */
export type LabelValue = number | string | boolean | bigint;

type PredictValue<Output extends Schema> =
  OutputOf<Output[keyof Output & string]> extends number | null | undefined
    ? IsUnion<keyof Output> extends true
      ? NumberOrRow
      : number
    : LabelValue;

interface MethodValues<Output extends Schema> extends Record<MethodName, unknown> {
  readonly predict: PredictValue<Output>;
  readonly predict_proba: readonly number[];
  readonly predict_log_proba: readonly number[];
  readonly decision_function: NumberOrRow;
  readonly transform: readonly number[];
  readonly score_samples: number;
  readonly contributions: readonly number[];
  readonly leaf: readonly number[];
}

/** What one model computed for a row, by method. */
export type RawOf<Output extends Schema, Methods extends readonly MethodName[]> = {
  readonly [Method in Methods[number]]: MethodValues<Output>[Method];
};

/** `raw.predict` of a single model, `raw.p50.predict` of a record of models. */
export type RawFor<Model extends ModelOption, Output extends Schema, Methods extends readonly MethodName[]> =
  IsRecord<Model> extends true ? { readonly [Name in keyof Model]: RawOf<Output, Methods> } : RawOf<Output, Methods>;

/** What `features` gives: one row for all models, or for a record of models one a name. */
export type FeaturesFor<Model extends ModelOption> =
  | FeatureValues
  | (IsRecord<Model> extends true ? { readonly [Name in keyof Model]: FeatureValues } : never);

/**
 * What `postprocess` gives. `InferInput` said with a plain mapped type beside the filtered one: through that one TypeScript finds the
 * literal types of an output while it infers, and does not take `"yes"` for any string.
 */
export type OutputFor<Output extends Schema> = InferInput<Output> & {
  readonly [Name in keyof Output]?: InputOf<Output[Name]>;
};

export interface LookupContext {
  readonly signal: AbortSignal;
  /** The time of the rows: now on the web, the event's own in a back-test. */
  readonly time: Date;
}

/** Fetches what the rows do not hold, once a batch: one `extra` a row, in order. */
export type Lookup<Row, Extra> = (rows: readonly Row[], context: LookupContext) => Promise<readonly Extra[]>;

export interface LookupOptions<Row, Extra> {
  readonly fetch: Lookup<Row, Extra>;
  /** @default 1000 ms */
  readonly timeoutMs?: number;
  /** How long an answer is kept for the same row. @default 0 ms: not at all */
  readonly cacheMs?: number;
  /** @default "fail" */
  readonly onError?: "fail" | "missing";
}

export interface Example<Input extends Schema, Output extends Schema> {
  readonly input: InferInput<Input>;
  /** What `features` must give for it. */
  readonly features?: FeatureValues;
  /** What the model that it was recorded for must answer. */
  readonly output?: Partial<InferInput<Output>>;
  /** The largest absolute difference of a number. @default 0: equal to the last digit */
  readonly tolerance?: number;
  /** The model version that `output` was recorded for, where the definition does not name a fixed model. */
  readonly version?: string;
}

export interface DeploymentOptions<
  Model extends ModelOption,
  Input extends Schema,
  Output extends Schema,
  Methods extends readonly MethodName[],
  Extra,
> {
  /** Letters, digits, `.`, `_` and `-`. @default the stem of the file or the name of its folder */
  readonly name?: string;
  readonly description?: string;
  readonly model?: Model;
  /** What objects of your own classes in the model's file compute. */
  readonly estimators?: readonly CustomEstimator[];
  readonly input: Input;
  /** @default the input under the same names */
  readonly features?: (row: Infer<Input>, extra: Extra) => NoInfer<FeaturesFor<Model>>;
  /** What the model computes. @default the model's own `predict_fn`, else `predict` */
  readonly methods?: Methods;
  /** `model_version` is reserved. */
  readonly output: Output;
  /** @default a single output takes `raw.predict` */
  readonly postprocess?: (raw: RawFor<Model, Output, Methods>, row: Infer<Input>) => OutputFor<Output>;
  readonly lookup?: Lookup<Infer<Input>, Extra> | LookupOptions<Infer<Input>, Extra>;
  /** Names a row for joins and replay. */
  readonly key?: (row: Infer<Input>) => string;
  /** When the row happened. */
  readonly time?: (row: Infer<Input>) => Date;
  /** @default each door's own way: the web rejects misspelt names, batch and stream ignore what they do not know */
  readonly unknownFields?: "reject" | "ignore";
  readonly examples?: readonly Example<Input, Output>[];
  readonly web?: WebSection;
  readonly batch?: BatchSection;
  readonly stream?: StreamSection;
  readonly feedback?: FeedbackSection;
}

/** Without `postprocess` there must be exactly one output, one model, and `predict` among the methods. */
type Complete<Model extends ModelOption, Output extends Schema, Methods extends readonly MethodName[]> =
  IsRecord<Model> extends true
    ? PostprocessNeeded
    : IsUnion<keyof Output> extends true
      ? PostprocessNeeded
      : "predict" extends Methods[number]
        ? unknown
        : PostprocessNeeded;

interface PostprocessNeeded {
  /** Several outputs, several models or methods without `predict`: say how the outputs come about. */
  readonly postprocess: unknown;
}

/** A definition before anything was checked; `resolveDeployment` checks it and fills the defaults. */
export interface Definition {
  readonly [definitionMark]: true;
  readonly options: Readonly<Record<string, unknown>>;
}

/** Marks definitions across copies of this package (a definition may be loaded by another one than the one that reads it). */
export const definitionMark: unique symbol = Symbol.for("trimaran.definition");

/**
 * Says how rows become features, what the model computes and what is answered; one definition serves all three doors.
 *
 * @example
 * import { defineDeployment, integer, number } from "trimaran";
 *
 * export default defineDeployment({
 *   model: "./lin_reg.bin",
 *   input: { PULocationID: integer({ min: 1 }), DOLocationID: integer({ min: 1 }), trip_distance: number({ min: 0 }) },
 *   features: (ride) => ({ PU_DO: `${ride.PULocationID}_${ride.DOLocationID}`, trip_distance: ride.trip_distance }),
 *   output: { duration: number({ unit: "minute" }) },
 * });
 */
export function defineDeployment<
  const Input extends Schema,
  const Output extends Schema,
  const Model extends ModelOption = string,
  const Methods extends readonly MethodName[] = readonly ["predict"],
  Extra = undefined,
>(options: DeploymentOptions<Model, Input, Output, Methods, Extra> & Complete<Model, Output, Methods>): Definition {
  return Object.freeze({ [definitionMark]: true as const, options: Object.freeze({ ...options }) });
}

export function isDefinition(value: unknown): value is Definition {
  return typeof value === "object" && value !== null && (value as Partial<Definition>)[definitionMark] === true;
}

/** A record of models, told from a single URI and from a list of steps. */
type IsRecord<Model> = [Model] extends [string | readonly string[]] ? false : true;

type IsUnion<Type, Each = Type> = [Type] extends [never]
  ? true
  : Type extends unknown
    ? [Each] extends [Type]
      ? false
      : true
    : never;

/** Any definition's fields, where their types do not matter. */
export type AnySchema = Readonly<Record<string, AnyField>>;
