// Where the shared rides, models and hostile files lie: beside the checkout, or where TRIMARAN_SHARED says.
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export const sharedFolder: string =
  process.env["TRIMARAN_SHARED"] ?? fileURLToPath(new URL("../../../shared", import.meta.url));

/** `false` when the shared data is here, else the reason to skip by name. */
export const withoutShared: string | false = existsSync(`${sharedFolder}/data/models/goldens/manifest.json`)
  ? false
  : "../shared/data is not here";

export function sharedPath(path: string): string {
  return `${sharedFolder}/data/${path}`;
}

export interface GoldenRow {
  readonly input: unknown;
  readonly predict?: unknown;
  readonly predict_proba?: readonly number[];
  readonly error?: string;
}

/** Lines of an NDJSON file; none when it is not there. */
export function readLines(path: string): readonly GoldenRow[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n");
  return lines.filter((line) => line !== "").map((line) => JSON.parse(line) as GoldenRow);
}

export interface GoldenModel {
  readonly name: string;
  readonly file: string;
  readonly input: "rides" | "arrays" | "frame";
  readonly columns?: readonly string[];
  readonly classes?: readonly unknown[];
  readonly exact: boolean;
  readonly tolerance?: { readonly rel: number; readonly abs: number };
  readonly rows: number;
  readonly refused: number;
}

export function goldenModels(): readonly GoldenModel[] {
  const text = readFileSync(sharedPath("models/goldens/manifest.json"), "utf8");
  return (JSON.parse(text) as { models: readonly GoldenModel[] }).models;
}
