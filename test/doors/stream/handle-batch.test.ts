// Records → answers and dead letters: what is set aside, what is tried again, what ends the stream.
import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { trimaranError } from "../../../src/base/errors.ts";
import { batchHandler, type HandlerOptions } from "../../../src/doors/stream/handle-batch.ts";
import { openMessageShape } from "../../../src/doors/stream/messages/open-message-shape.ts";
import { StreamCounters } from "../../../src/doors/stream/observe/stream-counters.ts";
import type { HandledBatch, OutgoingRecord, StreamRecord } from "../../../src/doors/stream/port.ts";
import { openService } from "../../../src/serving/open-service.ts";
import type { PredictionService } from "../../../src/serving/prediction-service.ts";

const ride = fileURLToPath(new URL("../../../examples/ride-duration", import.meta.url));
const service = await openService(ride);
const encoder = new TextEncoder();
const decoder = new TextDecoder();

function message(id: number, distance: unknown = 3.66): string {
  return JSON.stringify({ ride: { PULocationID: 130, DOLocationID: 205, trip_distance: distance }, ride_id: id });
}

function record(value: string | Uint8Array | null, offset: number): StreamRecord {
  const bytes = typeof value === "string" ? encoder.encode(value) : value;
  const headers = [["trace", encoder.encode("t1")]] as const;
  return {
    topic: "rides",
    partition: 3,
    offset: BigInt(offset),
    key: encoder.encode("k"),
    value: bytes,
    headers,
    timestamp: 1000,
  };
}

interface Handled extends HandledBatch {
  readonly counters: StreamCounters;
  readonly waits: readonly string[];
}

async function handle(
  values: readonly (string | Uint8Array | null)[],
  options: Partial<Omit<HandlerOptions, "counters" | "onWait">> = {},
): Promise<Handled> {
  const counters = new StreamCounters();
  const waits: string[] = [];
  const shape = openMessageShape(service);
  const handler = batchHandler({
    service,
    shape: () => shape,
    counters,
    hasDeadLetter: true,
    maxPoisonRate: null,
    onWait: (text) => void waits.push(text),
    ...options,
  });
  const records = values.map(record);
  const handled = await handler({ topic: "rides", partition: 3, records }, new AbortController().signal);
  return { ...handled, counters, waits };
}

/** A service that fails when one of the rows is asked. */
function failing(isBad: (row: unknown) => boolean, error: () => Error): PredictionService {
  return {
    ...service,
    answer: async (rows, options) => {
      if (rows.some(isBad)) throw error();
      return service.answer(rows, options);
    },
  };
}

const distanceOf = (row: unknown): number => (row as { trip_distance: number }).trip_distance;
const headerOf = ({ headers }: OutgoingRecord, name: string): string =>
  decoder.decode(headers.find(([each]) => each === name)?.[1] ?? new Uint8Array());
const valueText = ({ value }: OutgoingRecord): string => decoder.decode(value ?? new Uint8Array());

