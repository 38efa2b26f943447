// What kafkajs must not show of aborted transactions.
import assert from "node:assert/strict";
import { it } from "node:test";
import { passOverAborted } from "../../../../src/doors/stream/kafka/mend-kafkajs.ts";

const record = (offset: number, producerId: string) => ({
  offset: String(offset),
  key: Buffer.from([0, 0, 0, 0]),
  batchContext: { producerId, inTransaction: true },
  isControlRecord: false,
});
const marker = (offset: number, producerId: string, kind: number) => ({
  ...record(offset, producerId),
  key: Buffer.from([0, 0, 0, kind]),
  isControlRecord: true,
});

it("passes over every transaction that was given up, also where several are open at once and end in another order", () => {
  const messages = [
    record(10, "b"),
    record(11, "a"),
    record(12, "c"),
    marker(13, "a", 0),
    record(14, "a"),
    marker(15, "b", 0),
    marker(16, "a", 1),
    marker(17, "c", 1),
  ];
  // Sorted by their ends, as a broker has them; both began before what was fetched.
  const abortedTransactions = [
    { producerId: "a", firstOffset: "4" },
    { producerId: "b", firstOffset: "2" },
  ];
  passOverAborted({ messages, abortedTransactions });
  const seen = messages.filter(({ isControlRecord }) => !isControlRecord).map(({ offset }) => offset);
  assert.deepEqual(seen, ["12", "14"]);
});
