// A target as one query: the definition's derived columns and filter, its features, the model, and the columns that it writes.
import { trimaranError } from "../../base/errors.ts";
import { featureSql, outputSql } from "../../deployment/feature-sql.ts";
import type { ResolvedDeployment } from "../../deployment/resolved-deployment.ts";
import { writeColumns } from "../../doors/batch/write-columns.ts";
import { type Sql, type SqlBuilder, type SqlTolerance, sql, sqlBuilder } from "../../formats/sql/sql-builder.ts";
import { assertDistinctNames, type SqlDialect, sqlComment, sqlName, sqlText } from "../../formats/sql/sql-text.ts";
import { modelColumns, readColumns, type SqlAnswer, textType, writeGraphSql } from "../../formats/sql/write-sql.ts";
import type { ModelGraph } from "../../model/graph.ts";

export interface SqlTarget {
  readonly graph: ModelGraph;
  readonly deployment: ResolvedDeployment | null;
  /** Of a model alone. */
  readonly methods: readonly string[];
  /** What a column of the model's version holds. */
  readonly version: string;
}

export interface ComposeOptions {
  readonly dialect: SqlDialect;
  /** What stands behind FROM, quoted. */
  readonly table: string;
  /** Columns of the table that are carried along, by name; null: those that the target reads. */
  readonly keep: readonly string[] | null;
  /** `derive` and `where` of the definition, as this dialect says them. */
  readonly derived: DerivedSql;
}

export interface DerivedSql {
  readonly derive: readonly (readonly [string, string])[];
  readonly where: string | null;
}

export interface ComposedSql {
  readonly text: string;
  /** Names of the answers' columns, in order. */
  readonly answers: readonly { readonly name: string; readonly method: string; readonly part: number | null }[];
  readonly tolerance: SqlTolerance;
  /** What the definition writes and a query cannot. */
  readonly left: readonly string[];
}

interface Column {
  readonly name: string;
  readonly sql: Sql;
  readonly isAnswer: boolean;
}

/** @throws SQL_EXPORT, SQL_SIZE, SQL_DEFINITION, SQL_NAME, BATCH_WRITE */
export function composeSql(target: SqlTarget, options: ComposeOptions): ComposedSql {
  const { dialect, table, derived } = options;
  const builder = sqlBuilder(dialect);
  const answers = answerSql(builder, target);
  const { columns, left } = chosenColumns(builder, { target, answers, keep: options.keep });
  const names = columns.map(({ name }) => name);
  assertDistinctNames(names, dialect);
  const text = builder.build({
    source: sourceSql(table, derived, dialect),
    columns: columns.map((column) => ({ ...column, name: sqlName(column.name, dialect) })),
  });
  return {
    text,
    answers: answers.map(({ method, part, name }) => ({ method, part, name })),
    tolerance: builder.tolerance,
    left,
  };
}

interface NamedAnswer extends SqlAnswer {
  readonly name: string;
}

function answerSql(builder: SqlBuilder, { graph, deployment, methods }: SqlTarget): readonly NamedAnswer[] {
  if (deployment === null) {
    const features = readColumns(builder, modelColumns(graph.input));
    return writeGraphSql(builder, graph, { features, methods }).map((answer) => ({
      ...answer,
      name: answer.part === null ? answer.method : `${answer.method}_${answer.part}`,
    }));
  }
  const features = featureSql(builder, deployment);
  const [answer, second] = writeGraphSql(builder, graph, { features, methods: ["predict"] });
  const [name = "predict"] = Object.keys(deployment.output);
  if (answer === undefined || second !== undefined) {
    const slots = { name: deployment.name, problem: "a row's answer is an array", fix: "Export the model alone." };
    throw trimaranError("SQL_DEFINITION", slots);
  }
  return [{ ...answer, name, sql: outputSql(builder, deployment.output, answer.sql) }];
}

interface Choice {
  readonly target: SqlTarget;
  readonly answers: readonly NamedAnswer[];
  readonly keep: readonly string[] | null;
}

