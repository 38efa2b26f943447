// Prepared models on disk: `graphs/<key>.graph` below our home. The key is made of the model's digest, of what it is read with
// and of this package, so an entry is never out of date, only unused. A hit reads the packed bytes straight into shared memory,
// and what reads models is loaded only for what is not there.
import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { isTrimaranError } from "../base/errors.ts";
import { type PreparedGraph, prepareGraph, withoutNodes } from "../engine/prepare.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import { packageVersion } from "./cache-version.ts";
import { digestSource } from "./digest-source.ts";
import { readEntry, touch, trimFolder, writeEntry } from "./graph-entry.ts";
import type { ModelOrigin } from "./load-model.ts";
import type { LoadedPredictor, LoadPredictorOptions } from "./load-predictor.ts";
import { localCopies, type Pin } from "./mlflow/local-copies.ts";
import { openGraphFile, type PreparedEntry } from "./open-graph-file.ts";
import { splitMembers } from "./split-members.ts";

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

export interface CachedPredictor extends LoadedPredictor {
  /** Null: the model has nothing to prepare (ONNX, a remote model, own estimators), or the folder cannot be written. */
  readonly graphFile: string | null;
  /** What came from elsewhere, and where its copies lie: a step each. @default none did */
  readonly pins?: readonly Pin[];
}

/** Changes when what `packForest` makes, or a kernel reads, changes. */
const packVersion = 1;
const defaultMaxBytes = 10 * 2 ** 30;

/** As `loadPredictor`, by way of the cache. @throws what `loadPredictor` throws */
export async function openCachedPredictor(
  uris: readonly string[],
  { cache, ...options }: CachedPredictorOptions,
): Promise<CachedPredictor> {
  const copies = await localCopies(uris, { ...options.tracking, home: cache.home, maxBytes: options.maxBytes });
  if (copies !== null) {
    const opened = await openCachedPredictor(copies.uris, { ...options, cache });
    return { ...copies.name(opened), pins: copies.pins };
  }
  if (!isCacheable(uris, options)) {
    const { loadPredictor } = await import("./load-predictor.ts");
    // Not copied: a model behind a server learns its version from its answers.
    return Object.assign(await loadPredictor(uris, options), { graphFile: null });
  }
  const { file, origin } = await entryOf(uris, { ...options, cache });
  try {
    const opened = await openGraphFile(file, origin, options);
    await touch(file);
    return { ...opened, graphFile: file };
  } catch (error) {
    if (!isTrimaranError(error)) throw error;
  }
  const { onnxRuntime, threads, ...load } = options;
  const { loadPrepared } = await import("./load-prepared.ts");
  const { openPredictor } = await import("./load-predictor.ts");
  const { model, prepared: made, ...loaded } = await loadPrepared(uris, load);
  const prepared = model.kind === "graph" ? (made ?? prepareGraph(model.graph)) : null;
  const opened = await openPredictor(model, { onnxRuntime, threads, prepared });
  const { operations } = opened;
  // The file may have changed since its digest was taken.
  const isKept =
    prepared !== null &&
    loaded.digest === origin.digest &&
    (await keep(file, { loaded, facts: model.facts, operations, prepared }, cache));
  return { ...loaded, ...opened, graphFile: isKept ? file : null };
}

interface Kept {
  readonly loaded: ModelOrigin;
  readonly facts: ModelFacts;
  readonly operations: readonly string[];
  readonly prepared: PreparedGraph;
}

/** Whether it is there now: no failure to keep an entry is one of opening the model. */
async function keep(
  file: string,
  { loaded, facts, operations, prepared }: Kept,
  cache: GraphCacheOptions,
): Promise<boolean> {
  const { containerPieces } = await import("../formats/graph/container.ts");
  const { rowCost } = await import("../model/row-cost.ts");
  const folder = join(cache.home, "graphs");
  const key = file.slice(folder.length + 1, -".graph".length);
  const { digest, bytes, version } = loaded;
  const { graph, types, forests } = withoutNodes(prepared);
  const packed = new Map([...forests].map(([id, placed]) => [id, placed.packed] as const));
  const cost = rowCost(prepared.graph);
  const entry: PreparedEntry = {
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
    return true;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException | null)?.code ?? "it failed";
    cache.onProblem?.(`prepared models are not kept in ${folder}: ${code}`);
    if (code === "EISDIR") await rm(file, { recursive: true, force: true }).catch(() => {});
    // Another process may have kept it, or the trimming alone failed.
    return readEntry(file).then(
      () => true,
      () => false,
    );
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
    const { uri: source, members } = splitMembers(uri);
    const { digest, contents } = await digestSource(source, { maxBytes });
    digests.push(digest);
    key.update(JSON.stringify([digest, members, contents]));
  }
  const [only = ""] = digests;
  const joined = createHash("sha256").update(digests.map((each) => `${each}\n`).join(""));
  const digest = digests.length === 1 ? only : `sha256:${joined.digest("hex")}`;
  return { file: join(cache.home, "graphs", `${key.digest("hex")}.graph`), origin: { uri: uris.join(" + "), digest } };
}
