// Assessments of traces: feedback, expectations and issues that people, judges and code wrote.
import { randomUUID } from "node:crypto";
import type { Database, SqlRow, Statements } from "../../io/sql/database.ts";
import type { JsonValue, MessageInput, MessageOf } from "../../mlflow/wire/field-type.ts";
import { invalidParameter, WireError } from "../../mlflow/wire/wire-error.ts";
import { grouped, numberOf, optionalText, queryIn, textOf } from "./rows.ts";
import { hasTraceColumns } from "./trace-columns.ts";

type Assessment = MessageOf<"Assessment">;

/** Gives its identifier. @throws WireError */
export async function putAssessment(
  database: Database,
  statements: Statements,
  { trace, assessment, time }: { readonly trace: SqlRow; readonly assessment: Assessment; readonly time: number },
): Promise<string> {
  const id = assessment.assessment_id || `a-${randomUUID().replaceAll("-", "")}`;
  const traceId = textOf(trace, "request_id");
  const { type, value, error } = contentOf(assessment);
  const { overrides, source } = assessment;
  if (overrides) {
    const changed = await statements.run(
      "UPDATE assessments SET valid = FALSE WHERE trace_id = ? AND assessment_id = ?",
      [traceId, overrides],
    );
    if (changed === 0) throw notFound(overrides, traceId);
  }
  const foreign = await statements.query("SELECT assessment_id FROM assessments WHERE assessment_id = ?", [id]);
  if (foreign.length > 0) throw invalidParameter(`There is an assessment with ID '${id.slice(0, 50)}' already.`);
  const metadata = Object.keys(assessment.metadata).length === 0 ? null : pythonJson(assessment.metadata);
  await statements.run(
    "INSERT INTO assessments (assessment_id, trace_id, name, assessment_type, value, error, created_timestamp, last_updated_timestamp, source_type, source_id, run_id, span_id, rationale, overrides, valid, assessment_metadata) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, TRUE, ?)",
    [
      id,
      traceId,
      assessment.assessment_name ?? "",
      type,
      value,
      error,
      timeOf(assessment.create_time) ?? time,
      timeOf(assessment.last_update_time) ?? time,
      source?.source_type ?? "SOURCE_TYPE_UNSPECIFIED",
      source?.source_id ?? "default",
      assessment.metadata["mlflow.assessment.sourceRunId"]?.slice(0, 32) ?? null,
      assessment.span_id || null,
      assessment.rationale ?? null,
      overrides || null,
      metadata,
    ],
  );
  if (await hasTraceColumns(database)) {
    const { number, isNumber } = aggregate(value);
    await statements.run(
      `UPDATE assessments SET experiment_id = ?, trace_timestamp_ms = ?, aggregate_value = ?, is_numeric_value = ${isNumber ? "TRUE" : "FALSE"} WHERE assessment_id = ?`,
      [numberOf(trace, "experiment_id"), numberOf(trace, "timestamp_ms"), number, id],
    );
  }
  return id;
}

export interface AssessmentChange {
  readonly traceId: string;
  readonly id: string;
  readonly assessment: Assessment;
  readonly fields: ReadonlySet<string>;
  readonly time: number;
}

/** @throws WireError */
export async function changeAssessment(
  database: Database,
  statements: Statements,
  { traceId, id, assessment, fields, time }: AssessmentChange,
): Promise<void> {
  const row = await assessmentRow(statements, traceId, id);
  const sets = new Map<string, string | number | null>([["last_updated_timestamp", time]]);
  if (fields.has("assessment_name") && assessment.assessment_name) sets.set("name", assessment.assessment_name);
  if (fields.has("rationale")) sets.set("rationale", assessment.rationale ?? null);
  if (fields.has("metadata")) {
    sets.set("assessment_metadata", pythonJson({ ...metadataOf(row), ...assessment.metadata }));
  }
  for (const kind of ["feedback", "expectation"] as const) {
    if (!fields.has(kind)) continue;
    if (textOf(row, "assessment_type") !== kind) {
      const other = kind === "feedback" ? "an Expectation" : "a Feedback";
      throw invalidParameter(`Cannot update ${kind} value on ${other} assessment.`);
    }
    const { value, error } = contentOf(assessment);
    sets.set("value", value).set("error", error);
    if (!(await hasTraceColumns(database))) continue;
    const { number, isNumber } = aggregate(value);
    await statements.run(
      `UPDATE assessments SET aggregate_value = ?, is_numeric_value = ${isNumber ? "TRUE" : "FALSE"} WHERE assessment_id = ?`,
      [number, id],
    );
  }
  const list = [...sets.keys()].map((column) => `${column} = ?`).join(", ");
  await statements.run(`UPDATE assessments SET ${list} WHERE trace_id = ? AND assessment_id = ?`, [
    ...sets.values(),
    traceId,
    id,
  ]);
}

