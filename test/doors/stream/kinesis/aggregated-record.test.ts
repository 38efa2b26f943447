// Records packed by the Kinesis Producer Library. The bytes are those of the Python aggregator of awslabs (aws-kinesis-agg 1.2.3).
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { unpackRecord } from "../../../../src/doors/stream/kinesis/aggregated-record.ts";

const packed = Buffer.from(
  "84mawgoCazAKAmsxCgJrMhoRCAAaDXsicmlkZV9pZCI6MH0aEQgBGg17InJpZGVfaWQiOjF9GhEIAhoNeyJyaWRlX2lkIjoyfT3UdTUGkR4vc6ZEsib4gms=",
  "base64",
);

test("three records come out of one, in order and under their keys", () => {
  const records = unpackRecord(packed)!.map(({ partitionKey, data }) => [partitionKey, data.toString()]);
  assert.deepEqual(records, [
    ["k0", '{"ride_id":0}'],
    ["k1", '{"ride_id":1}'],
    ["k2", '{"ride_id":2}'],
  ]);
});

test("anything else is a record as it is, also what only begins so or is bent anywhere", () => {
  assert.equal(unpackRecord(Buffer.from('{"ride":1}')), null);
  assert.equal(unpackRecord(Buffer.alloc(0)), null);
  for (let at = 0; at < packed.length; at++) {
    assert.equal(unpackRecord(packed.subarray(0, at)), null);
    const bent = Buffer.from(packed);
    bent[at]! ^= 0x55;
    assert.equal(unpackRecord(bent), null);
  }
});

test("a message with a sound digest and nonsense inside is a record as it is", () => {
  const seal = (hex: string): Buffer => {
    const message = Buffer.from(hex, "hex");
    return Buffer.concat([packed.subarray(0, 4), message, createHash("md5").update(message).digest()]);
  };
  for (const hex of ["0aff", "0affffffffffffffffff01", "1a0408051a00", "1a021a00", "1a020800", "0d00000000", "ff"]) {
    assert.equal(unpackRecord(seal(hex)), null, hex);
  }
  assert.deepEqual(unpackRecord(seal("")), []);
});