describe("a batch", () => {
  after(() => service.close());

  test("is answered in order, with keys, headers and the model's version", async () => {
    const { outgoing, counters, committed } = await handle([message(1), message(2, 40)]);
    assert.deepEqual(
      outgoing.map((each) => [each.to, decoder.decode(each.key!), headerOf(each, "trace")]),
      [
        ["output", "k", "t1"],
        ["output", "k", "t1"],
      ],
    );
    const answers = outgoing.map((each) => JSON.parse(valueText(each)) as { version: string; prediction: object });
    assert.deepEqual(answers[0]?.prediction, { ride_duration: 15.691732237505335, ride_id: 1 });
    assert.match(answers[0]?.version ?? "", /^sha256:[0-9a-f]{12}$/);
    assert.equal(counters.records, 0);
    committed?.();
    assert.equal(counters.records, 2);
  });

  test("sets aside what is nothing, empty, no JSON, hostile or wrong, with the same bytes, and says why in headers", async () => {
    const bad: readonly (string | Uint8Array | null)[] = [
      null,
      "",
      "{",
      Uint8Array.of(0xff, 0xfe),
      "[]",
      '{"ride":{},"ride":{}}',
      '{"__proto__":{"ride":1}}',
      `${"[".repeat(100)}${"]".repeat(100)}`,
      message(1, "far"),
      message(1, -1),
      message(1).replace("3.66", "1e999"),
    ];
    const { outgoing, committed, counters } = await handle([message(0), ...bad, message(9)]);
    assert.deepEqual(
      outgoing.map(({ to }) => to),
      ["output", ...bad.map(() => "deadLetter"), "output"],
    );
    for (const [at, value] of bad.entries()) {
      const letter = outgoing[at + 1]!;
      assert.deepEqual(letter.value, typeof value === "string" ? encoder.encode(value) : value);
      assert.equal(headerOf(letter, "trimaran-offset"), String(at + 1));
      assert.equal(headerOf(letter, "trimaran-partition"), "3");
      assert.notEqual(headerOf(letter, "trimaran-error-code"), "");
      assert.equal(headerOf(letter, "trace"), "t1");
    }
    assert.equal(headerOf(outgoing[9]!, "trimaran-error-path"), "/ride/trip_distance");
    committed?.();
    assert.equal(counters.poison, bad.length);
  });

  test("that fails as a whole is halved until the record is found", async () => {
    const values = Array.from({ length: 50 }, (_, id) => message(id, id === 37 || id === 12 ? 77 : 1));
    const broken = failing(
      (row) => distanceOf(row) === 77,
      () => new TypeError("cannot"),
    );
    const { outgoing } = await handle(values, { service: broken });
    const letters = outgoing.flatMap(({ to }, at) => (to === "deadLetter" ? [at] : []));
    assert.deepEqual(letters, [12, 37]);
    assert.equal(headerOf(outgoing[12]!, "trimaran-error-code"), "internal");
  });

  test("of which no record at all can be asked ends the stream: that is no record's fault", async () => {
    const values = Array.from({ length: 50 }, (_, id) => message(id));
    const broken = failing(
      () => true,
      () => new TypeError("cannot"),
    );
    await assert.rejects(handle(values, { service: broken }), /cannot/);
  });

  test("waits for what is away for now, and sets nothing aside for it", async () => {
    let left = 2;
    const away = failing(
      () => left-- > 0,
      () => trimaranError("LOOKUP_FAILED", { name: "x", problem: "away" }),
    );
    const { outgoing, waits } = await handle([message(1)], { service: away });
    assert.equal(outgoing[0]?.to, "output");
    assert.equal(waits.length, 2);
  });

  test("is given up when the stream is told to stop while it waits", async () => {
    const stop = new AbortController();
    const away = failing(
      () => true,
      () => trimaranError("LOOKUP_FAILED", { name: "x", problem: "away" }),
    );
    setTimeout(() => stop.abort("SIGTERM"), 50);
    await assert.rejects(handle([message(1), message(2)], { service: away, stop: stop.signal }), (reason) => {
      assert.equal(reason, "SIGTERM");
      return true;
    });
  });

  test("ends at what cannot be answered where there is no place for it, and answers what stands before", async () => {
    const broken = failing(
      (row) => distanceOf(row) === 77,
      () => new TypeError("cannot"),
    );
    // Not to be read; refused by the check; refused by the model alone; and the first of several counts.
    for (const [bad, more] of [
      ["{", "{"],
      [message(5, "far"), "{"],
      [message(5, 77), message(6, "far")],
      [message(5, "far"), message(6, 77)],
    ] as const) {
      const values = [message(1), message(2), bad, message(3), more, message(4)];
      const { outgoing, ended, counters, committed } = await handle(values, { hasDeadLetter: false, service: broken });
      assert.deepEqual(
        outgoing.map(({ to, value }) => [
          to,
          (JSON.parse(decoder.decode(value!)) as { prediction: { ride_id: number } }).prediction.ride_id,
        ]),
        [
          ["output", 1],
          ["output", 2],
        ],
      );
      assert.equal(ended?.records, 2);
      const { code, message: told } = ended!.error as Error & { readonly code: string };
      assert.equal(code, "STREAM_NO_DEAD_LETTER");
      assert.match(told, /rides\/3\/2 /);
      committed?.();
      assert.deepEqual([counters.records, counters.poison], [2, 0]);
    }
    const first = await handle(["{", message(1)], { hasDeadLetter: false });
    assert.deepEqual([first.outgoing, first.ended?.records], [[], 0]);
  });

  test("ends the stream when too many records are poison, and not before there are enough to say so", async () => {
    const values = (poison: number, sound: number): readonly string[] => [
      ...Array.from({ length: poison }, () => "{"),
      ...Array.from({ length: sound }, (_, id) => message(id)),
    ];
    await handle(values(50, 0), { maxPoisonRate: 0.05 });
    await handle(values(10, 190), { maxPoisonRate: 0.05 });
    await assert.rejects(handle(values(11, 189), { maxPoisonRate: 0.05 }), { code: "STREAM_POISON_RATE" });
  });
});
