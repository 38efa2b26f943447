// Rows that were recorded in Python, `{"input": …, "output": …}` a line, against what the same definition answers here.
import type { Issue } from "../base/errors.ts";
import type { FeatureRow } from "../data/batch.ts";
import { compileRow } from "../data/compile-row.ts";
import { jsonPointer } from "../data/json-pointer.ts";
import { differenceOf } from "../deployment/difference.ts";
import type { PredictionService } from "../serving/prediction-service.ts";
import { parseExact, readNdjson } from "../tables/ndjson-reader.ts";
import type { ByteChunks } from "../tables/row-batch.ts";

export interface ParityReport {
  readonly rows: number;
  /** Paths begin with the line, from 0: `/12/output/duration`. */
  readonly issues: readonly Issue[];
}

interface ParityRow {
  readonly line: number;
  readonly input: unknown;
  readonly features: FeatureRow | null;
  readonly output: Readonly<Record<string, unknown>> | null;
  readonly tolerance: number;
}

/** @throws what the service throws */
export async function checkParity(service: PredictionService, chunks: ByteChunks): Promise<ParityReport> {
  const issues: Issue[] = [];
  let line = 0;
  for await (const { rows, broken } of readNdjson(chunks)) {
    const recorded: ParityRow[] = [];
    for (const [at, value] of rows.entries()) {
      const error = broken.get(at);
      const problem = error?.message ?? shapeProblem(value);
      if (problem === null) recorded.push(parityRow(value as Readonly<Record<string, unknown>>, line));
      else issues.push({ path: jsonPointer(line), code: "parity_row", message: problem });
      line++;
    }
    issues.push(...featureIssues(service, recorded), ...(await outputIssues(service, recorded)));
  }
  if (line === 0) issues.push({ path: "", code: "parity_empty", message: "The parity file holds no rows." });
  return { rows: line, issues: issues.sort((a, b) => lineOf(a) - lineOf(b)) };
}

function lineOf({ path }: Issue): number {
  return Number.parseInt(path.slice(1), 10);
}

const keys: readonly string[] = ["input", "features", "output", "tolerance"];

function shapeProblem(value: unknown): string | null {
  if (!isRecord(value)) return 'A line must be an object such as {"input": {…}, "output": {…}}.';
  const unknown = Object.keys(value).find((key) => !keys.includes(key));
  if (unknown !== undefined) return `A line has no key ${JSON.stringify(unknown)}; it may have ${keys.join(", ")}.`;
  if (!isRecord(value["input"])) return "A line needs an `input` object.";
  if (!isRecord(value["output"]) && !isRecord(value["features"])) return "A line needs an `output` object.";
  const tolerance = value["tolerance"] ?? 0;
  return typeof tolerance === "number" && tolerance >= 0 ? null : "`tolerance` must be a number, 0 or more.";
}

function parityRow(value: Readonly<Record<string, unknown>>, line: number): ParityRow {
  return {
    line,
    input: value["input"],
    features: (value["features"] as FeatureRow | undefined) ?? null,
    output: (value["output"] as Readonly<Record<string, unknown>> | undefined) ?? null,
    tolerance: (value["tolerance"] as number | undefined) ?? 0,
  };
}

function featureIssues(service: PredictionService, rows: readonly ParityRow[]): Issue[] {
  const { deployment } = service;
  if (deployment === null) return [];
  const read = compileRow(deployment.input, { unknownFields: "ignore" });
  return rows.flatMap(({ line, input, features, tolerance }): Issue[] => {
    if (features === null) return [];
    const row = read(input, { issues: [], warnings: new Map() }, "");
    // A row that is not sound is told with its output.
    const difference = row === undefined ? null : differenceOf(features, deployment.features(row), tolerance);
    if (difference === null) return [];
    const path = `${jsonPointer(line)}/features${difference.path}`;
    return [{ path, code: "features_differ", message: `${difference.sentence}.` }];
  });
}

async function outputIssues(service: PredictionService, rows: readonly ParityRow[]): Promise<Issue[]> {
  const answers = await service.answer(
    rows.map(({ input }) => input),
    { unknownFields: "ignore" },
  );
  const refused = new Map(answers.issues.map((issue) => [issue.row, issue]));
  return rows.flatMap(({ line, output, tolerance }, at): Issue[] => {
    const issue = refused.get(at);
    if (issue !== undefined) {
      return [{ path: `${jsonPointer(line)}/input${issue.path}`, code: issue.code, message: issue.message }];
    }
    if (output === null) return [];
    // As it is sent: both sides went through JSON.
    const answered = parseExact(answers.text(at)) as Readonly<Record<string, unknown>>;
    return Object.keys(output).flatMap((name): Issue[] => {
      const difference = differenceOf(output[name], answered[name], tolerance);
      if (difference === null) return [];
      const path = `${jsonPointer(line, "output", name)}${difference.path}`;
      return [{ path, code: "output_differs", message: `${difference.sentence}.` }];
    });
  });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
