// What AWS Lambda hands over of a Kinesis stream, checked: records of one shard, in order, their data in base64.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import { typeOfValue } from "../../../data/field-issue.ts";
import type { StreamRecord } from "../port.ts";
import { unpackRecord } from "./aggregated-record.ts";

/** The event of an event source mapping; of a record only `kinesis.data` must be there. */
export interface KinesisEvent {
  readonly Records: readonly KinesisEventRecord[];
}

export interface KinesisEventRecord {
  readonly kinesis: {
    readonly data: string;
    readonly sequenceNumber?: string;
    readonly partitionKey?: string;
    /** In seconds since 1970. */
    readonly approximateArrivalTimestamp?: number;
  };
  /** `shardId-000000000000:4963…` */
  readonly eventID?: string;
  /** `arn:aws:kinesis:eu-west-1:123456789012:stream/ride_events` */
  readonly eventSourceARN?: string;
  readonly awsRegion?: string;
}

export interface ShardRecord {
  /** Its position in the event: records that were packed into one share it, and their sequence number. */
  readonly position: number;
  readonly record: StreamRecord;
  /** Empty: the event does not say it. */
  readonly sequenceNumber: string;
  /** Why its data cannot be read at all; null: it can. */
  readonly issue: Issue | null;
}

/** @throws LAMBDA_EVENT where it is no event of a Kinesis stream */
export function readKinesisEvent(event: unknown): readonly ShardRecord[] {
  const records = isObject(event) ? event["Records"] : undefined;
  if (!Array.isArray(records)) {
    throw trimaranError("LAMBDA_EVENT", { problem: `Records must be an array; ${typeOfValue(records)} came` });
  }
  return records.flatMap((record: unknown, index) => readRecord(record, index));
}

/** The region of the stream, for who does not know its own. */
export function regionOf(event: unknown): string | undefined {
  const [first] = isObject(event) && Array.isArray(event["Records"]) ? (event["Records"] as readonly unknown[]) : [];
  const region = isObject(first) ? first["awsRegion"] : undefined;
  return typeof region === "string" && /^[a-z0-9-]{1,64}$/.test(region) ? region : undefined;
}

/** More are never packed into one: each takes 7 bytes at least, and all of them a megabyte at most. */
const maxPacked = 1_000_000n;

function readRecord(record: unknown, position: number): readonly ShardRecord[] {
  const kinesis = isObject(record) ? record["kinesis"] : undefined;
  if (!isObject(record) || !isObject(kinesis)) {
    throw trimaranError("LAMBDA_EVENT", { problem: `Records[${position}] is no record of a Kinesis stream` });
  }
  const { data, sequenceNumber, partitionKey, approximateArrivalTimestamp } = kinesis;
  const number = typeof sequenceNumber === "string" && /^\d{1,128}$/.test(sequenceNumber) ? sequenceNumber : "";
  const value = typeof data === "string" ? fromBase64(data) : undefined;
  const offset = number === "" ? BigInt(position) : BigInt(number);
  const whole: StreamRecord = {
    topic: streamOf(record["eventSourceARN"]),
    partition: shardOf(record["eventID"]),
    offset,
    key: typeof partitionKey === "string" ? Buffer.from(partitionKey) : null,
    value: value ?? null,
    headers: [],
    timestamp: arrivalOf(approximateArrivalTimestamp),
  };
  const face = { position, sequenceNumber: number };
  if (value === undefined) {
    const issue = { path: "", code: "bad_base64", message: "The data is no base64." };
    return [{ ...face, record: whole, issue }];
  }
  const packed = unpackRecord(value);
  if (packed === null) return [{ ...face, record: whole, issue: null }];
  return packed.map(({ partitionKey: key, data: inner }, index): ShardRecord => {
    const own = { key: Buffer.from(key), value: inner, offset: offset * maxPacked + BigInt(index) };
    return { ...face, record: { ...whole, ...own }, issue: null };
  });
}

const maxSeconds = 8_640_000_000_000;

/** In milliseconds; now, where the event does not say it. */
function arrivalOf(seconds: unknown): number {
  const isTime = typeof seconds === "number" && seconds >= 0 && seconds <= maxSeconds;
  return isTime ? Math.round(seconds * 1000) : Date.now();
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Also without its padding, which some test events lack. */
function fromBase64(text: string): Buffer | undefined {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.replace(/=+$/, "").length % 4 === 1) return undefined;
  return Buffer.from(text, "base64");
}

function streamOf(arn: unknown): string {
  const name = typeof arn === "string" ? /:stream\/([A-Za-z0-9_.-]{1,128})/.exec(arn)?.[1] : undefined;
  return name ?? "kinesis";
}

function shardOf(id: unknown): number {
  const shard = typeof id === "string" ? /^shardId-(\d{1,12})/.exec(id)?.[1] : undefined;
  return shard === undefined ? 0 : Number(shard);
}
