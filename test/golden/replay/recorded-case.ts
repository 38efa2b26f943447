// Recorded goldens: a model file and what the real library answered, as test/golden/sklearn/record.py wrote them.
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { gunzipSync } from "node:zlib";

/** A cell, an answer, or an array of them. `null` is NaN (None in text columns); integers beyond 2^53 are bigint. */
export type Recorded =
  | null
  | boolean
  | number
  | bigint
  | string
  | readonly Recorded[]
  | { readonly [name: string]: Recorded };

export type Closeness = "exact" | "near" | "loose";

export interface RecordedColumn {
  readonly dtype: string;
  readonly values: readonly Recorded[];
}

export interface RecordedMethod extends Partial<RecordedColumn> {
  /** Several outputs of a multi-output model. */
  readonly outputs?: readonly RecordedColumn[];
  /** By row: what the library answers to the row alone, where that has other bits. */
  readonly alone?: Readonly<Record<string, Recorded>>;
  /** By row: the sum of absolute terms of a linear answer. */
  readonly scale?: readonly number[];
}

export interface RecordedCase {
  readonly case: string;
  readonly env: string;
  readonly family: string;
  readonly estimator: string;
  readonly classes: readonly string[];
  readonly input: { readonly kind: string; readonly columns: number | readonly (readonly [string, string])[] };
  /** Our reader has to refuse the file. */
  readonly expect?: "unsupported";
  readonly rows: readonly Recorded[];
  readonly refused: readonly {
    readonly input: Recorded;
    readonly methods: readonly string[];
    readonly error: string;
  }[];
  readonly exactness: Readonly<Record<string, Closeness>>;
  readonly tolerance?: number;
  readonly methods: Readonly<Record<string, RecordedMethod>>;
  /** Of the model's file. */
  readonly path: string;
}

/** The cases below `folder` (`recorded/<env>/<case>.json.gz`) whose `env/case` contains `part`. */
export function recordedCases(folder: string, part = ""): RecordedCase[] {
  const paths = globSync("*/*.json.gz", { cwd: folder }).sort();
  return paths.filter((path) => caseId(path).includes(part)).map((path) => readCase(join(folder, path)));
}

function caseId(path: string): string {
  return `${basename(dirname(path))}/${basename(path, ".json.gz")}`;
}

function readCase(path: string): RecordedCase {
  const golden = JSON.parse(gunzipSync(readFileSync(path)).toString("utf8"), revive) as RecordedCase & { file: string };
  const model = join(dirname(path), golden.file);
  if (!existsSync(model)) throw new Error(`${model} is missing beside its golden`);
  return { ...golden, path: model };
}

function revive(_key: string, value: unknown, context?: { readonly source?: string }): unknown {
  if (value === "Infinity") return Number.POSITIVE_INFINITY;
  if (value === "-Infinity") return Number.NEGATIVE_INFINITY;
  const source = context?.source;
  return typeof value === "number" && source !== undefined && /^-?\d{16,}$/.test(source) && !Number.isSafeInteger(value)
    ? BigInt(source)
    : value;
}
