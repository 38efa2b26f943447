// An expression of DuckDB's, as its parser gives it (`json_serialize_sql`), in PostgreSQL's words: comparisons, arithmetic, CASE and
// the functions of the table below. Whatever else there is is refused by name.
import { sqlName, sqlText } from "../../formats/sql/sql-text.ts";

/** A node of the parser's. */
export interface SqlNode {
  readonly class: string;
  readonly type: string;
  readonly alias?: string;
  readonly [member: string]: unknown;
}

type Refuse = (problem: string) => never;

const comparisons: Readonly<Record<string, string>> = {
  COMPARE_EQUAL: "=",
  COMPARE_NOTEQUAL: "<>",
  COMPARE_LESSTHAN: "<",
  COMPARE_GREATERTHAN: ">",
  COMPARE_LESSTHANOREQUALTO: "<=",
  COMPARE_GREATERTHANOREQUALTO: ">=",
  COMPARE_DISTINCT_FROM: "IS DISTINCT FROM",
  COMPARE_NOT_DISTINCT_FROM: "IS NOT DISTINCT FROM",
};

/** Those that mean the same in both. */
const functions: readonly string[] = [
  "abs",
  "floor",
  "ceil",
  "sqrt",
  "exp",
  "ln",
  "upper",
  "lower",
  "trim",
  "ltrim",
  "rtrim",
  "length",
  "replace",
  "substring",
  "coalesce",
  "nullif",
  "greatest",
  "least",
  "concat",
  "starts_with",
];

const patterns: Readonly<Record<string, string>> = { "~~": "LIKE", "!~~": "NOT LIKE" };

/** The unit of `date_diff`. It counts borders that were crossed, which is the difference for the smallest one only. */
const microseconds = "microsecond";

const types: Readonly<Record<string, string>> = {
  DOUBLE: "float8",
  FLOAT: "float4",
  BIGINT: "bigint",
  INTEGER: "integer",
  SMALLINT: "smallint",
  VARCHAR: "text",
  BOOLEAN: "boolean",
  DATE: "date",
  TIMESTAMP: "timestamp",
  "TIMESTAMP WITH TIME ZONE": "timestamptz",
};

export function postgresExpression(node: SqlNode, refuse: Refuse): string {
  const say = (each: unknown): string => postgresExpression(each as SqlNode, refuse);
  const children = (node["children"] ?? []) as readonly SqlNode[];
  switch (node.class) {
    case "COLUMN_REF": {
      const names = node["column_names"] as readonly string[];
      const [name = "", second] = names;
      return second === undefined ? sqlName(name, "postgres") : refuse("names a table beside a column");
    }
    case "CONSTANT":
      return constant(node, refuse);
    case "COMPARISON": {
      const operator = comparisons[node.type];
      return operator === undefined
        ? refuse(`compares by ${node.type}`)
        : `(${say(node["left"])} ${operator} ${say(node["right"])})`;
    }
    case "BETWEEN":
      return `(${say(node["input"])} BETWEEN ${say(node["lower"])} AND ${say(node["upper"])})`;
    case "CONJUNCTION":
      return `(${children.map(say).join(node.type === "CONJUNCTION_AND" ? " AND " : " OR ")})`;
    case "CASE": {
      const checks = node["case_checks"] as readonly { readonly when_expr: unknown; readonly then_expr: unknown }[];
      const cases = checks.map((check) => `WHEN ${say(check.when_expr)} THEN ${say(check.then_expr)}`);
      return `CASE ${cases.join(" ")} ELSE ${say(node["else_expr"])} END`;
    }
    case "CAST": {
      const { id } = node["cast_type"] as { readonly id: string };
      const type = types[id];
      if (type === undefined || node["try_cast"] === true) return refuse(`casts to ${id} as PostgreSQL cannot`);
      // DuckDB rounds halves to even, PostgreSQL away from zero.
      if (/INT/.test(id)) return `CAST(CAST(${say(node["child"])} AS float8) AS ${type})`;
      return `CAST(${say(node["child"])} AS ${type})`;
    }
    case "OPERATOR":
      return operator(node, refuse);
    case "FUNCTION":
      return call(node, refuse);
    default:
      return refuse(`uses ${node.class.toLowerCase()}, which is not translated`);
  }
}

