// What AWS Lambda hands over of a Kinesis stream, checked: records of one shard, in order, their data in base64.
import { type Issue, trimaranError } from "../../../base/errors.ts";
import { typeOfValue } from "../../../data/field-issue.ts";
import type { StreamRecord } from "../port.ts";

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
  return records.map((record: unknown, index) => readRecord(record, index));
}

/** The region of the stream, for who does not know its own. */
export function regionOf(event: unknown): string | undefined {
  const [first] = isObject(event) && Array.isArray(event["Records"]) ? (event["Records"] as readonly unknown[]) : [];
  const region = isObject(first) ? first["awsRegion"] : undefined;
  return typeof region === "string" && /^[a-z0-9-]{1,64}$/.test(region) ? region : undefined;
}

function readRecord(record: unknown, index: number): ShardRecord {
  const kinesis = isObject(record) ? record["kinesis"] : undefined;
  if (!isObject(record) || !isObject(kinesis)) {
    throw trimaranError("LAMBDA_EVENT", { problem: `Records[${index}] is no record of a Kinesis stream` });
  }
  const { data, sequenceNumber, partitionKey, approximateArrivalTimestamp: arrived } = kinesis;
  const number = typeof sequenceNumber === "string" && /^\d{1,128}$/.test(sequenceNumber) ? sequenceNumber : "";
  const value = typeof data === "string" ? fromBase64(data) : undefined;
  const seconds = typeof arrived === "number" && Number.isFinite(arrived) ? arrived : Date.now() / 1000;
  return {
    sequenceNumber: number,
    record: {
      topic: streamOf(record["eventSourceARN"]),
      partition: shardOf(record["eventID"]),
      offset: number === "" ? BigInt(index) : BigInt(number),
      key: typeof partitionKey === "string" ? Buffer.from(partitionKey) : null,
      value: value ?? null,
      headers: [],
      timestamp: Math.round(seconds * 1000),
    },
    issue: faultOf(value),
  };
}

/** What the Kinesis Producer Library puts before records that it has packed into one. */
const aggregated = Buffer.of(0xf3, 0x89, 0x9a, 0xc2);

function faultOf(value: Buffer | undefined): Issue | null {
  if (value === undefined) return { path: "", code: "bad_base64", message: "The data is no base64." };
  if (!value.subarray(0, aggregated.length).equals(aggregated)) return null;
  const message = "The Kinesis Producer Library has packed several records into this one; switch its aggregation off.";
  return { path: "", code: "aggregated", message };
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
