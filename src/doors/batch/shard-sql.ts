// The queries of a shard: its rows with derived columns and the filter's word, and the file that is written of them.
import { sqlName, sqlText } from "../../tables/sql-engine.ts";
import type { AnswerColumn } from "./answer-columns.ts";
import type { ShardFile, ShardJob, ShardTask } from "./shard.ts";
import type { WriteSource } from "./write-columns.ts";

/** Our own columns; nobody's file has such names. */
export const rowColumn = "__trimaran_row";
export const keepColumn = "__trimaran_keep";
export const okColumn = "__trimaran_ok";
export const keyColumn = "__trimaran_key";

/** `alias.column` of answers is named so. */
export function answerName(at: number): string {
  return `__trimaran_out_${at}`;
}

/** The file with what its path says. */
export function fileSql({ path, hive }: Pick<ShardFile, "path" | "hive">, ownNames: readonly string[]): string {
  const added = Object.entries(hive)
    .filter(([name]) => !ownNames.includes(name))
    .map(([name, value]) => `, ${hiveSql(value)} AS ${sqlName(name)}`);
  const reader = `read_parquet(${sqlText(path)}, file_row_number = true, hive_partitioning = false)`;
  return `(SELECT * RENAME (file_row_number AS ${rowColumn})${added.join("")} FROM ${reader})`;
}

function hiveSql(value: string): string {
  return /^\d{1,18}$/.test(value) ? `CAST(${value} AS BIGINT)` : sqlText(value);
}

/** One query inside the other, so that a column may be made of one that was derived before it. */
export function derivedSql(from: string, columns: Iterable<string>, derive: ShardJob["derive"]): string {
  const known = new Set(columns);
  let derived = from;
  for (const [name, sql] of Object.entries(derive)) {
    const made = `(${sql}\n) AS ${sqlName(name)}`;
    derived = `(SELECT * ${known.has(name) ? `REPLACE (${made})` : `, ${made}`} FROM ${derived})`;
    known.add(name);
  }
  return derived;
}

/** Every row of the range, so that they can be counted; the filter's word stands beside them. */
export function shardSql(job: ShardJob, { file, start, end }: ShardTask): string {
  const names = file.own.map(([name]) => name);
  const range = `(SELECT * FROM ${fileSql(file, names)} WHERE ${rowColumn} >= ${start} AND ${rowColumn} < ${end})`;
  const derived = derivedSql(range, names, job.derive);
  const keep = job.where === null ? "true" : `coalesce(CAST((${job.where}\n) AS BOOLEAN), false)`;
  const columns = [...neededColumns(job, file)].map(sqlName);
  return `SELECT ${[rowColumn, `${keep} AS ${keepColumn}`, ...columns].join(", ")} FROM ${derived}`;
}

export function neededColumns(job: ShardJob, file: ShardFile): Set<string> {
  const needed = new Set(file.fields.map(({ name }) => name));
  for (const { source } of job.write) {
    if (source.kind === "row") needed.add(source.column);
    if ((source.kind === "truth" || source.kind === "difference") && job.truth !== null) needed.add(job.truth);
  }
  if (job.id.kind === "column" && job.write.some(({ source }) => source.kind === "id")) needed.add(job.id.column);
  return needed;
}

export interface WrittenShard {
  readonly job: ShardJob;
  readonly file: ShardFile;
  readonly answers: readonly AnswerColumn[];
  readonly isFirst: boolean;
  readonly output: string;
  /** Some rows have no answer. */
  readonly hasRejects: boolean;
}

export function copySql(written: WrittenShard): string {
  const { job, output, hasRejects, isFirst } = written;
  const columns = job.write.map(({ name, source }) => {
    const sql = sourceSql(source, written);
    return `${job.format === "ndjson" ? jsonSafe(source, sql, written) : sql} AS ${sqlName(name)}`;
  });
  const rows = `(SELECT * FROM shard WHERE ${keepColumn}) POSITIONAL JOIN answers`;
  const where = hasRejects ? ` WHERE ${okColumn}` : "";
  return `COPY (SELECT ${columns.join(", ")} FROM ${rows}${where}) TO ${sqlText(output)} (${formatSql(job, isFirst)})`;
}

const packings = { gz: "gzip", zst: "zstd" } as const;

function formatSql({ format, compression }: ShardJob, isFirst: boolean): string {
  if (format === "parquet") return "FORMAT parquet";
  const packed = compression === undefined ? "" : `, COMPRESSION ${packings[compression]}`;
  return format === "csv" ? `FORMAT csv, HEADER ${isFirst}${packed}` : `FORMAT json${packed}`;
}

export function sourceSql(source: WriteSource, { job, file, answers }: WrittenShard): string {
  switch (source.kind) {
    case "id":
      return idSql(job, file);
    case "row":
      return sqlName(source.column);
    case "truth":
      return sqlName(job.truth ?? "");
    case "output":
      return outputSql(source.field, answers);
    case "difference": {
      const [truth, output] = [
        `CAST(${sqlName(job.truth ?? "")} AS DOUBLE)`,
        `CAST(${outputSql(source.field, answers)} AS DOUBLE)`,
      ];
      return source.from === "truth" ? `${truth} - ${output}` : `${output} - ${truth}`;
    }
    case "version":
      return sqlText(job.version);
    case "period":
      return job.period === null ? "CAST(NULL AS VARCHAR)" : sqlText(job.period);
    case "file":
      return sqlText(file.name);
  }
}

function outputSql(field: string, answers: readonly AnswerColumn[]): string {
  const at = answers.findIndex(({ plan }) => plan.name === field);
  return answers[at]?.sql(answerName(at)) ?? "NULL";
}

/** `{file}/{row}` as a concatenation. */
export function idSql({ id, period }: ShardJob, file: ShardFile): string {
  if (id.kind === "key") return keyColumn;
  if (id.kind === "column") return `CAST(${sqlName(id.column)} AS VARCHAR)`;
  const parts = id.template.split(/(\{(?:file|period|row)\})/).flatMap((part) => {
    if (part === "{row}") return [`CAST(${rowColumn} AS VARCHAR)`];
    if (part === "") return [];
    return [part === "{file}" ? sqlText(file.name) : sqlText(part === "{period}" ? (period ?? "") : part)];
  });
  return parts.length === 0 ? "''" : parts.join(" || ");
}

/** JSON knows no NaN and no infinity. */
function jsonSafe(source: WriteSource, sql: string, { job, file, answers }: WrittenShard): string {
  const type = typeOf(source, { job, file, answers });
  return /^(FLOAT|DOUBLE)$/.test(type) ? `CASE WHEN isfinite(${sql}) THEN ${sql} END` : sql;
}

function typeOf(source: WriteSource, { job, file, answers }: Pick<WrittenShard, "job" | "file" | "answers">): string {
  const column = source.kind === "row" ? source.column : source.kind === "truth" ? job.truth : null;
  if (source.kind === "output") return answers.find(({ plan }) => plan.name === source.field)?.plan.type ?? "";
  if (source.kind === "difference") return "DOUBLE";
  return column === null ? "" : (file.columnTypes[column] ?? "");
}
