// `trimaran score --engine spark://…`: packs what workers need, submits the job, waits for it; and `--arrow-stdio`, what workers run.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import process from "node:process";
import { trimaranError } from "../base/errors.ts";
import { scoreArrowStreams } from "../doors/batch/arrow/arrow-stdio.ts";
import { localPath } from "../doors/batch/local-source.ts";
import { schemeName } from "../doors/batch/open-place.ts";
import type { ScoreUnit } from "../doors/batch/scoring.ts";
import { StagedFolder } from "../doors/batch/staged-folder.ts";
import { scoreJob } from "../packaging/spark/score-job.ts";
import { archiveName } from "../packaging/spark/spark-plan.ts";
import type { CommandCall } from "./command.ts";
import { exitDone, exitInterrupted } from "./exit-code.ts";
import { serviceOptions } from "./open-target.ts";
import { collectPlan } from "./packaging/collect-plan.ts";
import { collectSpark } from "./packaging/collect-spark.ts";
import { packTrimaran } from "./packaging/pack-trimaran.ts";
import { sparkArchive, sparkFolder } from "./packaging/spark-archive.ts";
import { maxRejectsOf } from "./score-plan.ts";
import { isOn, listOf, numberOf, type Settings, textOf } from "./settings.ts";
import { writeOutput } from "./write-output.ts";

/** @throws what scoreArrowStreams throws */
export async function scoreArrow(call: CommandCall): Promise<number> {
  const { args, settings, host } = call;
  const memoryBytes = numberOf(settings, "memory-limit");
  await scoreArrowStreams({
    target: args[0] ?? "",
    service: { ...serviceOptions(call, "score"), threads: 1 },
    methods: listOf(settings, "method"),
    period: textOf(settings, "period"),
    ...(memoryBytes === undefined ? {} : { memoryBytes }),
    maxRejects: maxRejectsOf(settings),
    input: host.stdin,
    output: host.stdout,
    signal: host.signal,
  });
  return exitDone;
}

/** The job's own exit code is carried: 3 is a refusal that a retry does not change. */
const refusedCode = 3;

