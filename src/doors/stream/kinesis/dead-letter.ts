// A record that cannot be taken, as it is put aside: Kinesis has no headers, so what is wrong stands in an envelope around the
// data. Where that would be too large, the data is put aside as it came; the log has the rest.
import type { Issue } from "../../../base/errors.ts";
import type { ShardRecord } from "./kinesis-event.ts";
import { maxRecordBytes, type PutRecord } from "./kinesis-sink.ts";

const maxIssues = 16;

export function deadLetter(
  { record, sequenceNumber }: ShardRecord,
  issues: readonly [Issue, ...Issue[]],
  modelVersion: string | null,
): PutRecord {
  const { topic: stream, partition: shard, key, value, timestamp } = record;
  const [{ code, path }] = issues;
  const own = Buffer.from(key ?? []).toString("utf8");
  const partitionKey = own === "" ? "-" : own;
  const data = Buffer.from(value ?? []);
  const envelope = JSON.stringify({
    error: { code, path, issues: issues.slice(0, maxIssues) },
    stream,
    shard,
    sequenceNumber,
    partitionKey: own,
    arrived: new Date(timestamp).toISOString(),
    model_version: modelVersion,
    data: data.toString("base64"),
  });
  const bytes = Buffer.from(envelope);
  const isSmall = bytes.length + Buffer.byteLength(partitionKey) <= maxRecordBytes;
  return { data: isSmall ? bytes : data, partitionKey };
}
