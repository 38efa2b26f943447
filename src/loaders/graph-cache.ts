// Prepared models on disk: `graphs/<key>.graph` below our home. The key is made of the model's digest, of what it is read with
// and of this package, so an entry is never out of date, only unused. A hit reads the packed bytes straight into shared memory.
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isTrimaranError, trimaranError } from "../base/errors.ts";
import type { PlacedForest } from "../engine/kernels/placed-forest.ts";
import { compilePrepared, prepareGraph, withoutNodes } from "../engine/prepare.ts";
import { containerPieces } from "../formats/graph/container.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import type { ModelGraph } from "../model/graph.ts";
import { rowCost } from "../model/row-cost.ts";
import { threadedPredictor } from "../model/threaded-predictor.ts";
import type { ValueId, ValueType } from "../model/value.ts";
import { packageVersion } from "./cache-version.ts";
import { readEntry, touch, trimFolder, writeEntry } from "./graph-entry.ts";
import { type ModelOrigin, readMembers } from "./load-model.ts";
import { type LoadedPredictor, type LoadPredictorOptions, loadPredictor, openPredictor } from "./load-predictor.ts";
import { loadPrepared } from "./load-prepared.ts";
import { openThreads } from "./predict-threads.ts";

export interface GraphCacheOptions {
  /** The folder that we keep everything for a user in, such as `.trimaran`. */
  readonly home: string;
  /** What all entries may take; those that were not used for longest go first. @default 10 GiB */
  readonly maxCacheBytes?: number;
  /** Told once when the cache cannot be written; the model is opened all the same. */
  readonly onProblem?: (problem: string) => void;
}

export interface CachedPredictorOptions extends LoadPredictorOptions {
  readonly cache: GraphCacheOptions;
}

export interface PreparedInCache {
  readonly digest: string;
  readonly origin: ModelOrigin;
  /** Null: the model has nothing to prepare (ONNX, a remote model, own estimators), or the folder cannot be written. */
  readonly graphFile: string | null;
}

interface Entry {
  readonly key: string;
  readonly origin: Omit<ModelOrigin, "uri">;
  readonly facts: ModelFacts;
  readonly operations: readonly string[];
  readonly rowCost: number;
  readonly graph: ModelGraph;
  readonly types: readonly ValueType[];
  readonly forests: ReadonlyMap<ValueId, PlacedForest["packed"]>;
}

/** Changes when what `packForest` makes, or a kernel reads, changes. */
const packVersion = 1;
const defaultMaxBytes = 10 * 2 ** 30;

/** As `loadPredictor`, by way of the cache. @throws what `loadPredictor` throws */
export async function openCachedPredictor(
  uris: readonly string[],
  { cache, ...options }: CachedPredictorOptions,
): Promise<LoadedPredictor> {
  if (!isCacheable(uris, options)) return loadPredictor(uris, options);
  const { file, origin } = await entryOf(uris, { ...options, cache });
  try {
    const opened = await openFromGraphFile(file, origin, options);
    await touch(file);
    return opened;
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
  }
  const { onnxRuntime, threads, ...load } = options;
  const { model, prepared: made, ...loaded } = await loadPrepared(uris, load);
  const prepared = model.kind === "graph" ? (made ?? prepareGraph(model.graph)) : null;
  const opened = await openPredictor(model, { onnxRuntime, threads, prepared });
  const { operations } = opened;
  // The file may have changed since its digest was taken.
  if (prepared !== null && loaded.digest === origin.digest) {
    await keep(file, { loaded, facts: model.facts, operations, prepared }, cache);
  }
  return { ...loaded, ...opened };
}

/** Writes the entry if it is not there: for a supervisor's child. @throws what `loadPrepared` throws */
export async function prepareInCache(
  uris: readonly string[],
  { cache, ...options }: CachedPredictorOptions,
): Promise<PreparedInCache> {
  if (!isCacheable(uris, options)) {
    const { predictor, facts: _facts, operations: _operations, ...origin } = await loadPredictor(uris, options);
    predictor.close();
    return { digest: origin.digest, origin, graphFile: null };
  }
  const opened = await openCachedPredictor(uris, { ...options, cache });
  opened.predictor.close();
  const { uri, digest, bytes, version } = opened;
  const { file } = await entryOf(uris, { ...options, cache });
  const isThere = await readEntry(file).then(
    () => true,
    () => false,
  );
  return { digest, origin: { uri, digest, bytes, version }, graphFile: isThere ? file : null };
}

