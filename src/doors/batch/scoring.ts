// One target, opened once, that scores unit after unit: what a command, a backfill or an index of a cluster's job calls.
import type { InputFile, Manifest } from "./ports.ts";
import type { WriteColumn } from "./write-columns.ts";

/** One output file and what it is made of. URLs are filled already. */
export interface ScoreUnit {
  readonly inputs: readonly string[];
  readonly output: string;
  /** `2021-03`; null: none was asked for. */
  readonly period: string | null;
}

/**
 * - `new`: nothing is published here
 * - `resume`: an earlier run over the same things kept shards
 * - `changed`: what is published was made of other inputs, another model or another definition
 * - `done`: what is published was made of exactly these
 */
export type UnitState = "new" | "resume" | "changed" | "done";

/** What a run of the unit would do, and why. */
export interface UnitPlan {
  readonly unit: ScoreUnit;
  readonly output: string;
  /** null: the inputs must be read to know it. */
  readonly run: string | null;
  readonly state: UnitState;
  /** A sentence: "the model is another one (version 3, was 2)". */
  readonly why: string;
  readonly inputs: readonly InputFile[];
  /** Of the run that is published. */
  readonly published: Manifest | null;
}

export interface UnitProgress {
  /** Rows of the inputs that are done with, those of earlier runs included. */
  readonly done: number;
  /** Of these: of this run. */
  readonly here: number;
  readonly total: number;
  readonly written: number;
  readonly rejected: number;
}

export interface RunHooks {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: UnitProgress) => void;
  /** What may be of interest: "goes on with 12 of 40 shards". */
  readonly onNotice?: (text: string) => void;
  /** Looks at the unit before it is published, and says what to add to the manifest; throws where it must not be published. */
  readonly beforePublish?: (made: MadeUnit) => Promise<Pick<Manifest, "backtest">>;
}

export interface MadeUnit {
  /** The file with all its rows, still in its place's folder; its last bytes are on their way to the disk. */
  readonly file: string;
  /** What it will be called. */
  readonly name: string;
  readonly rows: number;
}

export interface UnitResult {
  readonly output: string;
  readonly manifest: Manifest;
  readonly shards: { readonly total: number; readonly kept: number };
  readonly seconds: number;
}

export interface Scoring extends AsyncDisposable {
  /** Name of the deployment or the model. */
  readonly name: string;
  /** The columns of its outputs. */
  readonly write: readonly WriteColumn[];
  /** Output columns that the definition wants a back-test to be cut by. */
  readonly slices: readonly string[];
  /** Reads no rows and writes nothing. */
  plan(unit: ScoreUnit, signal: AbortSignal): Promise<UnitPlan>;
  /** Scores it whole, or throws and publishes nothing. What is published is replaced. @throws BATCH_*, TABLE_*, FILE_* */
  run(unit: ScoreUnit, hooks: RunHooks): Promise<UnitResult>;
}