function chosenColumns(
  builder: SqlBuilder,
  { target, answers, keep }: Choice,
): { readonly columns: readonly Column[]; readonly left: readonly string[] } {
  const { deployment, graph, version } = target;
  const { dialect } = builder;
  const own = (name: string): Sql => builder.read(`r.${sqlName(name, dialect)}`);
  const carried = (names: readonly string[]): Column[] =>
    names.map((name) => ({ name, sql: own(name), isAnswer: false }));
  const batch = deployment?.batch ?? {};
  const versionSql: Sql = { text: `CAST(${sqlText(version, dialect)} AS ${textType(builder)})`, level: 0 };
  if (deployment === null || batch.write === undefined) {
    const inputs = keep ?? Object.keys(deployment?.input ?? {});
    const read = deployment === null && keep === null ? modelColumns(graph.input).map(({ name }) => name) : inputs;
    const taken = new Set(read.map((name) => name.toLowerCase()));
    const made = answers.map(({ name, sql: answer }) => ({
      name: taken.has(name.toLowerCase()) ? `predicted_${name}` : name,
      sql: answer,
      isAnswer: true,
    }));
    return {
      columns: [...carried(read), ...made, { name: "model_version", sql: versionSql, isAnswer: false }],
      left: [],
    };
  }
  const left: string[] = [];
  const double = dialect === "postgres" ? "float8" : "DOUBLE";
  const truth = (): Sql => own(batch.truth ?? "");
  const columns = writeColumns(batch, Object.keys(deployment.output)).flatMap(({ name, source }): Column[] => {
    const answer = answers[0]?.sql as Sql;
    const column = (of: Sql, isAnswer = false): Column[] => [{ name, sql: of, isAnswer }];
    switch (source.kind) {
      case "row":
        return column(own(source.column));
      case "truth":
        return column(truth());
      case "output":
        return column(answer, true);
      case "difference": {
        const known = sql`CAST(${truth()} AS ${double})`;
        return column(source.from === "truth" ? sql`(${known} - ${answer})` : sql`(${answer} - ${known})`, true);
      }
      case "version":
        return column(versionSql);
      case "id":
      case "period":
      case "file":
        left.push(name);
    }
    return [];
  });
  const more = (keep ?? []).filter((name) => !columns.some((column) => column.name === name));
  return { columns: [...carried(more), ...columns], left };
}

/** The table with what is derived, filtered. Each derived column may be made of those before it. */
export function sourceSql(table: string, { derive, where }: DerivedSql, dialect: SqlDialect): string {
  let from = table;
  for (const [name, expression] of derive) {
    const made = `(${expression}\n) AS ${sqlName(name, dialect)}`;
    // A column that is there is replaced; PostgreSQL has no way to say so, and refuses two of a name.
    const others =
      dialect === "postgres" ? "d.*" : `COLUMNS(lambda c: lower(c) <> ${sqlText(name.toLowerCase(), dialect)})`;
    from = `(SELECT ${others}, ${made} FROM ${from} AS d)`;
  }
  return where === null ? from : `(SELECT w.* FROM ${from} AS w WHERE (${where}\n))`;
}

export interface SqlHeader {
  readonly target: string;
  readonly modelDigest: string;
  readonly definitionDigest: string | null;
  readonly version: string;
  readonly tolerance: SqlTolerance;
  readonly rows: number;
  readonly table: string;
}

/** `to the last bit`, `within 1e-12 of it`. */
export function nearText({ relative, absolute }: SqlTolerance): string {
  if (relative === 0) return "to the last bit";
  return `within ${relative} of each number's size${absolute === 0 ? "" : ` or ${absolute}`}`;
}

/** The file: what it was made of, and the query. */
export function sqlFile(query: string, header: SqlHeader): string {
  const lines = [
    `${header.target} as SQL, written by Trimaran ${header.version}. It reads ${header.table}.`,
    `model ${header.modelDigest}${header.definitionDigest === null ? "" : `, definition ${header.definitionDigest}`}`,
    `On ${header.rows} rows it answered what Trimaran answers, ${nearText(header.tolerance)}. NULL: the row has no answer.`,
  ];
  return `${lines.map(sqlComment).join("\n")}\n${query};\n`;
}
