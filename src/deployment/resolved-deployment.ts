// A definition after everything was checked and every default filled: what serving, the doors and `check` work with.
import type { Schema } from "../data/field.ts";
import type { Row } from "../data/schema-row.ts";
import type { CustomEstimator } from "../formats/sklearn/define-estimator.ts";
import type { MethodName } from "../model/predictor.ts";
import type { FeatureExpression } from "./feature-expression.ts";
import type { ModelFeatures } from "./model-features.ts";
import type { BatchSection, FeedbackSection, StreamSection, WebSection } from "./sections.ts";

/** The model line of a definition. URIs stand as written: `resolveModelUri` makes them whole. */
export type ModelLine =
  | { readonly kind: "single"; readonly uri: string }
  | { readonly kind: "steps"; readonly uris: readonly string[] }
  | { readonly kind: "record"; readonly uris: Readonly<Record<string, string>> };

/** One row's answers by method, as the model gave them: numbers, labels, or arrays of them. */
export type RawRow = Readonly<Record<string, unknown>>;
/** An output as it is answered, declared fields in declared order, without `model_version`. */
export type OutputRow = Readonly<Record<string, unknown>>;

export interface ResolvedExample {
  readonly input: Readonly<Record<string, unknown>>;
  readonly features: ModelFeatures | null;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly tolerance: number;
  readonly version: string | null;
}

export interface ResolvedLookup {
  readonly fetch: (
    rows: readonly Row[],
    context: { readonly signal: AbortSignal; readonly time: Date },
  ) => Promise<readonly unknown[]>;
  readonly timeoutMs: number;
  /** 0: nothing is remembered. */
  readonly cacheMs: number;
  readonly onError: "fail" | "missing";
}

export interface ResolvedDeployment {
  readonly name: string;
  readonly description: string | null;
  /** null: the model comes from the outside (`--model`, the folder that the definition was logged in). */
  readonly model: ModelLine | null;
  /** What objects of the user's own classes compute. */
  readonly estimators: readonly CustomEstimator[];
  readonly input: Schema;
  readonly output: Schema;
  /** null: the model's own default method. */
  readonly methods: readonly MethodName[] | null;
  /** null: each door's own way (`reject-close` on the web, `ignore` in batch and stream). */
  readonly unknownFields: "reject" | "ignore" | null;
  /**
   * A validated row, and what `lookup` found for it, to what goes into the model; of several models one row a name, or one for
   * all.
   * @throws DEFINITION_FEATURES when the user's function throws or gives something that is no row of feature values
   */
  readonly features: (row: Row, extra?: unknown) => ModelFeatures;
  /** The features come from a function or templates; false: the input passes through under its own names. */
  readonly hasFeatures: boolean;
  /** What `features` does, as data; a definition in YAML has it. @default it is code */
  readonly featureExpressions?: Readonly<Record<string, FeatureExpression>>;
  /**
   * The model's answers to the output object.
   * @throws DEFINITION_OUTPUT when the user's function throws or the result does not fit `output`
   */
  readonly toOutput: (raw: RawRow, row: Row) => OutputRow;
  /** The output is not just what the model computed. */
  readonly hasPostprocess: boolean;
  readonly lookup: ResolvedLookup | null;
  readonly key: ((row: Row) => string) | null;
  readonly time: ((row: Row) => Date) | null;
  readonly examples: readonly ResolvedExample[];
  readonly web: WebSection;
  readonly batch: BatchSection | null;
  readonly stream: StreamSection | null;
  readonly feedback: FeedbackSection | null;
}

/** What `openDefinition` gives. */
export interface OpenedDefinition {
  readonly definition: ResolvedDeployment;
  /** The absolute path of the definition's file. */
  readonly file: string;
  /** `sha256:` and 64 hex digits over the definition and every relative module that it imports. */
  readonly digest: string;
  /** Absolute paths: the file and every relative module that it imports, sorted. */
  readonly modules: readonly string[];
  /** Packages that these modules import, beside `trimaran`. @default [] */
  readonly packages?: readonly ImportedPackage[];
}

export interface ImportedPackage {
  /** `dayjs`, `@scope/name` */
  readonly name: string;
  /** Absolute path of a module that imports it. */
  readonly importer: string;
}
