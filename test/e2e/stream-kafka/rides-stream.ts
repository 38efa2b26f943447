// Rides on a real broker: topics made for a test, messages produced, `trimaran stream` as real processes, and what a reader of
// committed records sees in the end.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import kafkajs from "kafkajs";
import { findConfluentFolder } from "../../../scripts/kafka-client.ts";
import type { KafkaServer } from "../../../scripts/kafka-server.ts";
import { mendKafkajs } from "../../../src/doors/stream/kafka/mend-kafkajs.ts";
import { root } from "../spawn-cli.ts";

const { Kafka, logLevel } = kafkajs;
export const keys = 40;
const partitions = 4;

export interface Worker {
  readonly child: ChildProcess;
  /** Of stderr so far. */
  readonly told: () => string;
  /** Exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

export interface Seen {
  /** ride_id → how often it was answered. */
  readonly answers: ReadonlyMap<number, number>;
  /** Value → how often it was set aside. */
  readonly dead: ReadonlyMap<string, number>;
  /** Keys whose answers are not in the order of their rides. */
  readonly unordered: readonly string[];
  /** ride_id → milliseconds from sending the ride to reading its first answer. Of a reader that was there from the start. */
  readonly delays: ReadonlyMap<number, number>;
}

/** A reader of committed records that is there already. */
export interface Watch {
  /** Waits until every ride was answered or set aside, then a moment for those that come twice. */
  readonly all: (timeoutMs: number, options?: { readonly settleMs?: number }) => Promise<Seen>;
}

/** Whether ride `id` is sent malformed. */
export function isMalformed(id: number): boolean {
  return id % 97 === 13;
}

export class RidesStream implements AsyncDisposable {
  readonly #server: KafkaServer;
  readonly #kafka: InstanceType<typeof Kafka>;
  readonly #name: string;
  readonly #client: "kafkajs" | "confluent";
  readonly #workers: Worker[] = [];
  readonly #sentAt = new Map<number, number>();
  #home = "";
  sent = 0;

  private constructor(server: KafkaServer, name: string, client: "kafkajs" | "confluent") {
    this.#server = server;
    this.#name = name;
    this.#client = client;
    const retry = { retries: 30, initialRetryTime: 100, maxRetryTime: 1000 };
    this.#kafka = new Kafka({ brokers: [server.broker], logLevel: logLevel.NOTHING, retry });
  }

  static async open(
    server: KafkaServer,
    name: string,
    client: "kafkajs" | "confluent" = "kafkajs",
  ): Promise<RidesStream> {
    const stream = new RidesStream(server, name, client);
    mendKafkajs();
    stream.#home = await mkdtemp(join(tmpdir(), "trimaran-stream-"));
    const admin = stream.#kafka.admin();
    await admin.connect();
    const topics = ["rides", "answers", "dead", "second", "second-dead"].map((topic) => ({
      topic: stream.topic(topic),
      numPartitions: partitions,
    }));
    await admin.createTopics({ topics, waitForLeaders: true });
    await admin.disconnect();
    return stream;
  }

  topic(name: string): string {
    return `${this.#name}-${name}`;
  }

  url(name: string): string {
    return this.#server.url(this.topic(name));
  }

