// One recorded case through our own reader and kernels: loads the file, answers every row in a batch and alone, and is refused what the
// library refuses, without harm to the rows beside.
import { TrimaranError } from "../../../src/base/errors.ts";
import type { ModelInput } from "../../../src/data/model-input.ts";
import type { OutputColumn, Predictions } from "../../../src/data/predictions.ts";
import { toBatch } from "../../../src/data/to-batch.ts";
import { compileGraph } from "../../../src/engine/compile.ts";
import { loadModel } from "../../../src/loaders/load-model.ts";
import type { ModelGraph } from "../../../src/model/graph.ts";
import type { SyncPredictor } from "../../../src/model/predictor.ts";
import { compareMethod, largest, rowOf } from "./compare-answers.ts";
import type { Recorded, RecordedCase } from "./recorded-case.ts";

export type Through = (graph: ModelGraph) => ModelGraph;

export type Outcome =
  | { readonly kind: "passed" }
  | { readonly kind: "unsupported"; readonly reason: string }
  | { readonly kind: "failed"; readonly problems: readonly string[] };

/** `through` is what the graph goes through before it answers, such as a file of ours. */
export async function replayCase(golden: RecordedCase, through: Through = (graph) => graph): Promise<Outcome> {
  const outcome = await replayFile(golden, through);
  if (golden.expect !== "unsupported") return outcome;
  if (outcome.kind === "unsupported") return { kind: "passed" };
  return { kind: "failed", problems: ["is answered, although we say that it is not supported"] };
}

async function replayFile(golden: RecordedCase, through: Through): Promise<Outcome> {
  let predictor: SyncPredictor;
  try {
    predictor = compileGraph(through((await loadModel([golden.path])).graph));
  } catch (error) {
    if (error instanceof TrimaranError && (error.kind === "unsupported" || error.kind === "untrusted"))
      return { kind: "unsupported", reason: error.message };
    return { kind: "failed", problems: [`does not load: ${String(error)}`] };
  }
  try {
    const problems = [...checkAnswers(golden, predictor), ...checkRefusals(golden, predictor)];
    return problems.length === 0 ? { kind: "passed" } : { kind: "failed", problems };
  } catch (error) {
    return { kind: "failed", problems: [error instanceof Error ? (error.stack ?? error.message) : String(error)] };
  }
}

function checkAnswers(golden: RecordedCase, predictor: SyncPredictor): string[] {
  const problems: string[] = [];
  const methods = Object.keys(golden.methods).filter((method) => predictor.methods.includes(method));
  for (const method of Object.keys(golden.methods))
    if (!methods.includes(method)) problems.push(`${method}: the graph lacks it`);
  const { predictions, issues } = ask(predictor, golden, golden.rows, methods);
  for (const issue of issues.slice(0, 3)) problems.push(`row ${issue.row} is refused: ${issue.path} ${issue.message}`);
  if (issues.length > 0) return problems;
  for (const method of methods) {
    const recorded = golden.methods[method];
    const column = predictions.outputs[method];
    if (recorded === undefined || column === undefined) continue;
    const closeness = golden.exactness[method] ?? "exact";
    const isTie = (row: number): boolean => standsAtTie(golden, row);
    const problem = compareMethod(column, recorded, { closeness, tolerance: golden.tolerance ?? 0, isTie });
    if (problem !== undefined) problems.push(`${method} (${closeness}): ${problem}`);
  }
  problems.push(...checkAlone(golden, predictor, predictions));
  return problems;
}

/** Our own promise: a row alone has the bits that it has in a batch. */
function checkAlone(golden: RecordedCase, predictor: SyncPredictor, batch: Predictions): string[] {
  for (const [row, input] of golden.rows.entries()) {
    const { predictions } = ask(predictor, golden, [input], Object.keys(batch.outputs));
    for (const [method, column] of Object.entries(batch.outputs)) {
      if (!sameBits(rowOf(column, row), rowOf(predictions.outputs[method] as OutputColumn, 0))) {
        return [`${method}: row ${row} alone has other bits than in the batch`];
      }
    }
  }
  return [];
}

function checkRefusals(golden: RecordedCase, predictor: SyncPredictor): string[] {
  const problems: string[] = [];
  const neighbours = golden.rows.slice(0, 2);
  const refused = golden.refused.filter(({ methods }) => methods.some((method) => predictor.methods.includes(method)));
  for (const { input, methods, error } of refused) {
    const asked = methods.filter((method) => predictor.methods.includes(method));
    const rows = [...neighbours.slice(0, 1), input, ...neighbours.slice(1)];
    const at = Math.min(1, neighbours.length);
    const { predictions, issues } = ask(predictor, golden, rows, asked);
    const found = [...new Set(issues.map((issue) => issue.row))];
    if (!found.includes(at))
      problems.push(`answers a row that the library refuses (${error}): ${JSON.stringify(input)}`);
    if (found.some((row) => row !== at)) problems.push(`a refused row spoils its neighbours: ${JSON.stringify(input)}`);
    const clean = ask(predictor, golden, neighbours, asked).predictions;
    for (const method of asked) {
      for (const [row, place] of [0, 2].entries()) {
        if (row >= neighbours.length) continue;
        const [beside, own] = [predictions.outputs[method], clean.outputs[method]].map((column, k) =>
          rowOf(column as OutputColumn, k === 0 ? place : row),
        );
        if (!sameBits(beside, own))
          problems.push(`${method}: a refused row changes its neighbour: ${JSON.stringify(input)}`);
      }
    }
  }
  return problems.length > 4 ? [...problems.slice(0, 4), `… ${problems.length - 4} more refusals`] : problems;
}

function ask(predictor: SyncPredictor, golden: RecordedCase, rows: readonly Recorded[], methods: readonly string[]) {
  const { batch, issues } = toBatch(
    rows.map((row) => rowFor(row, golden, predictor.input)),
    predictor.input,
  );
  const predictions = predictor.predict(batch, { methods });
  return { predictions, issues: [...issues, ...predictions.issues] };
}

/** A frame's row goes by name where the file keeps the names, else by position. */
function rowFor(row: Recorded, golden: RecordedCase, input: ModelInput): unknown {
  const { columns } = golden.input;
  if (input.kind === "records" || input.named || typeof columns === "number" || Array.isArray(row)) return row;
  return columns.map(([name]) => (row as Readonly<Record<string, Recorded>>)[name]);
}

/** Whether the two best scores of the row lie so close that the library's own label is chance. */
function standsAtTie(golden: RecordedCase, row: number): boolean {
  return ["decision_function", "predict_proba", "transform"].some((method) => {
    const { outputs, values } = golden.methods[method] ?? {};
    const scores = outputs === undefined ? [values?.[row]] : outputs.map((output) => output.values[row]);
    return scores.some((score) => {
      if (score === undefined) return false;
      const sorted = (Array.isArray(score) ? [...score] : [score, 0]).map(Number).sort((a, b) => b - a);
      return Math.abs((sorted[0] ?? 0) - (sorted[1] ?? 0)) <= Math.max(1e-12, golden.tolerance ?? 0) * largest(score);
    });
  });
}

function sameBits(a: unknown, b: unknown): boolean {
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((value, at) => sameBits(value, b[at]));
  if (typeof a === "object" && a !== null)
    return (a as { value: unknown }).value === (b as { value?: unknown } | null)?.value;
  return Object.is(a, b);
}
