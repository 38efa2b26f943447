// The names and types of the features that a definition gives, against those that its model takes.
import { didYouMean } from "../base/did-you-mean.ts";
import type { Issue } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { InputColumn, ModelInput, RecordFeature } from "../data/model-input.ts";

/** Filled while checking. */
export interface CheckReport {
  /** Any of these fails the check. */
  readonly issues: Issue[];
  /** Worth telling, never refused. */
  readonly notes: Issue[];
}

interface Emitted {
  readonly input: ModelInput;
  readonly rows: readonly FeatureRow[];
}

export function checkFeatureNames({ input, rows }: Emitted, report: CheckReport): void {
  const emitted = new Map<string, unknown[]>();
  for (const row of rows) {
    for (const [name, value] of Object.entries(row)) emitted.set(name, [...(emitted.get(name) ?? []), value]);
  }
  switch (input.kind) {
    case "records":
      checkRecords(input.features, emitted, report);
      break;
    case "matrix":
    case "table":
      if (input.named) checkColumns(input.columns, emitted, report);
      else checkWidth(input.columns, rows, report);
      break;
  }
}

type EmittedValues = ReadonlyMap<string, readonly unknown[]>;

function checkRecords(
  features: readonly RecordFeature[],
  emitted: EmittedValues,
  { issues, notes }: CheckReport,
): void {
  const known = new Map(features.map((feature) => [feature.name, feature]));
  for (const [name, values] of emitted) {
    const feature = known.get(name);
    const path = `/features${jsonPointer(name)}`;
    if (feature === undefined) {
      issues.push({ path, code: "unknown_feature", message: unknownSentence(name, known.keys()) });
      continue;
    }
    const texts = values.filter((value) => typeof value === "string");
    const others = values.filter((value) => value !== null && typeof value !== "string");
    if (texts.length > 0 && feature.categories.length === 0) {
      issues.push({
        path,
        code: "wrong_feature_type",
        message: `The model takes ${name} as a number; a string is given.`,
      });
    } else if (others.length > 0 && !feature.numeric) {
      const message = `The model takes ${name} as a string (a category); ${typeof others[0]} is given and would count for nothing.`;
      issues.push({ path, code: "wrong_feature_type", message });
    } else if (texts.some((text) => !feature.categories.includes(text))) {
      notes.push({
        path,
        code: "unseen_category",
        message: `An example has a value of ${name} that the model never saw.`,
      });
    }
  }
  for (const { name, numeric } of features) {
    if (emitted.has(name)) continue;
    const issue = { path: `/features${jsonPointer(name)}`, code: "missing_feature", message: missingSentence(name) };
    (numeric ? issues : notes).push(issue);
  }
}

function checkColumns(columns: readonly InputColumn[], emitted: EmittedValues, { issues, notes }: CheckReport): void {
  const known = new Map(columns.map((column) => [column.name, column]));
  for (const [name, values] of emitted) {
    const column = known.get(name);
    const path = `/features${jsonPointer(name)}`;
    if (column === undefined) {
      issues.push({ path, code: "unknown_feature", message: unknownSentence(name, known.keys()) });
      continue;
    }
    const unfit = values.find((value) => !fitsColumn(value, column));
    if (unfit === undefined) continue;
    const message = `The model takes ${name} as ${column.type}; ${unfit === null ? "null" : typeof unfit} is given.`;
    issues.push({ path, code: "wrong_feature_type", message });
  }
  for (const { name, nullable } of columns) {
    if (emitted.has(name)) continue;
    const issue = { path: `/features${jsonPointer(name)}`, code: "missing_feature", message: missingSentence(name) };
    (nullable ? notes : issues).push(issue);
  }
}

function checkWidth(columns: readonly InputColumn[], rows: readonly FeatureRow[], { issues }: CheckReport): void {
  const wrong = rows.map((row) => Object.keys(row).length).find((width) => width !== columns.length);
  if (wrong === undefined) return;
  const message = `The model takes ${columns.length} values by position; ${wrong} features are given.`;
  issues.push({ path: "/features", code: "wrong_width", message });
}

function fitsColumn(value: unknown, { type, nullable }: InputColumn): boolean {
  if (value === null) return nullable || type === "any";
  switch (type) {
    case "number":
      return typeof value === "number" || typeof value === "bigint" || typeof value === "boolean";
    case "integer":
      return typeof value === "bigint" || Number.isInteger(value);
    case "string":
    case "boolean":
      return typeof value === type;
    case "any":
      return true;
  }
}

function unknownSentence(name: string, known: Iterable<string>): string {
  const names = [...known];
  const list = names.slice(0, 12).join(", ");
  const more = names.length > 12 ? ` and ${names.length - 12} more` : "";
  return `The model does not know the feature ${JSON.stringify(name)}${didYouMean(name, names)}; it knows ${list}${more}.`;
}

function missingSentence(name: string): string {
  return `The model takes the feature ${JSON.stringify(name)}, but \`features\` never gives it.`;
}
