// From sending a message to reading its answer, at a fixed rate in an open loop: what a message waits counts from when it was due.
import { setTimeout as sleep } from "node:timers/promises";
import { shown } from "../report/statistics.ts";
import type { Outcome, Target, WorkOptions } from "../serve/outcome.ts";
import { type BenchTopics, rideMessage } from "./bench-topics.ts";
import { type Contender, start } from "./contenders.ts";

export interface LatencyField {
  readonly broker: string;
  readonly home: string;
  readonly topics: BenchTopics;
  readonly perSecond: number;
  /** With the most that p99 may be, in milliseconds; null: a peer. */
  readonly contenders: readonly (readonly [Contender, number | null])[];
}

export async function measureLatency(field: LatencyField, { seconds, progress }: WorkOptions): Promise<Outcome> {
  const rows: string[][] = [["", "p50 ms", "p99 ms", "max ms", "answers"]];
  const targets: Target[] = [];
  const data: Record<string, readonly number[]> = {};
  for (const [contender, most] of field.contenders) {
    progress(`latency: ${contender.name}`);
    const times = await latencies(field, contender, seconds * 3);
    const at = (share: number): number =>
      times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? Number.NaN;
    rows.push([contender.name, shown(at(0.5)), shown(at(0.99)), shown(at(1)), String(times.length)]);
    data[contender.name] = [at(0.5), at(0.99), at(1)];
    if (most !== null)
      targets.push({ what: `p99 ms, ${contender.name}`, measured: at(0.99), is: "at most", target: most });
  }
  const title = `From sending to reading the answer, ${field.perSecond} messages a second`;
  return { title, rows, data: { latencies: data }, targets };
}

/** Sorted, in milliseconds; the first second is not counted. */
async function latencies(
  { broker, home, topics, perSecond }: LatencyField,
  contender: Contender,
  seconds: number,
): Promise<Float64Array> {
  const name = `late-${process.pid}-${contender.name.replace(/[^a-z]+/gi, "-")}`;
  const [from, dead] = [`${name}-in`, `${name}-dead`];
  await topics.make(name, from, dead);
  const producer = topics.kafka.producer();
  const reader = topics.kafka.consumer({ groupId: `${name}-reader`, maxWaitTimeInMs: 5000, minBytes: 1 });
  const running = start(contender, { broker, from, to: name, dead, group: name, home });
  const due: number[] = [];
  const times: number[] = [];
  const seen = new Set<number>();
  try {
    await producer.connect();
    await reader.connect();
    await reader.subscribe({ topic: name, fromBeginning: true });
    await reader.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 4,
      eachBatch: async ({ batch, resolveOffset }) => {
        const now = performance.now();
        for (const { value, offset } of batch.messages) {
          const id = (JSON.parse(String(value)) as { prediction: { ride_id: number } }).prediction.ride_id;
          if (id >= perSecond && !seen.has(id)) times.push(now - due[id]!);
          seen.add(id);
          resolveOffset(offset);
        }
      },
    });
    // It reads before the clock runs.
    for (let id = 0; seen.size === 0; id++) {
      due[id] = performance.now();
      await producer.send({ topic: from, messages: [rideMessage(0, 1000)], acks: 1 });
      await sleep(500);
      if (id > 120 || running.child.exitCode !== null) throw new Error(`no answers: ${running.told().slice(-500)}`);
    }
    const total = perSecond * (seconds + 1);
    const began = performance.now();
    const sends: Promise<unknown>[] = [];
    for (let sent = 0; sent < total; await sleep(2)) {
      const until = Math.min(total, Math.floor(((performance.now() - began) * perSecond) / 1000));
      if (until <= sent) continue;
      for (let id = sent; id < until; id++) due[id] = began + (id * 1000) / perSecond;
      const messages = Array.from({ length: until - sent }, (_, index) => rideMessage(sent + index, 1000));
      sends.push(producer.send({ topic: from, messages, acks: 1 }));
      sent = until;
    }
    await Promise.all(sends);
    for (const end = performance.now() + 15_000; seen.size < total && performance.now() < end; ) await sleep(20);
    await running.stop();
    return Float64Array.from(times).sort();
  } finally {
    running.child.kill("SIGKILL");
    await Promise.all([producer.disconnect(), reader.disconnect()]);
    await topics.remove(name, from, dead);
  }
}
