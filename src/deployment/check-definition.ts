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
import type { RawRow, ResolvedDeployment, ResolvedExample } from "./resolved-deployment.ts";

/** What `check` asks of a model; a higher floor answers. */
export interface ModelAsk {
  readonly input: ModelInput;
  readonly methods: readonly string[];
  readonly version: string | null;
  /** The definition itself names this very model (`ChosenModel.fixed`). */
  readonly fixed: boolean;
  /** One answer a row: the raw values by method, or the sentence of the library's refusal. */
  predict(rows: readonly FeatureRow[]): Promise<readonly AskedRow[]>;
}

export type AskedRow =
  | { readonly kind: "raw"; readonly raw: RawRow }
  | { readonly kind: "refused"; readonly message: string };

/**
 * `issues` make the check fail; `notes` are worth knowing: an example that another model answers differently, a category that
 * this model never saw.
 */
export async function checkDefinition(definition: ResolvedDeployment, ask: ModelAsk): Promise<CheckReport> {
  const report: CheckReport = { issues: [], notes: [] };
  for (const method of definition.methods ?? []) {
    if (ask.methods.includes(method)) continue;
    const message = `The model has no method ${method}; it has ${ask.methods.join(", ")}.`;
    report.issues.push({ path: "/methods", code: "unknown_method", message });
  }
  const cases = runFeatures(definition, report);
  if (report.issues.some(({ code }) => code === "features_failed")) return report;
  checkFeatureNames({ input: ask.input, rows: cases.map(({ features }) => features) }, report);
  // Asking for a method that is not there would only say the same again.
  if (report.issues.some(({ code }) => code === "unknown_method")) return report;
  await checkExamples(definition, ask, { cases: cases.filter(({ example }) => example !== null), report });
  return report;
}

interface Case {
  readonly path: string;
  readonly example: ResolvedExample | null;
  readonly row: Row;
  readonly features: FeatureRow;
}

/** Runs `features` twice for every example, and for a made-up row where there is none. */
function runFeatures(definition: ResolvedDeployment, report: CheckReport): Case[] {
  const read = compileRow(definition.input, { unknownFields: "reject" });
  const notes: RowNotes = { issues: [], warnings: new Map() };
  const given = definition.examples.map((example, index) => ({
    example,
    path: `/examples/${index}`,
    sent: example.input,
  }));
  const cases = given.length > 0 ? given : [{ example: null, path: "/features", sent: sampleRow(definition.input) }];
  return cases.flatMap(({ example, path, sent }): Case[] => {
    const row = example === null ? sent : read(sent, notes, `${path}/input`);
    const again = example === null ? sampleRow(definition.input) : read(sent, notes, `${path}/input`);
    if (row === undefined || again === undefined) return [];
    try {
      const features = definition.features(row);
      // Of a second reading of the same row, so that a function that changes its row is found too.
      const repeated = definition.features(again);
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
      return [{ path, example, row, features }];
    } catch (error) {
      report.issues.push(failure(error, { path, code: "features_failed" }));
      return [];
    }
  });
}

interface Examples {
  readonly cases: readonly Case[];
  readonly report: CheckReport;
}

async function checkExamples(
  definition: ResolvedDeployment,
  ask: ModelAsk,
  { cases, report }: Examples,
): Promise<void> {
  if (cases.length === 0) return;
  const answers = await ask.predict(cases.map(({ features }) => features));
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
        (isRecordedFor(example, ask) ? report.issues : report.notes).push(issue);
      }
    } catch (error) {
      report.issues.push(failure(error, { path: `${path}/output`, code: "output_unfit" }));
    }
  }
}

/** Whether the example's output was recorded for this very model; a version in the example has the last word where there is one. */
function isRecordedFor(example: ResolvedExample, ask: ModelAsk): boolean {
  if (example.version !== null && ask.version !== null) return example.version === ask.version;
  return ask.fixed;
}

/** An example is the author's own data, so what their code threw may be shown. */
function failure(error: unknown, at: { readonly path: string; readonly code: string }): Issue {
  if (!isTrimaranError(error)) throw error;
  const said = error.cause instanceof Error ? ` ${error.cause.message}` : "";
  return { ...at, message: `${error.message}${said}` };
}