/** What a worker does with an entry. @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FORMAT_DAMAGED, GRAPH_VERSION */
export async function openFromGraphFile(
  path: string,
  origin: Pick<ModelOrigin, "uri" | "digest">,
  { threads = 1 }: LoadPredictorOptions = {},
): Promise<LoadedPredictor> {
  const { value, memoryOf } = await readEntry(path);
  const entry = value as Entry;
  if (!path.endsWith(`${entry.key}.graph`) || entry.origin.digest !== origin.digest) {
    throw trimaranError("FORMAT_DAMAGED", { name: path, problem: "it is the entry of another model", offset: 0 });
  }
  const forests = new Map<ValueId, PlacedForest>();
  for (const [id, packed] of entry.forests) forests.set(id, { packed, memory: memoryOf(packed.bytes) });
  const { graph, types, facts, operations } = entry;
  const prepared = { graph, types, forests };
  const alone = compilePrepared(prepared);
  const predictor =
    threads <= 1
      ? alone
      : threadedPredictor({ predictor: alone, pool: openThreads(prepared, threads), rowCost: entry.rowCost });
  return { ...entry.origin, uri: origin.uri, predictor, facts, operations };
}

interface Kept {
  readonly loaded: ModelOrigin;
  readonly facts: ModelFacts;
  readonly operations: readonly string[];
  readonly prepared: ReturnType<typeof prepareGraph>;
}

/** No failure to keep an entry is one of opening the model. */
async function keep(
  file: string,
  { loaded, facts, operations, prepared }: Kept,
  cache: GraphCacheOptions,
): Promise<void> {
  const folder = join(cache.home, "graphs");
  const key = file.slice(folder.length + 1, -".graph".length);
  const { digest, bytes, version } = loaded;
  const { graph, types, forests } = withoutNodes(prepared);
  const packed = new Map([...forests].map(([id, placed]) => [id, placed.packed] as const));
  const cost = rowCost(prepared.graph);
  const entry: Entry = {
    key,
    origin: { digest, bytes, version },
    facts,
    operations,
    rowCost: cost,
    graph,
    types,
    forests: packed,
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeEntry(file, containerPieces("prepared", entry));
    await trimFolder(folder, cache.maxCacheBytes ?? defaultMaxBytes, file);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? "it failed";
    cache.onProblem?.(`prepared models are not kept in ${folder}: ${code}`);
    if (code === "EISDIR") await rm(file, { recursive: true, force: true }).catch(() => {});
  }
}

function isCacheable(uris: readonly string[], { estimators = [] }: LoadPredictorOptions): boolean {
  return estimators.length === 0 && uris.every((uri) => !/^(?!file:)[a-z][a-z0-9+.-]+:/i.test(uri));
}

/** Digest first: everything that is read with the model takes part in the key, also what is no part of its digest. */
async function entryOf(
  uris: readonly string[],
  { cache, maxBytes }: CachedPredictorOptions,
): Promise<{ readonly file: string; readonly origin: { readonly uri: string; readonly digest: string } }> {
  const key = createHash("sha256").update(JSON.stringify([packageVersion(), packVersion, uris.length]));
  const digests: string[] = [];
  for (const uri of uris) {
    const { source, digest } = await readMembers(uri, { maxBytes });
    digests.push(digest);
    key.update(JSON.stringify([digest, source.members ?? []]));
    if (source.kind === "folder") for (const [name, bytes] of source.files) key.update(`${name}\0`).update(bytes);
  }
  const [only = ""] = digests;
  const joined = createHash("sha256").update(digests.map((each) => `${each}\n`).join(""));
  const digest = digests.length === 1 ? only : `sha256:${joined.digest("hex")}`;
  return { file: join(cache.home, "graphs", `${key.digest("hex")}.graph`), origin: { uri: uris.join(" + "), digest } };
}
