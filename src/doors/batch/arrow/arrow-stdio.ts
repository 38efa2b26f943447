// A stream of Arrow record batches in, a stream of them out, a batch at a time: the next one is read when the last one has been
// taken. Several streams may follow one another on one input; at its end there is nothing more to do.
import { once } from "node:events";
import type { Readable, Writable } from "node:stream";
import type { RecordBatch } from "apache-arrow";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { type OpenServiceOptions, openService } from "../../../serving/open-service.ts";
import type { MaxRejects } from "../max-rejects.ts";
import { isOver, maxRejectsText } from "../max-rejects.ts";
import { scorePlan } from "../score-plan.ts";
import { BatchScorer } from "./batch-scorer.ts";

export interface ArrowStdioOptions {
  readonly target: string;
  readonly service: OpenServiceOptions;
  readonly methods: readonly string[];
  readonly period: string | null;
  /** Of DuckDB, in bytes. @default 256 MiB */
  readonly memoryBytes?: number;
  readonly maxRejects: MaxRejects | null;
  readonly input: Readable;
  readonly output: Writable;
  readonly signal: AbortSignal;
}

const mib = 2 ** 20;

/** @throws what opening the target throws, BATCH_COLUMN, BATCH_TYPE, BATCH_REJECTS, TABLE_READ for what is no Arrow stream */
export async function scoreArrowStreams(options: ArrowStdioOptions): Promise<void> {
  const { target, methods, period, memoryBytes = 256 * mib, maxRejects, input, output, signal } = options;
  const arrow = await import("apache-arrow").catch((cause: unknown) => {
    throw trimaranError("TABLE_ENGINE", {}, { cause });
  });
  const service = await openService(target, options.service);
  try {
    const plan = await scorePlan(service, methods);
    const reader = await arrow.RecordBatchReader.from(input).catch((cause: unknown) =>
      Promise.reject(unreadable(cause)),
    );
    await reader.open({ autoDestroy: false }).catch((cause: unknown) => Promise.reject(unreadable(cause)));
    if ((reader.schema as unknown) == null) throw unreadable(null);
    await using scorer = await BatchScorer.open(reader.schema, { service, plan, period, memoryBytes, signal });
    const writer = new arrow.RecordBatchStreamWriter({ autoDestroy: false });
    const sent = send(writer, output);
    let [rows, rejected] = [0, 0];
    try {
      writer.reset(undefined, scorer.schema);
      for await (const batch of batches(reader)) {
        signal.throwIfAborted();
        const scored = await scorer.score(batch);
        rows += batch.numRows;
        rejected += scored.rejected;
        assertFew(maxRejects, { rows, rejected, isEnd: false });
        writer.write(scored.batch);
      }
      assertFew(maxRejects, { rows, rejected, isEnd: true });
    } finally {
      writer.close();
    }
    await sent;
  } finally {
    await service.close();
  }
}

async function* batches(reader: AsyncIterable<RecordBatch>): AsyncGenerator<RecordBatch> {
  try {
    yield* reader;
  } catch (cause) {
    throw unreadable(cause);
  }
}

/** Whoever reads it may have gone: then there is nobody to answer. */
async function send(chunks: AsyncIterable<Uint8Array>, output: Writable): Promise<void> {
  for await (const chunk of chunks) {
    if (!output.write(chunk)) await once(output, "drain");
  }
}

interface Counts {
  readonly rows: number;
  readonly rejected: number;
  readonly isEnd: boolean;
}

/** A share is known in the end only. @throws BATCH_REJECTS */
function assertFew(limit: MaxRejects | null, { rows, rejected, isEnd }: Counts): void {
  if (limit === null || (!isEnd && limit.kind !== "rows") || !isOver(limit, { rows, rejected })) return;
  const slots = { rejected, rows, limit: maxRejectsText(limit), path: "the stream's last column" };
  throw trimaranError("BATCH_REJECTS", slots);
}

function unreadable(cause: unknown): Error {
  if (isTrimaranError(cause)) return cause;
  const slots = { name: "standard input", problem: "it is no stream of Arrow record batches, or it breaks off" };
  return trimaranError("TABLE_READ", slots, { cause });
}