  /** `more` goes behind the usual flags. */
  start(more: readonly string[] = [], { to = "answers", group = this.#name } = {}): Worker {
    const args = ["stream", `${root}examples/ride-duration`, "--from", this.url("rides"), "--to", this.url(to)];
    args.push(
      "--dead-letter",
      this.url(to === "answers" ? "dead" : `${to}-dead`),
      "--group",
      group,
      "--home",
      this.#home,
      "--kafka-client",
      this.#client,
    );
    args.push("--session-timeout", "3s", "--pin", ...more);
    const child = spawn(`${root}bin/trimaran`, args, {
      // Where the library that is not beside Trimaran is looked for.
      cwd: this.#client === "confluent" ? findConfluentFolder() : root,
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, NO_COLOR: "1", NODE_TEST_CONTEXT: undefined },
    });
    let told = "";
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      told += text;
    });
    const ended = once(child, "close").then(([code, signal]) => (signal ?? code) as number | NodeJS.Signals | null);
    const worker: Worker = { child, told: () => told, ended };
    this.#workers.push(worker);
    return worker;
  }

  /** Until they have found the broker: one that is away while they start ends them. */
  async reading(workers: readonly Worker[]): Promise<void> {
    for (const { child, told } of workers) {
      while (!told().includes("Reading as group")) {
        if (child.exitCode !== null) throw new Error(`a process ended while it started: ${told()}`);
        await sleep(50);
      }
    }
  }

  /** `count` more rides, `perSecond` of them a second. */
  async send(count: number, perSecond: number): Promise<void> {
    const producer = this.#kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    const begin = performance.now();
    const first = this.sent;
    while (this.sent < first + count) {
      const due = Math.min(count, Math.ceil(((performance.now() - begin) / 1000) * perSecond));
      const some = first + due - this.sent;
      if (some > 0) {
        const messages = Array.from({ length: some }, (_, index) => messageOf(this.sent + index));
        for (let id = this.sent; id < this.sent + some; id++) this.#sentAt.set(id, performance.now());
        await producer.send({ topic: this.topic("rides"), messages, acks: -1 });
        this.sent += some;
      }
      await sleep(10);
    }
    await producer.disconnect();
  }

  /** Reads all that is there, and waits as `Watch.all`. */
  async seen(timeoutMs: number, { to = "answers", settleMs = 1500 } = {}): Promise<Seen> {
    return (await this.watch(to)).all(timeoutMs, { settleMs });
  }

  async watch(to: string = "answers"): Promise<Watch> {
    const consumer = this.#kafka.consumer({ groupId: `seen-${to}-${Math.random()}`, readUncommitted: false });
    const answers = new Map<number, number>();
    const dead = new Map<string, number>();
    const delays = new Map<number, number>();
    const last = new Map<string, number>();
    const unordered = new Set<string>();
    const read = new Set<string>();
    await consumer.connect();
    const topics = to === "answers" ? [this.topic(to), this.topic("dead")] : [this.topic(to)];
    await consumer.subscribe({ topics, fromBeginning: true });
    await consumer.run({
      autoCommit: false,
      eachMessage: async ({ topic, partition, message }) => {
        const at = `${topic}/${partition}/${message.offset}`;
        // A consumer that commits nothing begins anew when its group does.
        if (read.has(at)) return;
        read.add(at);
        const text = String(message.value);
        if (topic === this.topic("dead")) {
          dead.set(text, (dead.get(text) ?? 0) + 1);
          return;
        }
        const id = (JSON.parse(text) as { prediction: { ride_id: number } }).prediction.ride_id;
        answers.set(id, (answers.get(id) ?? 0) + 1);
        if (!delays.has(id)) delays.set(id, performance.now() - (this.#sentAt.get(id) ?? Number.NaN));
        const key = String(message.key);
        if ((last.get(key) ?? -1) > id) unordered.add(key);
        last.set(key, id);
      },
    });
    return {
      all: async (timeoutMs, { settleMs = 1500 } = {}) => {
        const poison = Array.from({ length: this.sent }, (_, id) => id).filter(isMalformed).length;
        const end = performance.now() + timeoutMs;
        const isAll = (): boolean => answers.size >= this.sent - poison && (to !== "answers" || dead.size >= poison);
        while (!isAll() && performance.now() < end) await sleep(50);
        await sleep(settleMs);
        await consumer.disconnect();
        return { answers, dead, unordered: [...unordered], delays };
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { child } of this.#workers) {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
    }
    await Promise.all(this.#workers.map(({ ended }) => ended));
    await rm(this.#home, { recursive: true, force: true });
  }
}

function messageOf(id: number): { readonly key: string; readonly value: string } {
  const ride = { PULocationID: 1 + (id % 260), DOLocationID: 1 + ((id * 7) % 260), trip_distance: (id % 90) / 10 };
  const value = isMalformed(id) ? `{"ride": ${id}` : JSON.stringify({ ride, ride_id: id });
  return { key: `key-${id % keys}`, value };
}
