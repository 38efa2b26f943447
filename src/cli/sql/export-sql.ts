// `trimaran export --sql`: a target as a query, compared with the model before it is written.
import { extname } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { trimaranError } from "../../base/errors.ts";
import { type SqlDialect, sqlDialects, sqlName } from "../../formats/sql/sql-text.ts";
import { loadModel } from "../../loaders/load-model.ts";
import { type ModelOpener, modelOpener } from "../../serving/model-opener.ts";
import { openService } from "../../serving/open-service.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import type { CommandCall } from "../command.ts";
import { exitDone } from "../exit-code.ts";
import { serviceOptions } from "../open-target.ts";
import { version } from "../package-version.ts";
import { openOutput } from "../row-files.ts";
import { isOn, listOf, textOf } from "../settings.ts";
import { writeOutput } from "../write-output.ts";
import { composeSql, type DerivedSql, nearText, type SqlTarget, sqlFile } from "./compose-sql.ts";
import { assertExpressions, forDialect } from "./derived-sql.ts";
import { assertParity } from "./sql-parity.ts";

/** @throws SQL_*, USAGE_*, and every code of opening the target */
export async function exportSql(call: CommandCall): Promise<number> {
  const { settings, host, messages } = call;
  const dialect = textOf(settings, "sql") === "postgres" ? "postgres" : "duckdb";
  const place = sqlPlace(textOf(settings, "output"));
  const table = tableName(textOf(settings, "table") ?? "input", dialect);
  const kept = listOf(settings, "keep");
  if (textOf(settings, "precision") === "float32")
    throw usage("--precision is of ONNX files; SQL computes in doubles.");
  messages.status("Reading the model");
  const opened = await openTarget(call);
  try {
    const { service, target } = opened;
    const own = derivedOf(target);
    await assertExpressions(own);
    const derived = await forDialect(own, { dialect, name: service.name });
    const keep = kept.length === 0 ? null : kept;
    const composed = composeSql(target, { dialect, table, keep, derived });
    messages.status("Comparing the SQL with the model");
    const file = textOf(settings, "rows");
    const parity = await assertParity({ target, service, dialect, file, own, derived, signal: host.signal });
    messages.status("");
    const { digest } = service.model;
    const text = sqlFile(composed.text, {
      target: service.name,
      modelDigest: digest,
      definitionDigest: service.definitionDigest,
      version: version(),
      tolerance: composed.tolerance,
      rows: parity.rows,
      table: textOf(settings, "table") ?? "input",
    });
    await writeText(text, place, call);
    const report = {
      file: place,
      dialect,
      bytes: Buffer.byteLength(text),
      answers: composed.answers.map(({ name }) => name),
      parity: { rows: parity.rows, refused: parity.refused, tolerance: composed.tolerance.relative },
    };
    if (place !== "-") {
      await writeOutput(host.stdout, isOn(settings, "json") ? `${JSON.stringify(report)}\n` : `${place}\n`);
    }
    const near = nearText(composed.tolerance);
    messages.info(
      `DuckDB answered ${parity.rows} rows as Trimaran does, ${near}; ${parity.refused} of them have no answer on both sides.`,
    );
    if (composed.left.length > 0) {
      messages.info(
        `Left out, as a table has no files and periods: ${composed.left.join(", ")}. --keep names columns of the table.`,
      );
    }
    return exitDone;
  } finally {
    await opened.service.close();
  }
}

interface OpenedTarget {
  readonly service: PredictionService;
  readonly target: SqlTarget;
}

/** The service answers, the graph is written: both are read from the same place. */
async function openTarget(call: CommandCall): Promise<OpenedTarget> {
  const base = serviceOptions(call, "export");
  const opener = modelOpener(undefined);
  let asked: Parameters<ModelOpener> | null = null;
  const open: ModelOpener = (uris, options) => {
    asked ??= [uris, options];
    return opener(uris, options);
  };
  const service = await openService(call.args[0] ?? "", { ...base, open });
  try {
    const [uris, options] = (asked ?? [[], {}]) as Parameters<ModelOpener>;
    if (service.models.length > 1) {
      const slots = { name: service.name, problem: "it has several models", fix: "Export each of them alone." };
      throw trimaranError("SQL_DEFINITION", slots);
    }
    const { graph } = await loadModel(uris, options);
    const methods = methodsOf(call, service);
    const { version: told, digest } = service.model;
    return {
      service,
      target: {
        graph,
        deployment: service.deployment,
        methods,
        version: told ?? digest.slice(0, "sha256:".length + 12),
      },
    };
  } catch (error) {
    await service.close();
    throw error;
  }
}

/** @throws MODEL_METHOD, USAGE_INVALID */
function methodsOf({ settings }: CommandCall, service: PredictionService): readonly string[] {
  const asked = [...new Set(listOf(settings, "method"))];
  if (service.deployment !== null) {
    if (asked.length > 0) throw usage("--method is of a model alone; a definition says what it answers.");
    return ["predict"];
  }
  const unknown = asked.find((method) => !service.methods.includes(method));
  if (unknown !== undefined) {
    throw trimaranError("MODEL_METHOD", { method: unknown, methods: service.methods.join(", ") });
  }
  return asked.length > 0 ? asked : service.methods.slice(0, 1);
}

function derivedOf({ deployment }: SqlTarget): DerivedSql {
  const { derive = {}, where } = deployment?.batch ?? {};
  return { derive: Object.entries(derive), where: where ?? null };
}

/** `schema.table`; a part in double quotes may hold anything. @throws SQL_NAME, USAGE_INVALID */
function tableName(written: string, dialect: SqlDialect): string {
  const parts = written.match(/"(?:[^"]|"")+"|[^."]+/g) ?? [];
  if (parts.length === 0 || parts.length > 3 || parts.join(".") !== written) {
    throw usage('--table is the name of a table: rides, public.rides, or "my rides".');
  }
  return parts
    .map((part) => sqlName(part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part, dialect))
    .join(".");
}

/** @throws USAGE_INVALID */
function sqlPlace(output: string | null): string {
  if (output === null || output === "-") return "-";
  if (extname(output).toLowerCase() === ".sql") return output;
  throw usage(`--output must end in .sql with --sql ${sqlDialects.join(" or ")}, or be -.`);
}

function usage(problem: string): Error {
  return trimaranError("USAGE_INVALID", { problem, command: "export" });
}

async function writeText(text: string, place: string, { host }: CommandCall): Promise<void> {
  const output = await openOutput(place, host);
  try {
    await output.write(new TextEncoder().encode(text));
    // A signal that came during the work is heard at the first pause.
    await nextTurn();
    host.signal.throwIfAborted();
    await output.finish();
  } catch (error) {
    await output.discard();
    throw error;
  }
}
