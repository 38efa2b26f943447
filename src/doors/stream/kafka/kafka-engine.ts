// Kafka → Kafka, exactly once: answers, dead letters and the group's offset of a batch are one transaction. Written once, over whatever
// client library there is.
//
// Where a library's transactions do not carry the group's generation, each input partition has a transactional ID. Whoever is given the
// partition takes the ID first, which fences off the consumer before it and ends what that had open; only then it asks where the
// group stands. So what the other one has committed is seen, and what it has not can never be committed any more.
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import type {
  BatchHandler,
  Delivery,
  HandledBatch,
  OutgoingRecord,
  StreamEngine,
  StreamEvents,
  TopicPartition,
} from "../port.ts";
import { kafkaAccess } from "./kafka-access.ts";
import type { FetchedBatch, KafkaClient, KafkaMessage, KafkaProducer } from "./kafka-client.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import { type KafkaPlace, readKafkaTopic, readKafkaUrl } from "./kafka-url.ts";
import { openKafkaClient } from "./open-kafka-client.ts";
import { watchStall } from "./watch-stall.ts";

export interface KafkaEngineOptions {
  /** Addresses as a user wrote them. */
  readonly from: string;
  /** null: there are no answers, or each says where it goes. */
  readonly to: string | null;
  readonly deadLetter: string | null;
  /** Where the address names none. */
  readonly group: string;
  readonly delivery: Delivery;
  readonly batchSize: number;
  readonly untilEnd: boolean;
  readonly kafka: KafkaSettings;
  readonly events: StreamEvents;
}

/** @throws KAFKA_URL, KAFKA_CLUSTERS, KAFKA_TOPIC_MISSING, and what reaching the brokers throws */
export async function openKafkaEngine(options: KafkaEngineOptions): Promise<StreamEngine> {
  const { kafka, events, delivery } = options;
  const from = readKafkaUrl(options.from);
  const to = options.to === null ? null : readKafkaTopic(options.to);
  const deadLetter = options.deadLetter === null ? null : readKafkaTopic(options.deadLetter);
  for (const other of [to, deadLetter]) if (other !== null) assertSameCluster(from, other);
  const access = await kafkaAccess({ ...from, env: kafka.env, configFile: kafka.configFile });
  const client = await openKafkaClient({ access, note: (text) => events.note(text) }, kafka);
  try {
    const written = [to, deadLetter].flatMap((place) => (place === null ? [] : [place.topic]));
    const partitions = new Map(await client.topics([...new Set([...from.topics, ...written])]));
    const places: Places = {
      from,
      group: from.group ?? options.group,
      output: to?.topic ?? null,
      deadLetter: deadLetter?.topic ?? null,
      partitions,
    };
    const run = new KafkaRun(options, client, places);
    return {
      delivery,
      run: (handler, signal) => run.run(handler, signal),
      [Symbol.asyncDispose]: () => client[Symbol.asyncDispose](),
    };
  } catch (error) {
    await client[Symbol.asyncDispose]();
    throw error;
  }
}

function assertSameCluster(from: KafkaPlace, other: KafkaPlace): void {
  const shares = from.tls === other.tls && other.brokers.some((broker) => from.brokers.includes(broker));
  if (shares) return;
  const names = { from: from.brokers.join(", "), to: other.brokers.join(", ") };
  throw trimaranError("KAFKA_CLUSTERS", names);
}

interface Places {
  readonly from: KafkaPlace;
  readonly group: string;
  readonly output: string | null;
  readonly deadLetter: string | null;
  /** Topic → how many it has; those that a record names itself are added as they come. */
  readonly partitions: Map<string, number>;
}

/** A partition in one generation of the group. */
interface Session {
  readonly at: TopicPartition;
  readonly generation: number;
  producer: KafkaProducer | null;
  /** Records before it are done; null: the group never read the partition. */
  position: bigint | null;
  /** What the client brought first was looked at: it may begin behind the position, where the client was moved in an older generation. */
  isPlaced: boolean;
  failures: number;
  /** Since another consumer has taken its transactional ID. */
  fenced: { readonly error: unknown; readonly since: number } | null;
}