function operator(node: SqlNode, refuse: Refuse): string {
  const [first, ...others] = ((node["children"] ?? []) as readonly SqlNode[]).map((each) =>
    postgresExpression(each, refuse),
  );
  switch (node.type) {
    case "COMPARE_IN":
      return `(${first} IN (${others.join(", ")}))`;
    case "COMPARE_NOT_IN":
      return `(${first} NOT IN (${others.join(", ")}))`;
    case "OPERATOR_NOT":
      return `(NOT ${first})`;
    case "OPERATOR_IS_NULL":
      return `(${first} IS NULL)`;
    case "OPERATOR_IS_NOT_NULL":
      return `(${first} IS NOT NULL)`;
    case "OPERATOR_COALESCE":
      return `coalesce(${[first, ...others].join(", ")})`;
    default:
      return refuse(`uses ${node.type.toLowerCase()}, which is not translated`);
  }
}

function call(node: SqlNode, refuse: Refuse): string {
  const name = String(node["function_name"]);
  const children = (node["children"] ?? []) as readonly SqlNode[];
  const all = children.map((each) => (): string => postgresExpression(each, refuse));
  const [first, second, third] = all;
  if (node["schema"] !== "" || node["distinct"] === true || node["filter"] !== null)
    return refuse(`calls ${name} in its own way`);
  if (first !== undefined && second === undefined && name === "-") return `(- ${first()})`;
  if (first !== undefined && second !== undefined && third === undefined) {
    if (name === "+" || name === "-" || name === "*") return `(${first()} ${name} ${second()})`;
    // DuckDB divides whole numbers to doubles, PostgreSQL to whole numbers; by zero DuckDB gives no number, PostgreSQL fails.
    if (name === "/") return `(CAST(${first()} AS float8) / nullif(CAST(${second()} AS float8), 0))`;
    if (name === "||") return `(${first()} || ${second()})`;
    // In DuckDB a backslash of a pattern is a backslash.
    if (patterns[name] !== undefined) return `(${first()} ${patterns[name]} ${second()} ESCAPE '')`;
  }
  if (
    (name === "date_diff" || name === "datediff") &&
    first !== undefined &&
    second !== undefined &&
    third !== undefined
  ) {
    const unit = textOf(children[0]);
    if (unit !== microseconds)
      return refuse(`calls date_diff by ${unit ?? "a column"}; by 'microsecond' it is translated`);
    // Numeric inside, so that no microsecond is lost.
    return `CAST(extract(epoch FROM ${third()} - ${second()}) * 1000000 AS bigint)`;
  }
  if (functions.includes(name)) return `${name}(${all.map((each) => each()).join(", ")})`;
  return refuse(`calls ${name}, which is not translated`);
}

interface ConstantValue {
  readonly type: { readonly id: string; readonly type_info?: { readonly scale?: number } | null };
  readonly is_null: boolean;
  readonly value?: unknown;
}

function constant(node: SqlNode, refuse: Refuse): string {
  const { type, is_null: isNull, value } = node["value"] as ConstantValue;
  if (isNull) return "NULL";
  switch (type.id) {
    case "VARCHAR":
      return sqlText(String(value), "postgres");
    case "BOOLEAN":
      return String(value === true);
    case "INTEGER":
    case "BIGINT":
      return `(${value})`;
    case "DOUBLE":
      return `'${value}'::float8`;
    case "DECIMAL": {
      const scale = type.type_info?.scale ?? 0;
      const digits = String(value)
        .replace("-", "")
        .padStart(scale + 1, "0");
      const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
      return `(${String(value).startsWith("-") ? "-" : ""}${text})`;
    }
    default:
      return refuse(`holds a constant of type ${type.id}`);
  }
}

function textOf(node: SqlNode | undefined): string | null {
  if (node?.class !== "CONSTANT") return null;
  const { type, value } = node["value"] as ConstantValue;
  return type.id === "VARCHAR" ? String(value) : null;
}
