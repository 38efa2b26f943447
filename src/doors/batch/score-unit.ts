// One unit, whole or not at all: its inputs, its shards (those that an earlier run kept are taken as they are), its output.
import { readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { allDone } from "../../base/all-done.ts";
import { trimaranError } from "../../base/errors.ts";
import { addWarning, type Warning } from "../../data/batch.ts";
import type { PredictionService } from "../../serving/prediction-service.ts";
import { sqlEngineVersion } from "../../tables/sql-engine.ts";
import { fileChecksum } from "./file-checksum.ts";
import { largeBytes } from "./large-inputs.ts";
import { manifestFormat } from "./manifest.ts";
import { isOver, type MaxRejects, maxRejectsText } from "./max-rejects.ts";
import { openPlace } from "./open-place.ts";
import { planShards } from "./plan-shards.ts";
import type { Manifest, ManifestInput, ManifestRows, OutputPlace, PlaceOptions } from "./ports.ts";
import { brokenLine } from "./reject-lines.ts";
import { logRun } from "./run-log.ts";
import { idRule, type ScorePlan } from "./score-plan.ts";
import type { RunHooks, ScoreUnit, UnitResult } from "./scoring.ts";
import { IssueCounts, type ShardJob, type ShardReport, type ShardTask, shardName } from "./shard.ts";
import type { ShardPool } from "./shard-pool.ts";
import { fingerprint, manifestModels, runId } from "./unit-identity.ts";
import { commonSql, fetchInputs, listInputs, type PreparedFile, prepareInputs, removeInputs } from "./unit-inputs.ts";
import { joinRejects, UnitOutput } from "./unit-output.ts";

export interface UnitContext {
  readonly service: PredictionService;
  readonly plan: ScorePlan;
  readonly pool: ShardPool;
  readonly env: PlaceOptions["env"];
  readonly packageVersion: string;
  readonly threads: number;
  readonly maxRejects: MaxRejects | null;
  /** Of one DuckDB. */
  readonly memoryBytes: number;
  readonly shardRows: number;
  /** null: no log of runs is kept. */
  readonly home: string | null;
}

/** @throws BATCH_*, TABLE_*, FILE_*, the signal's reason */
export async function scoreUnit(context: UnitContext, unit: ScoreUnit, hooks: RunHooks): Promise<UnitResult> {
  const started = new Date();
  const { signal } = hooks;
  await using sources = new AsyncDisposableStack();
  await using place = await openPlace(unit.output, { env: context.env, signal, home: context.home ?? undefined });
  await place.acquire(signal);
  const fetchFolder = join(place.folder, "inputs");
  try {
    const listed = await listInputs({ inputs: unit.inputs, output: place.uri }, sources, {
      env: context.env,
      signal,
    });
    if (listed.reduce((sum, { file }) => sum + file.size, 0) > largeBytes) context.pool.warm();
    const fetched = await fetchInputs(listed, { folder: fetchFolder, signal });
    const run = runId({ inputs: fetched.map(inputFacts), service: context.service, period: unit.period });
    const { plan, threads, memoryBytes } = context;
    const files = await prepareInputs(fetched, {
      plan,
      folder: place.folder,
      threads,
      memoryBytes: memoryBytes * threads,
      signal,
    });
    const job = shardJob(context, { place, unit, files });
    const tasks = planShards(files, context.shardRows);
    const mark = await continueOrClear(place, { context, job, tasks, run, files });
    const assertSame = async (): Promise<void> => {
      for (const { source, file } of fetched) await source.assertSame(file, signal);
    };
    await using staged = new UnitOutput(place, job);
    const reports = await scoreShards({ context, place, job, tasks, files, mark, hooks, staged }).catch(
      async (error: unknown) => {
        // What looks damaged may be another file by now.
        if (!signal.aborted) await assertSame();
        throw error;
      },
    );
    await assertSame();
    const made = { context, place, files, unit, run, started, hooks, staged };
    const manifest = await publish(made, reports.all);
    const seconds = (Date.now() - started.getTime()) / 1000;
    await logRun(context.home, manifest, place.uri).catch((cause: unknown) => {
      hooks.onNotice?.(`The log of runs cannot be written: ${(cause as NodeJS.ErrnoException).code ?? "it failed"}.`);
    });
    return { output: place.uri, manifest, shards: { total: tasks.length, kept: reports.kept }, seconds };
  } finally {
    await removeInputs(fetchFolder);
  }
}

function inputFacts({ file, digest }: Pick<PreparedFile, "file" | "digest">): {
  readonly name: string;
  readonly digest: string;
} {
  return { name: file.name, digest };
}

interface JobParts {
  readonly place: OutputPlace;
  readonly unit: ScoreUnit;
  readonly files: readonly PreparedFile[];
}

function shardJob({ plan, service, memoryBytes }: UnitContext, { place, unit, files }: JobParts): ShardJob {
  const { format, compression, folder } = place;
  const { derive, where } = commonSql(files, plan);
  return {
    paths: files.map(({ shardFile }) => shardFile.path),
    folder,
    format,
    ...(compression === undefined ? {} : { compression }),
    derive,
    where,
    truth: plan.truth,
    id: idRule(plan, { columns: files[0]?.shardFile.columnTypes ?? {}, period: unit.period }),
    write: plan.write,
    outputs: plan.outputs,
    version: plan.version,
    period: unit.period,
    definitionDigest: service.definitionDigest,
    modelDigests: service.models.map(({ digest }) => digest),
    memoryBytes,
  };
}

interface Continuation {
  readonly context: UnitContext;
  readonly job: ShardJob;
  readonly tasks: readonly ShardTask[];
  readonly run: string;
  readonly files: readonly PreparedFile[];
}

const planFile = "plan.json";

/** Shards of another plan are nobody's. @returns the names of those that are kept */
async function continueOrClear(
  place: OutputPlace,
  { context, job, tasks, run, files }: Continuation,
): Promise<ReadonlySet<string>> {
  const { paths: _, folder: __, memoryBytes: ___, ...decides } = job;
  const print = fingerprint({
    run,
    decides,
    shards: tasks.map(({ start, end, file }) => [file.name, start, end]),
    inputs: files.map(({ file, shardFile }) => [file.uri, shardFile.fields, shardFile.hive]),
    versions: [context.packageVersion, await sqlEngineVersion()],
  });
  const names = await place.kept();
  if (names.includes(planFile)) {
    const text = await readFile(await place.fetchKept(planFile), "utf8").catch(() => "");
    if (text === print) return new Set(names);
    const inputs = files.map(({ digest }) => `input-${digest.slice("sha256:".length, 23)}`);
    await place.clear((name) => inputs.some((input) => name.startsWith(`${input}.`)));
  }
  await writeFile(join(place.folder, `${planFile}.part`), print);
  await place.keep(planFile);
  return new Set();
}

interface ShardWork {
  readonly context: UnitContext;
  readonly place: OutputPlace;
  readonly job: ShardJob;
  readonly tasks: readonly ShardTask[];
  readonly files: readonly PreparedFile[];
  readonly mark: ReadonlySet<string>;
  readonly hooks: RunHooks;
  readonly staged: UnitOutput;
}

async function scoreShards(work: ShardWork): Promise<{ readonly all: readonly ShardReport[]; readonly kept: number }> {
  const { context, place, job, tasks, files, mark, hooks, staged } = work;
  const reports: ShardReport[] = [];
  const stopped = new AbortController();
  const checking = takeKept(work, { reports, signal: AbortSignal.any([hooks.signal, stopped.signal]) });
  // Whoever waits for it is told.
  checking.catch(() => {});
  const total = tasks.reduce((sum, { start, end }) => sum + end - start, 0);
  const broken = files.reduce((sum, file) => sum + file.broken.length, 0);
  let here = 0;
  const tell = (): void => {
    const { read, written, rejected } = sumRows(reports);
    hooks.onProgress?.({ done: read, here, total, written, rejected: rejected + broken });
  };
  tell();
  const score = (missing: readonly ShardTask[]): Promise<void> =>
    context.pool.run({
      job,
      tasks: missing,
      signal: hooks.signal,
      onReport: async (report) => {
        for (const name of report.files) await place.keep(name);
        const name = reportName(report);
        await writeFile(join(place.folder, `${name}.part`), JSON.stringify(report));
        await place.keep(name);
        reports.push(report);
        here += report.rows.read;
        await staged.add(report.index, report.files[0] ?? "");
        tell();
        const { maxRejects } = context;
        const rejected = sumRows(reports).rejected + broken;
        // All other rows may still be good ones.
        if (isOver(maxRejects, { rejected, rows: total + broken - sumRows(reports).filtered })) {
          await checking;
          await failRejected(work, { reports, rejected });
        }
      },
    });
  try {
    // Those that are surely missing are scored while the others are looked at.
    await score(tasks.filter((task) => !mark.has(reportName(task))));
    const { kept, damaged } = await checking;
    if (damaged.length > 0) await score(damaged);
    tell();
    return { all: reports.sort((left, right) => left.index - right.index), kept };
  } finally {
    stopped.abort();
    await checking.catch(() => {});
  }
}

interface Checked {
  readonly kept: number;
  readonly damaged: readonly ShardTask[];
}

/** Shards that an earlier run kept, to `reports` and to the output. */
async function takeKept(
  { place, tasks, mark, hooks, staged }: ShardWork,
  { reports, signal }: { readonly reports: ShardReport[]; readonly signal: AbortSignal },
): Promise<Checked> {
  const damaged: ShardTask[] = [];
  let kept = 0;
  for (const task of tasks) {
    if (!mark.has(reportName(task))) continue;
    signal.throwIfAborted();
    const report = await keptReport(place, mark, task);
    if (report === null) {
      damaged.push(task);
      continue;
    }
    kept++;
    reports.push(report);
    await staged.add(report.index, report.files[0] ?? "");
  }
  if (kept > 0) hooks.onNotice?.(`Going on: ${kept} of ${tasks.length} shards are there.`);
  return { kept, damaged };
}

function reportName({ index }: Pick<ShardTask, "index">): string {
  return `${shardName(index)}.json`;
}

async function keptReport(place: OutputPlace, mark: ReadonlySet<string>, task: ShardTask): Promise<ShardReport | null> {
  try {
    const report = JSON.parse(await readFile(await place.fetchKept(reportName(task)), "utf8")) as ShardReport;
    if (report.index !== task.index) return null;
    // What was not synced when the power failed may be anything.
    for (const [at, file] of report.files.entries()) {
      if (!mark.has(file) || (await fileChecksum(await place.fetchKept(file))) !== report.checksums[at]) return null;
    }
    return report;
  } catch {
    return null;
  }
}

export function sumRows(reports: readonly ShardReport[]): ManifestRows {
  const sum = { read: 0, filtered: 0, rejected: 0, written: 0 };
  for (const { rows } of reports) {
    sum.read += rows.read;
    sum.filtered += rows.filtered;
    sum.rejected += rows.rejected;
    sum.written += rows.written;
  }
  return sum;
}

interface OverLimit {
  readonly reports: readonly ShardReport[];
  readonly rejected: number;
}

/** What was rejected stays, for whoever wants to know why. @throws BATCH_REJECTS */
async function failRejected(
  { context, place, files }: Pick<ShardWork, "context" | "place" | "files">,
  { reports, rejected }: OverLimit,
): Promise<never> {
  const path = await joinedRejects(place, files, reports);
  const kept = path === null ? null : path.replace(/\.part$/, "");
  if (path !== null) await place.keep(basename(path).replace(/\.part$/, ""));
  const { written } = sumRows(reports);
  const limit = context.maxRejects === null ? "" : maxRejectsText(context.maxRejects);
  throw trimaranError("BATCH_REJECTS", { rejected, rows: written + rejected, limit, path: kept ?? place.folder });
}

async function joinedRejects(
  place: OutputPlace,
  files: readonly PreparedFile[],
  reports: readonly ShardReport[],
): Promise<string | null> {
  const lines = files.flatMap(({ file, broken }) => broken.map((line) => brokenLine(file.uri, line)));
  const ordered = [...reports].sort((left, right) => left.index - right.index);
  const names = ordered.flatMap(({ files: made }) => made.filter((name) => name.endsWith(".rejects.ndjson")));
  return joinRejects(place, { lines, paths: await Promise.all(names.map((name) => place.fetchKept(name))) });
}

interface Publishing {
  readonly context: UnitContext;
  readonly place: OutputPlace;
  readonly files: readonly PreparedFile[];
  readonly unit: ScoreUnit;
  readonly run: string;
  readonly started: Date;
  readonly hooks: RunHooks;
  readonly staged: UnitOutput;
}

async function publish(publishing: Publishing, reports: readonly ShardReport[]): Promise<Manifest> {
  const { context, place, files, hooks, staged } = publishing;
  const sums = sumRows(reports);
  const broken = files.reduce((sum, file) => sum + file.broken.length, 0);
  const rejected = sums.rejected + broken;
  if (isOver(context.maxRejects, { rejected, rows: sums.written + rejected })) {
    await failRejected(publishing, { reports, rejected });
  }
  const file = await staged.joined();
  hooks.signal.throwIfAborted();
  const [output, rejects, found] = await allDone([
    staged.finish(sums.written),
    joinedRejects(place, files, reports),
    hooks.beforePublish?.({ file, name: basename(place.uri), rows: sums.written }) ?? Promise.resolve({}),
  ]);
  hooks.signal.throwIfAborted();
  const rows = { ...sums, read: sums.read + broken, rejected };
  const manifest = { ...(await manifestOf(publishing, { reports, rows, outputs: [output] })), ...found };
  await place.publish({ file, rejects: rejects === null ? {} : { "rejects.ndjson": rejects }, manifest });
  return manifest;
}

interface ManifestParts {
  readonly reports: readonly ShardReport[];
  readonly rows: ManifestRows;
  readonly outputs: Manifest["outputs"];
}

async function manifestOf(
  { context, files, unit, run, started }: Publishing,
  { reports, rows, outputs }: ManifestParts,
): Promise<Manifest> {
  const reasons = new IssueCounts();
  const warnings = new Map<string, Warning>();
  for (const { broken } of files) for (const { code, message } of broken) reasons.add({ path: "", code, message });
  for (const report of reports) {
    for (const reason of report.reasons) reasons.add(reason, reason.count);
    for (const warning of report.warnings) addWarning(warnings, warning);
  }
  return {
    format: manifestFormat,
    run,
    deployment: context.plan.name,
    period: unit.period,
    inputs: files.map(manifestInput),
    models: manifestModels(context.service),
    definition_digest: context.service.definitionDigest,
    rows,
    reject_reasons: reasons.list(),
    warnings: [...warnings.values()],
    outputs,
    engine: { trimaran: context.packageVersion, node: process.versions.node, duckdb: await sqlEngineVersion() },
    times: { started: started.toISOString(), finished: new Date().toISOString() },
  };
}

function manifestInput({ file, digest, rows, broken }: PreparedFile): ManifestInput {
  const { uri, name, size, etag, modified } = file;
  return {
    uri,
    name,
    size,
    ...(etag === undefined ? {} : { etag }),
    ...(modified === undefined ? {} : { modified }),
    digest,
    rows: rows + broken.length,
  };
}
