// Answers → a Kinesis stream, by PutRecords of the AWS SDK. A call may take some records and refuse others (a shard that is full):
// those that were refused are sent again, with growing waits, until they are in or the time is over.
import { setTimeout as wait } from "node:timers/promises";
import type { KinesisClient } from "@aws-sdk/client-kinesis";
import { trimaranError } from "../../../base/errors.ts";

export interface PutRecord {
  readonly data: Uint8Array;
  readonly partitionKey: string;
}

export interface KinesisSinkOptions {
  /** @default the SDK's own settings */
  readonly region?: string;
  /** An emulator's address. @default AWS */
  readonly endpoint?: string;
  /** @default 100 ms, doubled each time up to 5 s */
  readonly firstWaitMs?: number;
}

/** Of one PutRecords. */
const maxRecords = 500;
const maxCallBytes = 5 * 1024 * 1024;
/** Of one record: its data and its key. */
export const maxRecordBytes: number = 1024 * 1024;
const maxWaitMs = 5000;

export class KinesisSink {
  readonly #options: KinesisSinkOptions;
  #client: Promise<Access> | null = null;

  constructor(options: KinesisSinkOptions = {}) {
    this.#options = options;
  }

  /**
   * The positions of those that are not in when the signal comes; none: all are. Each is there at least once.
   * @throws KINESIS_STREAM, KINESIS_DENIED where waiting does not help
   */
  async put(stream: string, records: readonly PutRecord[], signal: AbortSignal): Promise<readonly number[]> {
    const left: number[] = [];
    // One call after the other is finished before the next: what comes later is not put before what was refused.
    for (const call of callsOf(records)) left.push(...(await this.#finish(stream, call, { records, signal })));
    return left;
  }

  /** Those of a call's positions that are not in when the signal comes. */
  async #finish(stream: string, call: readonly number[], work: PutWork): Promise<readonly number[]> {
    const { signal } = work;
    let left = call;
    let waitMs = this.#options.firstWaitMs ?? 100;
    while (left.length > 0 && !signal.aborted) {
      left = await this.#call(stream, left, work);
      if (left.length === 0) break;
      const jitter = 0.5 + Math.random() / 2;
      await wait(waitMs * jitter, undefined, { signal }).catch(() => {});
      waitMs = Math.min(waitMs * 2, maxWaitMs);
    }
    return left;
  }

  async close(): Promise<void> {
    const access = await this.#client;
    access?.client.destroy();
  }

  async #call(stream: string, positions: readonly number[], { records, signal }: PutWork): Promise<readonly number[]> {
    this.#client ??= openClient(this.#options);
    const { client, sdk } = await this.#client;
    const Records = positions.map((position) => {
      const { data, partitionKey } = records[position]!;
      return { Data: data, PartitionKey: partitionKey };
    });
    try {
      const answer = await client.send(new sdk.PutRecordsCommand({ StreamName: stream, Records }), {
        abortSignal: signal,
      });
      const results = answer.Records ?? [];
      return positions.filter((_, index) => results[index]?.SequenceNumber === undefined);
    } catch (cause) {
      if (signal.aborted || isTemporary(cause)) return positions;
      throw failure(cause, stream);
    }
  }
}

interface PutWork {
  readonly records: readonly PutRecord[];
  readonly signal: AbortSignal;
}

interface Access {
  readonly sdk: typeof import("@aws-sdk/client-kinesis");
  readonly client: KinesisClient;
}

async function openClient({ region, endpoint }: KinesisSinkOptions): Promise<Access> {
  const sdk = await import("@aws-sdk/client-kinesis");
  const { NodeHttpHandler } = await import("@smithy/node-http-handler");
  const client = new sdk.KinesisClient({
    ...(region === undefined ? {} : { region }),
    ...(endpoint === undefined ? {} : { endpoint }),
    maxAttempts: 3,
    // A session of HTTP/2 does not outlive the freezing of a function between two events.
    requestHandler: new NodeHttpHandler({ connectionTimeout: 5000, requestTimeout: 30_000 }),
  });
  return { sdk, client };
}

/** The positions of records in groups that one call takes. */
function* callsOf(records: readonly PutRecord[]): Generator<readonly number[]> {
  let call: number[] = [];
  let bytes = 0;
  for (const [position, { data, partitionKey }] of records.entries()) {
    const size = data.length + Buffer.byteLength(partitionKey);
    if (call.length > 0 && (call.length === maxRecords || bytes + size > maxCallBytes)) {
      yield call;
      call = [];
      bytes = 0;
    }
    call.push(position);
    bytes += size;
  }
  if (call.length > 0) yield call;
}

interface AwsFault {
  readonly name?: string;
  readonly code?: unknown;
  readonly $fault?: "client" | "server";
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const throttled =
  /Throttl|LimitExceeded|ProvisionedThroughputExceeded|TooManyRequests|ExpiredToken|RequestTimeout|ResourceInUse/;

function isTemporary(cause: unknown): boolean {
  const { name = "", code, $metadata } = cause as AwsFault;
  const status = $metadata?.httpStatusCode;
  // Without a status nothing was answered: no such host, refused, cut off, too late. Anything else is a setting, such as no region.
  if (status === undefined) return typeof code === "string" || /Timeout|Networking/.test(name);
  return status >= 500 || status === 429 || throttled.test(name);
}

function failure(cause: unknown, stream: string): Error {
  const { name = "Error" } = cause as AwsFault;
  if (name === "ResourceNotFoundException")
    return trimaranError("KINESIS_STREAM", { stream, problem: "there is none of this name" }, { cause });
  if (/AccessDenied|UnrecognizedClient|InvalidSignature|Credentials|NotAuthorized|MissingAuthentication/.test(name)) {
    return trimaranError("KINESIS_DENIED", { stream, problem: name }, { cause });
  }
  const problem = name === "Error" && cause instanceof Error ? cause.message : name;
  return trimaranError("KINESIS_STREAM", { stream, problem }, { cause });
}
