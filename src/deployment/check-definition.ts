// A definition against its model: examples, determinism of `features`, and feature names on both sides. The model stands behind
// a port, because this floor may not load one.
import type { Issue } from "../base/errors.ts";
import { isTrimaranError } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { compileRow } from "../data/compile-row.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import type { ModelInput } from "../data/model-input.ts";
import type { Row, RowNotes } from "../data/schema-row.ts";
import { sampleRow } from "../data/schema-sample.ts";
import { type CheckReport, checkFeatureNames } from "./check-features.ts";
import { differenceOf } from "./difference.ts";
import { featuresOf, type ModelFeatures } from "./model-features.ts";
import type { RawRow, ResolvedDeployment, ResolvedExample } from "./resolved-deployment.ts";

/** What `check` asks of a model; a higher floor answers. */
export interface ModelAsk {
  /** Its name in a record of models. */
  readonly name: string | null;
  readonly input: ModelInput;
  readonly methods: readonly string[];
  /** One answer a row: the raw values by method, or the sentence of the library's refusal. */
  predict(rows: readonly FeatureRow[]): Promise<readonly AskedRow[]>;
}

export type AskedRow =
  | { readonly kind: "raw"; readonly raw: RawRow }
  | { readonly kind: "refused"; readonly message: string };

/** For which model the examples' outputs were recorded. */
export interface RecordedFor {
  readonly version: string | null;
  /** The definition itself names this very model (`ChosenModel.fixed`). */
  readonly fixed: boolean;
}

export interface CheckPorts {
  /** One a model. */
  readonly asks: readonly ModelAsk[];
  readonly recorded: RecordedFor;
  /** What the definition's lookup finds for a row; undefined without one. */
  readonly lookup: (row: Row) => Promise<unknown> | undefined;
}

/**
 * `issues` make the check fail; `notes` are worth knowing: an example that another model answers differently, a category that
 * this model never saw.
 */
export async function checkDefinition(definition: ResolvedDeployment, ports: CheckPorts): Promise<CheckReport> {
  const { asks } = ports;
  const report: CheckReport = { issues: [], notes: [] };
  for (const method of definition.methods ?? []) {
    for (const { name, methods } of asks) {
      if (methods.includes(method)) continue;
      const message = `The model${name === null ? "" : ` ${name}`} has no method ${method}; it has ${methods.join(", ")}.`;
      report.issues.push({ path: "/methods", code: "unknown_method", message });
    }
  }
  const cases = await runFeatures(definition, ports, report);
  if (report.issues.some(({ code }) => code === "features_failed" || code === "lookup_failed")) return report;
  for (const { name, input } of asks) {
    checkFeatureNames({ input, rows: cases.map(({ features }) => featuresFor(features, name)) }, report);
  }
  // Asking for a method that is not there would only say the same again.
  if (report.issues.some(({ code }) => code === "unknown_method")) return report;
  await checkExamples(definition, ports, { cases: cases.filter(({ example }) => example !== null), report });
  return report;
}

function featuresFor(features: ModelFeatures, name: string | null): FeatureRow {
  return name === null ? (features as FeatureRow) : featuresOf(features, name);
}

interface Case {
  readonly path: string;
  readonly example: ResolvedExample | null;
  readonly row: Row;
  readonly features: ModelFeatures;
}

/** Runs `features` twice for every example, and for a made-up row where there is none. */
async function runFeatures(
  definition: ResolvedDeployment,
  { lookup }: CheckPorts,
  report: CheckReport,
): Promise<Case[]> {
  const read = compileRow(definition.input, { unknownFields: "reject" });
  const notes: RowNotes = { issues: [], warnings: new Map() };
  const given = definition.examples.map((example, index) => ({
    example,
    path: `/examples/${index}`,
    sent: example.input,
  }));
  const cases = given.length > 0 ? given : [{ example: null, path: "/features", sent: sampleRow(definition.input) }];
  const ran: Case[] = [];
  for (const { example, path, sent } of cases) {
    const row = example === null ? sent : read(sent, notes, `${path}/input`);
    const again = example === null ? sampleRow(definition.input) : read(sent, notes, `${path}/input`);
    if (row === undefined || again === undefined) continue;
    let extra: unknown;
    try {
      extra = await lookup(row);
    } catch (error) {
      report.issues.push(failure(error, { path, code: "lookup_failed" }));
      continue;
    }
    try {
      const features = definition.features(row, extra);
      // Of a second reading of the same row, so that a function that changes its row is found too.
      const repeated = definition.features(again, extra);
      if (differenceOf(features, repeated, 0) !== null) {
        const message =
          "`features` gave two different answers for the same row; it must not use time, chance or state.";
        report.issues.push({ path, code: "not_deterministic", message });
      }
      const difference = example?.features ? differenceOf(example.features, features, example.tolerance) : null;
      if (difference !== null) {
        const message = `\`features\` gives something else: ${difference.sentence}.`;
        report.issues.push({ path: `${path}/features${difference.path}`, code: "features_differ", message });
      }
      ran.push({ path, example, row, features });
    } catch (error) {
      report.issues.push(failure(error, { path, code: "features_failed" }));
    }
  }
  return ran;
}

interface Examples {
  readonly cases: readonly Case[];
  readonly report: CheckReport;
}

async function checkExamples(
  definition: ResolvedDeployment,
  { asks, recorded }: CheckPorts,
  { cases, report }: Examples,
): Promise<void> {
  if (cases.length === 0) return;
  const answers = await askAll(asks, cases);
  for (const [index, { path, example, row }] of cases.entries()) {
    const answer = answers[index];
    if (answer === undefined || example === null) continue;
    if (answer.kind === "refused") {
      report.issues.push({ path, code: "model_refused", message: `The model refuses this example: ${answer.message}` });
      continue;
    }
    try {
      const output = definition.toOutput(answer.raw, row);
      const expected = example.output ?? {};
      for (const name of Object.keys(expected)) {
        const difference = differenceOf(expected[name], output[name], example.tolerance);
        if (difference === null) continue;
        const issue: Issue = {
          path: `${path}/output${jsonPointer(name)}${difference.path}`,
          code: "output_differs",
          message: `The model answers something else: ${difference.sentence}.`,
        };
        (isRecordedFor(example, recorded) ? report.issues : report.notes).push(issue);
      }
    } catch (error) {
      report.issues.push(failure(error, { path: `${path}/output`, code: "output_unfit" }));
    }
  }
}

/** A refusal of one model is one of the row. */
async function askAll(asks: readonly ModelAsk[], cases: readonly Case[]): Promise<readonly AskedRow[]> {
  let all: AskedRow[] = [];
  for (const { name, predict } of asks) {
    const answers = await predict(cases.map(({ features }) => featuresFor(features, name)));
    if (name === null) return answers;
    all = answers.map((answer, index): AskedRow => {
      const before = all[index];
      if (before?.kind === "refused" || answer.kind === "refused") return before?.kind === "refused" ? before : answer;
      return { kind: "raw", raw: { ...before?.raw, [name]: answer.raw } };
    });
  }
  return all;
}

/** Whether the example's output was recorded for this very model; a version in the example has the last word where there is one. */
function isRecordedFor(example: ResolvedExample, { version, fixed }: RecordedFor): boolean {
  return example.version !== null && version !== null ? example.version === version : fixed;
}

/** An example is the author's own data, so what their code threw may be shown. */
function failure(error: unknown, at: { readonly path: string; readonly code: string }): Issue {
  if (!isTrimaranError(error)) throw error;
  const said = error.cause instanceof Error ? ` ${error.cause.message}` : "";
  return { ...at, message: `${error.message}${said}` };
}