interface Run {
  readonly handler: BatchHandler;
  readonly signal: AbortSignal;
}

/** How long a batch waits before it is tried again, at first and at most. */
const firstWaitMs = 50;
const longestWaitMs = 5000;
/** How long at once a client is kept from telling of a new generation, and how often that is looked for. */
const fencedWaitMs = 500;
const fencedLookMs = 25;
/** How old the end of a topic may be that the lag is counted from. */
const endsMs = 2000;
/** With `--until-end`: so long without a record is the end, where a partition ends in records that no reader sees. */
const idleEndMs = 3000;

class KafkaRun {
  readonly #options: KafkaEngineOptions;
  readonly #client: KafkaClient;
  readonly #places: Places;
  readonly #sessions = new Map<string, Session>();
  /** By partition: behind the last record whose commit we saw. */
  readonly #stood = new Map<string, bigint>();
  /** By partition: settled when its batch is through. */
  readonly #turns = new Map<string, Promise<unknown>>();
  readonly #ends = new Map<string, { readonly at: number; readonly ends: ReadonlyMap<number, bigint> }>();
  #generation = 0;
  #assigned: readonly TopicPartition[] = [];
  #lastRecordAt = 0;
  /** Batches that are not through. */
  #underWay = 0;

  constructor(options: KafkaEngineOptions, client: KafkaClient, places: Places) {
    this.#options = options;
    this.#client = client;
    this.#places = places;
  }

  async run(handler: BatchHandler, signal: AbortSignal): Promise<void> {
    const { kafka } = this.#options;
    const own = new AbortController();
    const stop = AbortSignal.any([signal, own.signal]);
    let failure: unknown;
    const stall = watchStall(kafka.sessionTimeoutMs, () => {
      failure = trimaranError("KAFKA_FENCED", { at: `the partitions of ${this.#places.group}` });
      own.abort();
    });
    let end: Disposable | null = null;
    try {
      if (this.#options.untilEnd) end = await this.#watchEnd(() => own.abort());
      await this.#client.consume(
        { group: this.#places.group, topics: this.#places.from.topics, settings: kafka },
        {
          onAssigned: (partitions) => this.#assign(partitions),
          onBatch: (batch) => this.#batch(batch, { handler, signal }),
          onStopped: () => this.#closeProducers(),
        },
        stop,
      );
      if (failure !== undefined) throw failure;
    } finally {
      stall[Symbol.dispose]();
      end?.[Symbol.dispose]();
      await this.#closeProducers();
    }
  }

  async #closeProducers(): Promise<void> {
    const sessions = [...this.#sessions.values()];
    this.#sessions.clear();
    await Promise.all(sessions.map(({ producer }) => producer?.[Symbol.asyncDispose]()));
  }

  /** Every generation begins anew: between two of them another consumer may have had the partition. */
  #assign(partitions: readonly TopicPartition[]): void {
    this.#generation++;
    const revoked = this.#assigned.filter(
      (before) => !partitions.some((now) => now.topic === before.topic && now.partition === before.partition),
    );
    this.#assigned = partitions;
    this.#lastRecordAt = performance.now();
    this.#options.events.rebalanced({ assigned: partitions, revoked });
    const old = [...this.#sessions.values()];
    this.#sessions.clear();
    for (const { producer } of old) void producer?.[Symbol.asyncDispose]();
  }

