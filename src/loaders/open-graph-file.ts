// A prepared model from its file: what a worker opens a model by. It needs no reader of any model format.
import { trimaranError } from "../base/errors.ts";
import type { PlacedForest } from "../engine/kernels/placed-forest.ts";
import { compilePrepared } from "../engine/prepare.ts";
import type { ModelFacts } from "../formats/read/model-facts.ts";
import type { ModelGraph } from "../model/graph.ts";
import { threadedPredictor } from "../model/threaded-predictor.ts";
import type { ValueId, ValueType } from "../model/value.ts";
import { readEntry } from "./graph-entry.ts";
import type { ModelOrigin } from "./load-model.ts";
import type { LoadedPredictor } from "./load-predictor.ts";
import { openThreads } from "./predict-threads.ts";

/** What is in the file. */
export interface PreparedEntry {
  readonly key: string;
  readonly origin: Omit<ModelOrigin, "uri">;
  readonly facts: ModelFacts;
  readonly operations: readonly string[];
  readonly rowCost: number;
  readonly graph: ModelGraph;
  readonly types: readonly ValueType[];
  readonly forests: ReadonlyMap<ValueId, PlacedForest["packed"]>;
}

/** @throws FILE_NOT_FOUND, FILE_NOT_READABLE, FILE_NOT_REGULAR, FORMAT_DAMAGED, GRAPH_VERSION */
export async function openGraphFile(
  path: string,
  origin: Pick<ModelOrigin, "uri" | "digest">,
  { threads = 1 }: { readonly threads?: number | undefined } = {},
): Promise<LoadedPredictor> {
  const { value, memoryOf } = await readEntry(path);
  const entry = value as PreparedEntry;
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
