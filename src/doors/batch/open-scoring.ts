// Opens a target for batch jobs: the model once, its plan once, threads that are kept from unit to unit.
import { type OpenServiceOptions, openService } from "../../serving/open-service.ts";
import type { MaxRejects } from "./max-rejects.ts";
import { openPlace, schemeName } from "./open-place.ts";
import { groupRows } from "./plan-shards.ts";
import type { InputFile, Manifest } from "./ports.ts";
import { scorePlan } from "./score-plan.ts";
import { scoreThreads } from "./score-threads.ts";
import { scoreUnit, type UnitContext } from "./score-unit.ts";
import type { ScoreUnit, Scoring, UnitPlan, UnitState } from "./scoring.ts";
import { ShardPool } from "./shard-pool.ts";
import { runId, whatChanged } from "./unit-identity.ts";
import { digestOf, listInputs } from "./unit-inputs.ts";

export interface ScoringOptions {
  /** A model (a file, a folder, a URI) or a definition. */
  readonly target: string;
  readonly service: OpenServiceOptions;
  /** There is so much to do that the threads are started at once. @default false: where inputs that were looked at say so */
  readonly isLarge?: boolean;
  /** Of a model alone. @default its first */
  readonly methods?: readonly string[];
  /** @default one a core, up to 8 */
  readonly threads?: number;
  /** What the process may take, about; in bytes. @default 400 MiB and 150 MiB more for each thread beyond two */
  readonly memoryLimit?: number;
  /** @default none: rejects are counted, and fail nothing */
  readonly maxRejects?: MaxRejects | null;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly packageVersion: string;
  /** The folder that everything is kept in, for the log of runs. @default none is kept */
  readonly home?: string;
}

const mib = 2 ** 20;
/** Of a thread with nothing to do, and of the process around it. */
const processBytes = 180 * mib;
const threadBytes = 60 * mib;
const leastEngineBytes = 40 * mib;

/** @throws what opening the target throws, BATCH_WRITE, BATCH_DEFINITION */
export async function openScoring(options: ScoringOptions): Promise<Scoring> {
  const { target, env, packageVersion, maxRejects = null, methods = [] } = options;
  const threads = scoreThreads(options.threads);
  const memoryLimit = options.memoryLimit ?? (400 + 150 * Math.max(0, threads - 2)) * mib;
  const engineBytes = Math.max(leastEngineBytes, (memoryLimit - processBytes) / threads - threadBytes);
  const opening = openService(target, options.service);
  const pool = new ShardPool({ target, service: opening, serviceOptions: options.service, threads });
  if (options.isLarge === true) pool.start();
  const service = await opening.catch(async (error: unknown) => {
    await pool[Symbol.asyncDispose]();
    throw error;
  });
  try {
    const plan = await scorePlan(service, methods);
    const context: UnitContext = {
      service,
      plan,
      pool,
      env,
      packageVersion,
      threads,
      maxRejects,
      memoryBytes: engineBytes,
      shardRows: groupRows,
      home: options.home ?? null,
    };
    return {
      name: service.name,
      write: plan.write,
      slices: service.deployment?.batch?.slices ?? [],
      plan: (unit, signal) => planUnit(context, unit, signal),
      run: (unit, hooks) => scoreUnit(context, unit, hooks),
      async [Symbol.asyncDispose]() {
        await pool[Symbol.asyncDispose]();
        await service.close();
      },
    };
  } catch (error) {
    await pool[Symbol.asyncDispose]();
    await service.close();
    throw error;
  }
}

async function planUnit({ env, service, home }: UnitContext, unit: ScoreUnit, signal: AbortSignal): Promise<UnitPlan> {
  await using sources = new AsyncDisposableStack();
  await using place = await openPlace(unit.output, { env, signal, home: home ?? undefined });
  const listed = await listInputs({ inputs: unit.inputs, output: place.uri }, sources, { env, signal });
  const published = await place.readManifest();
  const inputs = await Promise.all(listed.map(({ file }) => inputDigest(file, published, signal)));
  const parts = { inputs, service, period: unit.period };
  const isThere = published !== null && (await place.isPublished(published));
  const hasShards = (await place.kept()).length > 0;
  return {
    unit,
    output: place.uri,
    run: inputs.every(({ digest }) => digest !== "") ? runId(parts) : null,
    ...stateOf({ published, isThere, hasShards, changed: published === null ? null : whatChanged(published, parts) }),
    inputs: listed.map(({ file }) => file),
    published,
  };
}

interface UnitFacts {
  readonly published: Manifest | null;
  readonly isThere: boolean;
  readonly hasShards: boolean;
  readonly changed: string | null;
}

function stateOf({ published, isThere, hasShards, changed }: UnitFacts): { state: UnitState; why: string } {
  const goesOn = hasShards ? "; an earlier run stopped, what it kept is used where it fits" : "";
  if (published === null) {
    return hasShards
      ? { state: "resume", why: "an earlier run stopped before it published" }
      : { state: "new", why: "nothing is published here" };
  }
  if (!isThere) return { state: "new", why: `the file that was published is gone, or another one${goesOn}` };
  if (changed !== null) return { state: "changed", why: `${changed}${goesOn}` };
  return { state: "done", why: `published by run ${published.run}, of the same inputs, model and definition` };
}

/** Of a file that is as the last run saw it, that run's; of another one on this machine its own; else `""`: it is not known. */
async function inputDigest(
  file: InputFile,
  published: Manifest | null,
  signal: AbortSignal,
): Promise<{ readonly name: string; readonly digest: string }> {
  const { name, uri, size, etag, modified } = file;
  const was = published?.inputs.find((each) => each.name === name && each.uri === uri && each.size === size);
  const isSame = etag === undefined ? modified !== undefined && was?.modified === modified : was?.etag === etag;
  if (was !== undefined && isSame) return { name, digest: was.digest };
  if (schemeName(uri) !== "") return { name, digest: "" };
  return { name, digest: (await digestOf(uri, { uri, signal })).digest };
}