  /**
   * One after the other within a partition: around a rebalance a client may bring the same records twice at once, and both would be
   * committed by one producer.
   */
  #batch(batch: FetchedBatch, run: Run): Promise<bigint | null> {
    const key = keyOf(batch);
    const before = this.#turns.get(key) ?? Promise.resolve();
    this.#underWay++;
    const turn = before
      .then(() => this.#answer(batch, run))
      .finally(() => {
        this.#underWay--;
        this.#lastRecordAt = performance.now();
      });
    this.#turns.set(
      key,
      turn.catch(() => {}),
    );
    return turn;
  }

  async #answer(batch: FetchedBatch, { handler, signal }: Run): Promise<bigint | null> {
    const { topic, partition, records } = batch;
    const { events, batchSize } = this.#options;
    if (!this.#isAssigned(batch)) return null;
    const session = this.#sessionOf(batch);
    if (session.fenced !== null) return this.#untilRebalanced(session, { first: records[0]!.offset, signal });
    const behind = records.at(-1)!.offset + 1n;
    let ended: HandledBatch["ended"];
    try {
      await this.#open(session);
      const { position, isPlaced } = session;
      session.isPlaced = true;
      if (!isPlaced && position !== null && records[0]!.offset > position) return position;
      const open = position === null ? records : records.filter(({ offset }) => offset >= position);
      for (let from = 0; from < open.length; from += batchSize) {
        // What is not begun when the stream is told to stop stays for the next one.
        if (signal.aborted || !this.#isCurrent(session)) return this.#isAssigned(batch) ? open[from]!.offset : null;
        const some = open.slice(from, from + batchSize);
        const handled = await handler({ topic, partition, records: some }, signal);
        ({ ended } = handled);
        const done = ended?.records ?? some.length;
        if (done === 0) break;
        const next = some[done - 1]!.offset + 1n;
        const since = performance.now();
        await session.producer!.commit(await this.#messagesOf(handled.outgoing, partition), {
          group: this.#places.group,
          topic,
          partition,
          offset: next,
        });
        session.position = next;
        this.#stood.set(keyOf(session.at), next);
        session.failures = 0;
        handled.committed?.();
        events.committed(session.at, { records: done, milliseconds: performance.now() - since });
        if (ended !== undefined) break;
      }
      if (ended !== undefined) return await this.#end(ended.error, session);
      const end = batch.highWatermark ?? (await this.#endOf(session.at));
      events.lag(session.at, Number(end > behind ? end - behind : 0n));
      return behind;
    } catch (error) {
      if (error === ended?.error) throw error;
      return await this.#again(error, { session, batch, signal });
    }
  }

  /** Nothing is given up: what was done stands, and its position is on its way at the latest when the producer is closed. */
  async #end(error: Error, session: Session): Promise<never> {
    const { producer } = session;
    session.producer = null;
    await producer?.[Symbol.asyncDispose]();
    throw error;
  }

  /** Gives up the transaction and has the records come again, or ends the stream. */
  async #again(
    error: unknown,
    {
      session,
      batch,
      signal,
    }: { readonly session: Session; readonly batch: FetchedBatch; readonly signal: AbortSignal },
  ): Promise<bigint | null> {
    const { events } = this.#options;
    const { producer } = session;
    session.producer = null;
    void producer?.[Symbol.asyncDispose]();
    const code = isTrimaranError(error) ? error.code : "INTERNAL";
    events.aborted(session.at, code);
    const first = session.position ?? batch.records[0]!.offset;
    // The group has moved on: this was an older generation's batch.
    if (!this.#isCurrent(session)) return this.#isAssigned(batch) ? first : null;
    if (code === "KAFKA_FENCED") {
      session.fenced = { error, since: performance.now() };
      return this.#untilRebalanced(session, { first, signal });
    }
    if (code === "KAFKA_MESSAGE_TOO_LARGE" && this.#client.sendLess()) return first;
    if (code !== "KAFKA_UNREACHABLE") throw error;
    session.failures++;
    const waitMs = Math.min(longestWaitMs, firstWaitMs * 2 ** (session.failures - 1));
    if (session.failures > 1) events.note(`${(error as Error).message} Trying again in ${waitMs / 1000} s.`);
    await sleep(waitMs, undefined, { signal }).catch(() => {});
    return first;
  }

  /**
   * As a rule the group has moved on and this consumer is about to be told, as after a broker was away. Who is not told while a session
   * lasts is out of the group. The ID is not taken back: its new owner would be fenced in turn.
   */
  async #untilRebalanced(
    session: Session,
    { first, signal }: { readonly first: bigint; readonly signal: AbortSignal },
  ): Promise<bigint | null> {
    const until = performance.now() + fencedWaitMs;
    while (performance.now() < until && this.#isCurrent(session) && !signal.aborted) await sleep(fencedLookMs);
    if (!this.#isCurrent(session)) return this.#isAssigned(session.at) ? first : null;
    const { error, since } = session.fenced!;
    if (performance.now() - since > this.#options.kafka.sessionTimeoutMs) throw error;
    return first;
  }

  /** Asked now and then only. */
  async #endOf({ topic, partition }: TopicPartition): Promise<bigint> {
    const known = this.#ends.get(topic);
    if (known === undefined || performance.now() - known.at > endsMs) {
      this.#ends.set(topic, { at: performance.now(), ends: await this.#client.ends(topic) });
    }
    return this.#ends.get(topic)?.ends.get(partition) ?? 0n;
  }

  #isCurrent(session: Session): boolean {
    return session.generation === this.#generation;
  }

  #isAssigned(at: TopicPartition): boolean {
    return this.#assigned.some(({ topic, partition }) => topic === at.topic && partition === at.partition);
  }

  #sessionOf({ topic, partition }: TopicPartition): Session {
    const key = keyOf({ topic, partition });
    let session = this.#sessions.get(key);
    if (session === undefined) {
      const at = { topic, partition };
      session = {
        at,
        generation: this.#generation,
        producer: null,
        position: null,
        isPlaced: false,
        failures: 0,
        fenced: null,
      };
      this.#sessions.set(key, session);
    }
    return session;
  }

  /** Takes the partition's transactional ID, then asks where the group stands: in this order. */
  async #open(session: Session): Promise<void> {
    if (session.producer !== null) return;
    const { group } = this.#places;
    const { topic, partition } = session.at;
    const id = this.#options.delivery === "exactly-once" ? `trimaran-${group}-${topic}-${partition}` : null;
    session.producer = await this.#client.openProducer(id);
    const read = await this.#client.committed(group, session.at);
    // A group that is read never goes back: a broker that has just come back may not know yet.
    const known = this.#stood.get(keyOf(session.at)) ?? null;
    session.position = known !== null && (read === null || read < known) ? known : read;
  }

  /** @throws KAFKA_TOPIC_MISSING */
  async #messagesOf(outgoing: readonly OutgoingRecord[], partition: number): Promise<readonly KafkaMessage[]> {
    const { output, deadLetter, partitions } = this.#places;
    const messages: KafkaMessage[] = [];
    for (const { to, topic: own, key, value, headers, timestamp } of outgoing) {
      const topic = own ?? (to === "output" ? output : (deadLetter ?? output));
      if (topic === null) throw trimaranError("KAFKA_TOPIC_MISSING", { topic: "for answers" });
      if (!partitions.has(topic)) {
        for (const [name, count] of await this.#client.topics([topic])) partitions.set(name, count);
      }
      // Records without a key keep their order too.
      const place = key === null ? partition % (partitions.get(topic) ?? 1) : null;
      messages.push({ topic, partition: place, key, value, headers, timestamp });
    }
    return messages;
  }

  /** Ends when every record that was there at the start is answered. */
  async #watchEnd(end: () => void): Promise<Disposable> {
    const { from, group } = this.#places;
    const ends = new Map<string, bigint>();
    for (const topic of from.topics) {
      for (const [partition, offset] of await this.#client.ends(topic)) {
        const at = { topic, partition };
        const done = (await this.#client.committed(group, at)) ?? 0n;
        if (offset > done) ends.set(`${topic}/${partition}`, offset);
      }
    }
    const look = setInterval(() => {
      const isDone = [...ends].every(([key, offset]) => (this.#sessions.get(key)?.position ?? -1n) >= offset);
      const waits = this.#generation > 0 && this.#underWay === 0;
      const isIdle = waits && performance.now() - this.#lastRecordAt > idleEndMs;
      if (isDone || isIdle) end();
    }, 100);
    return { [Symbol.dispose]: () => clearInterval(look) };
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
