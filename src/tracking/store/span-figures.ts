// What spans say of models, tokens and costs: columns of their own, and sums for their trace.
import type { Database, SqlValue, Statements } from "../../io/sql/database.ts";
import { parseExact } from "../otlp/any-value.ts";
import { type Span, textAttribute } from "../otlp/span.ts";
import { optionalText, textOf } from "./rows.ts";
import { costKey, hasTraceColumns, tokenKey } from "./trace-columns.ts";

const usageAttribute = "mlflow.chat.tokenUsage";
const costAttribute = "mlflow.llm.cost";
const maxDimensionChars = 500;
const costColumns = ["input_cost", "output_cost", "total_cost"] as const;

/** Into columns that newer stores have. */
export async function putSpanFigures(
  database: Database,
  statements: Statements,
  spans: readonly Span[],
): Promise<void> {
  const telling = spans.filter(({ attributes }) =>
    [...attributes.keys()].some((key) => key === costAttribute || key.startsWith("mlflow.llm.")),
  );
  if (telling.length === 0 || !(await hasTraceColumns(database))) return;
  for (const { traceId, spanId, attributes } of telling) {
    const costs = numbersOf(attributes.get(costAttribute));
    const values: readonly SqlValue[] = [
      textAttribute(attributes, "mlflow.llm.model")?.slice(0, maxDimensionChars) ?? null,
      textAttribute(attributes, "mlflow.llm.provider")?.slice(0, maxDimensionChars) ?? null,
      ...costColumns.map((name) => costs.get(name) ?? null),
    ];
    await statements.run(
      "UPDATE spans SET model_name = ?, model_provider = ?, input_cost = ?, output_cost = ?, total_cost = ? WHERE trace_id = ? AND span_id = ?",
      [...values, traceId, spanId],
    );
  }
}

/** Metadata of a trace: the sums over all of its spans, of those that no span above them counts already. */
export async function traceSums(
  statements: Statements,
  traceId: string,
  added: readonly Span[],
): Promise<ReadonlyMap<string, string>> {
  const tells = added.some(({ attributes }) => attributes.has(usageAttribute) || attributes.has(costAttribute));
  if (!tells) return new Map();
  const rows = await statements.query("SELECT span_id, parent_span_id, content FROM spans WHERE trace_id = ?", [
    traceId,
  ]);
  const nodes = rows.map((row) => {
    const parsed = parseExact(textOf(row, "content")) as { readonly attributes?: Readonly<Record<string, unknown>> };
    const text = (key: string): string | undefined => {
      const value = parsed?.attributes?.[key];
      return typeof value === "string" ? value : undefined;
    };
    return { id: textOf(row, "span_id"), parent: optionalText(row, "parent_span_id"), text };
  });
  const sums = new Map<string, string>();
  for (const [attribute, key, always] of [
    [usageAttribute, tokenKey, ["input_tokens", "output_tokens", "total_tokens"]],
    [costAttribute, costKey, costColumns],
  ] as const) {
    const facts = nodes.map(({ id, parent, text }) => ({ id, parent, values: numbersOf(text(attribute)) }));
    const sum = summed(facts);
    if (sum === null) continue;
    for (const name of always) if (!sum.has(name)) sum.set(name, 0);
    sums.set(key, JSON.stringify(Object.fromEntries(sum)));
  }
  return sums;
}

interface Fact {
  readonly id: string;
  readonly parent: string | undefined;
  readonly values: ReadonlyMap<string, number>;
}

/** Null: none says anything. */
function summed(facts: readonly Fact[]): Map<string, number> | null {
  const byId = new Map(facts.map((fact) => [fact.id, fact]));
  const isCounted = new Map<string, boolean>();
  /** Whether the span or one above it says something. */
  const covers = (fact: Fact): boolean => {
    const chain = new Set<Fact>();
    let at: Fact | undefined = fact;
    // A client may send spans that are each other's parents.
    while (at !== undefined && !isCounted.has(at.id) && !chain.has(at)) {
      chain.add(at);
      at = at.parent === undefined ? undefined : byId.get(at.parent);
    }
    let isCovered = at === undefined ? false : (isCounted.get(at.id) ?? false);
    for (const each of [...chain].reverse()) {
      isCovered ||= each.values.size > 0;
      isCounted.set(each.id, isCovered);
    }
    return isCovered;
  };
  const sums = new Map<string, number>();
  let isAny = false;
  for (const fact of facts) {
    const above = fact.parent === undefined ? undefined : byId.get(fact.parent);
    if (fact.values.size === 0 || (above !== undefined && covers(above))) continue;
    isAny = true;
    for (const [name, value] of fact.values) sums.set(name, (sums.get(name) ?? 0) + value);
  }
  return isAny ? sums : null;
}

/** `text` is JSON of a record, or JSON of such a text. */
function numbersOf(text: string | undefined): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  const record = recordOf(text);
  for (const [name, value] of Object.entries(record)) {
    if (/^[a-z0-9_]{1,60}$/.test(name) && typeof value === "number" && Number.isFinite(value)) values.set(name, value);
  }
  return values;
}

function recordOf(text: string | undefined): Readonly<Record<string, unknown>> {
  let value: unknown = text;
  for (let times = 0; times < 2 && typeof value === "string"; times++) {
    try {
      value = JSON.parse(value) as unknown;
    } catch {
      return {};
    }
  }
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : {};
}