/** What it stood for is valid again. */
export async function dropAssessment(statements: Statements, traceId: string, id: string): Promise<void> {
  const key = [traceId, id];
  const rows = await statements.query(
    "SELECT overrides FROM assessments WHERE trace_id = ? AND assessment_id = ?",
    key,
  );
  const overridden = optionalText(rows[0] ?? {}, "overrides");
  if (overridden !== undefined) {
    await statements.run("UPDATE assessments SET valid = TRUE WHERE trace_id = ? AND assessment_id = ?", [
      traceId,
      overridden,
    ]);
  }
  await statements.run("DELETE FROM assessments WHERE trace_id = ? AND assessment_id = ?", key);
}

/** @throws WireError */
export async function assessmentRow(statements: Statements, traceId: string, id: string): Promise<SqlRow> {
  const rows = await statements.query("SELECT * FROM assessments WHERE trace_id = ? AND assessment_id = ?", [
    traceId,
    id,
  ]);
  if (rows[0] === undefined) throw notFound(id, traceId);
  return rows[0];
}

function notFound(id: string, traceId: string): WireError {
  const [shown, trace] = [id.slice(0, 100), traceId.slice(0, 100)];
  return new WireError("RESOURCE_DOES_NOT_EXIST", `Assessment with ID '${shown}' not found for trace '${trace}'`);
}

export async function assessmentsOf(
  statements: Statements,
  traceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly MessageInput<"Assessment">[]>> {
  const sql = "SELECT * FROM assessments WHERE trace_id IN (#) ORDER BY created_timestamp, assessment_id";
  const rows = await queryIn(statements, sql, { ids: traceIds });
  return new Map([...grouped(rows, "trace_id")].map(([id, group]) => [id, group.map(assessmentAnswer)]));
}

export function assessmentAnswer(row: SqlRow): MessageInput<"Assessment"> {
  const type = textOf(row, "assessment_type");
  const value = parsed(optionalText(row, "value"));
  const error = parsed(optionalText(row, "error")) as MessageInput<"AssessmentError"> | null;
  const time = (name: string): string => new Date(numberOf(row, name)).toISOString();
  return {
    assessment_id: textOf(row, "assessment_id"),
    assessment_name: textOf(row, "name"),
    trace_id: textOf(row, "trace_id"),
    span_id: optionalText(row, "span_id"),
    source: { source_type: sourceType(textOf(row, "source_type")), source_id: textOf(row, "source_id") },
    create_time: time("created_timestamp"),
    last_update_time: time("last_updated_timestamp"),
    feedback: type === "feedback" ? { value, error: error ?? undefined } : undefined,
    expectation: type === "expectation" ? expectation(value) : undefined,
    issue: type === "issue" ? (value as MessageInput<"IssueReference">) : undefined,
    rationale: optionalText(row, "rationale"),
    metadata: metadataOf(row),
    overrides: optionalText(row, "overrides"),
    valid: Number(row["valid"]) === 1,
  };
}

/** What is no plain value travels as a text. */
function expectation(value: JsonValue): MessageInput<"Expectation"> {
  if (typeof value !== "object" || value === null) return { value };
  return { serialized_value: { serialization_format: "JSON_FORMAT", value: pythonJson(value) } };
}

function sourceType(text: string): "HUMAN" | "LLM_JUDGE" | "CODE" | "SOURCE_TYPE_UNSPECIFIED" {
  return text === "HUMAN" || text === "LLM_JUDGE" || text === "CODE" ? text : "SOURCE_TYPE_UNSPECIFIED";
}

interface Content {
  readonly type: "feedback" | "expectation" | "issue";
  readonly value: string;
  readonly error: string | null;
}

function contentOf({ feedback, expectation, issue, error: ownError }: Assessment): Content {
  if (feedback !== undefined) {
    const error = feedback.error ?? ownError;
    return { type: "feedback", value: pythonJson(feedback.value ?? null), error: error ? pythonJson(error) : null };
  }
  if (expectation !== undefined) {
    const { serialized_value: serialized, value } = expectation;
    const kept = serialized?.value === undefined ? pythonJson(value ?? null) : pythonJson(parsed(serialized.value));
    return { type: "expectation", value: kept, error: null };
  }
  if (issue !== undefined) return { type: "issue", value: pythonJson(issue as JsonValue), error: null };
  throw invalidParameter("Assessment must have either feedback, expectation, or issue value");
}

function aggregate(value: string): { readonly number: number | null; readonly isNumber: boolean } {
  const given = parsed(value);
  if (typeof given === "boolean") return { number: given ? 1 : 0, isNumber: false };
  if (typeof given === "number") return { number: given, isNumber: true };
  const word = typeof given === "string" ? given.trim().toLowerCase() : "";
  return { number: word === "yes" ? 1 : word === "no" ? 0 : null, isNumber: false };
}

function metadataOf(row: SqlRow): Readonly<Record<string, string>> {
  const value = parsed(optionalText(row, "assessment_metadata"));
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, String(item)]));
}

function parsed(text: string | undefined): JsonValue {
  if (text === undefined) return null;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    return text;
  }
}

function timeOf(text: string | undefined): number | null {
  const time = Date.parse(text ?? "");
  return Number.isNaN(time) ? null : time;
}

/** With the blanks that Python writes: filters look for them. */
export function pythonJson(value: JsonValue): string {
  if (Array.isArray(value)) return `[${value.map(pythonJson).join(", ")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}: ${pythonJson(item ?? null)}`).join(", ")}}`;
}
