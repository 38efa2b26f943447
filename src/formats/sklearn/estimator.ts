// What an estimator's record holds: the classes it stands for, what must be fitted, and how it becomes ops.
import type { ModelInput } from "../../data/model-input.ts";
import type { GraphOutput } from "../../model/graph.ts";
import type { GraphBuilder } from "../../model/graph-builder.ts";
import type { MethodName } from "../../model/predictor.ts";
import type { ValueId } from "../../model/value.ts";
import type { PyValue } from "../pickle/tree.ts";
import type { Instance } from "./instance.ts";

/**
 * - `exact`: every number equals Python's bit for bit
 * - `near`: within 4 ulp, where the library's own result depends on BLAS or libm
 * - `loose`: as the record's `note` states
 */
export type Exactness = "exact" | "near" | "loose";

/** The answers of a fitted object, by method. */
export type Methods = Readonly<Partial<Record<MethodName, GraphOutput>>>;

export type NextInput = () => ModelInput | null;

export interface EstimatorRecord {
  /** The class's own name. */
  readonly name: string;
  /** Every `module.Class` that a file may name, newest first. */
  readonly classes: readonly string[];
  /** Attributes without which the object is not fitted. */
  readonly fitted: readonly string[];
  readonly exactness: Exactness;
  /** Limits and differences, for docs/models.md. */
  readonly note?: string;
  /** Whether `toOps` takes a table as it is; others get its cells as numbers. */
  readonly takesTables?: true;
  /**
   * What the object takes when it stands first. `next` tells what the step behind it takes, for objects that do not know
   * their own columns; null where there is none.
   */
  input(self: Instance, opener: Opener, next?: NextInput): ModelInput;
  /** Adds the ops for its methods. Ops that nobody asks for cost nothing. */
  toOps(self: Instance, input: ValueId, context: BuildContext): Methods;
}

export interface OpenedEstimator {
  readonly instance: Instance;
  readonly record: EstimatorRecord;
}

/** Finds the record of a nested object; composition goes through it. */
export interface Opener {
  /** @throws MODEL_UNSUPPORTED for a class without a record, MODEL_UNFITTED */
  open(value: PyValue | undefined, path: string, owner: Instance | null): OpenedEstimator;
}

/** What records share while one graph is built. */
export interface BuildContext extends Opener {
  readonly graph: GraphBuilder;
  /** Told to one step of a chain: the step behind it. */
  readonly behind?: { readonly step: Instance; readonly next: Instance };
}