/** @throws SPARK_MISSING, SPARK_FAILED, PACKAGE_*, USAGE_INVALID */
export async function scoreOnSpark(call: CommandCall, unit: ScoreUnit): Promise<number> {
  const { args, settings, host, messages } = call;
  assertForSpark(settings, unit);
  const submit = findSubmit(host.env);
  await using _held = await holdOutput(unit.output);
  const folder = await mkdtemp(join(tmpdir(), "trimaran-spark-"));
  try {
    messages.status("Packing Trimaran, the definition and the model");
    const service = serviceOptions(call, "score");
    const engine = textOf(settings, "engine") ?? "";
    // Its workers run here, where everything is: packing and unpacking 200 MB took longer than many a job.
    const isHere = /^local(?:\[|$)/.test(engine) && process.platform !== "win32";
    const tarball = isHere ? null : await packTrimaran(host.signal);
    const target = args[0] ?? "";
    const memoryLimit = numberOf(settings, "memory-limit");
    const { plan, bytes } = await collectPlan(target, { service, image: null, grpcPort: null, tarball, score: null });
    const spark = await collectSpark({
      target,
      service,
      methods: listOf(settings, "method"),
      arguments: memoryLimit === undefined ? [] : ["--memory-limit", String(memoryLimit)],
      plan,
    });
    const name = archiveName(spark);
    if (isHere) await sparkFolder({ plan, bytes }, join(folder, "here"));
    else await writeFile(join(folder, name), await sparkArchive({ plan, bytes, tarball }));
    await writeFile(join(folder, "score_job.py"), scoreJob(spark));
    messages.status("");
    const period = unit.period === null ? [] : ["--period", unit.period];
    const limit = textOf(settings, "max-rejects");
    const line = [
      ...["--master", engine, "--name", `trimaran score ${spark.name}`],
      ...(isHere ? [] : ["--archives", `${join(folder, name)}#${name.replace(/\.tar\.gz$/, "")}`]),
      ...listOf(settings, "spark-conf").flatMap((each) => ["--conf", each]),
      join(folder, "score_job.py"),
      ...unit.inputs.flatMap((input) => ["--input", input]),
      ...["--output", unit.output, ...period, ...(limit === null ? [] : ["--max-rejects", limit])],
    ];
    const env = isHere ? { ...submit.env, TRIMARAN_SPARK_ARCHIVE: join(folder, "here") } : submit.env;
    const ended = await runSubmit(call, { ...submit, env }, line);
    if (ended.result === null) throw submitFailure(ended);
    await writeOutput(host.stdout, isOn(settings, "json") ? `${ended.result}\n` : `${resultText(ended.result)}\n`);
    return exitDone;
  } catch (cause) {
    if (host.signal.aborted && host.signal.reason === "SIGINT") return exitInterrupted;
    throw cause;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** @throws USAGE_INVALID, USAGE_CONFLICT */
function assertForSpark(settings: Settings, unit: ScoreUnit): void {
  const wrong = (problem: string): Error => trimaranError("USAGE_INVALID", { problem, command: "score" });
  const engine = textOf(settings, "engine") ?? "";
  if (!/^(?:spark:\/\/\S+|local(?:\[[\d*,\s]+\])?|local-cluster\[[\d,\s]+\]|yarn|k8s:\/\/\S+)$/.test(engine)) {
    throw wrong(
      "--engine must be the URL of a master of Spark: spark://host:7077, yarn, k8s://…, local[*] or local-cluster[2,1,1024].",
    );
  }
  const given = {
    "dry-run": isOn(settings, "dry-run"),
    since: textOf(settings, "since") !== null,
    slice: listOf(settings, "slice").length > 0,
    threads: numberOf(settings, "threads") !== undefined,
  };
  const unfit = Object.entries(given).find(([, isGiven]) => isGiven)?.[0];
  if (unfit !== undefined) {
    throw trimaranError("USAGE_CONFLICT", { first: "--engine", second: `--${unfit}`, command: "score" });
  }
  if (!unit.output.endsWith("/"))
    throw wrong("--output must be a folder that ends in /: Spark writes a file for each part.");
  const bad = listOf(settings, "spark-conf").find((each) => !/^[^=\s]+=/.test(each));
  if (bad !== undefined) throw wrong("--spark-conf must be KEY=VALUE.");
}

/**
 * Of two jobs of this machine that write to one folder of it the second says so. Elsewhere nobody can be asked.
 * @throws BATCH_BUSY, and what making the folder throws
 */
async function holdOutput(output: string): Promise<AsyncDisposable> {
  if (!["", "file"].includes(schemeName(output))) return { [Symbol.asyncDispose]: async () => {} };
  const staged = new StagedFolder({ uri: output, ours: join(localPath(output), "_trimaran") });
  await staged.acquire();
  return {
    async [Symbol.asyncDispose]() {
      // A job that was killed could not clear up behind it.
      for (const name of await readdir(staged.ours).catch(() => [])) {
        if (name.startsWith("staging-")) await rm(join(staged.ours, name), { recursive: true, force: true });
      }
      await staged.release();
      // Nothing was left in it: nothing was there.
      await rmdir(localPath(output)).catch(() => {});
    },
  };
}

interface Submit {
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
}

/** Of SPARK_HOME, else on PATH, where pip's pyspark puts one too. @throws SPARK_MISSING */
function findSubmit(env: CommandCall["host"]["env"]): Submit {
  const home = env["SPARK_HOME"] ?? "";
  const places =
    home !== "" ? [join(home, "bin")] : (env["PATH"] ?? "").split(delimiter).filter((place) => place !== "");
  const command = places.map((place) => join(place, "spark-submit")).find((path) => existsSync(path));
  if (command === undefined) throw trimaranError("SPARK_MISSING", { place: home !== "" ? "SPARK_HOME" : "PATH" });
  return { command, env: {} };
}

interface Ended {
  /** JSON of the job's result. */
  readonly result: string | null;
  readonly code: number | null;
  readonly lines: readonly string[];
}

const keptLines = 400;

async function runSubmit(
  { host, messages }: CommandCall,
  { command, env }: Submit,
  line: readonly string[],
): Promise<Ended> {
  host.signal.throwIfAborted();
  const child = spawn(command, line, {
    env: { ...process.env, ...host.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    // Ctrl-C is ours to pass on: the job's program and its JVM get it together.
    detached: true,
  });
  const lines: string[] = [];
  let result: string | null = null;
  const take = (text: string): void => {
    const told = /^trimaran-result (.*)$/.exec(text)?.[1];
    if (told !== undefined) result = told;
    else {
      lines.push(text);
      if (lines.length > keptLines) lines.shift();
      messages.debug(text);
    }
  };
  const { createInterface } = await import("node:readline");
  for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", take);
  const stop = (signal: NodeJS.Signals): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, signal);
    } catch {
      // It is gone already.
    }
  };
  let timer: NodeJS.Timeout | undefined;
  const onAbort = (): void => {
    stop("SIGTERM");
    timer = setTimeout(stop, 10_000, "SIGKILL");
  };
  host.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const code = await new Promise<number | null>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", resolve);
    });
    host.signal.throwIfAborted();
    return { result: code === 0 ? result : null, code, lines };
  } finally {
    clearTimeout(timer);
    host.signal.removeEventListener("abort", onAbort);
  }
}

/** The line that says most: ours, else the last that names an exception. */
function submitFailure({ code, lines }: Ended): Error {
  const refused = lines.findLast((line) => line.startsWith("trimaran: "));
  if (code === refusedCode && refused !== undefined) {
    return trimaranError("SPARK_REFUSED", { problem: refused.slice("trimaran: ".length).replace(/[.\s]+$/, "") });
  }
  const said =
    lines.findLast((line) => /trimaran ended: |rows went in|rows were read|changed while/.test(line)) ??
    lines.findLast((line) => /(?:Exception|Error)\b.*:/.test(line)) ??
    lines.at(-1) ??
    "it said nothing";
  const problem = said
    .replace(/^.*?(?:RuntimeError|Error): /, "")
    .trim()
    .slice(0, 500)
    .replace(/[.\s]+$/, "");
  return trimaranError("SPARK_FAILED", { code: code ?? -1, problem });
}

function resultText(json: string): string {
  const { output, rows, files } = JSON.parse(json) as {
    readonly output: string;
    readonly files: number;
    readonly rows: {
      readonly read: number;
      readonly filtered: number;
      readonly rejected: number;
      readonly written: number;
    };
  };
  return `${output}: ${rows.written} rows in ${files} ${files === 1 ? "file" : "files"}, of ${rows.read} read; ${rows.filtered} left out by the filter, ${rows.rejected} rejected`;
}
