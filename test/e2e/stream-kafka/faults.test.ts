// Exactly once over a real broker, whatever dies: processes killed, scaled and frozen, and the broker away.
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { confluentSkip } from "../../../scripts/kafka-client.ts";
import { type KafkaServer, kafkaSkip, startKafka } from "../../../scripts/kafka-server.ts";
import { assertExactlyOnce } from "./exactly-once.ts";
import { RidesStream, type Seen } from "./rides-stream.ts";

const patienceMs = 60_000;

const noConfluent = await confluentSkip();

describe("a stream over Kafka", { skip: await kafkaSkip(), timeout: 270_000 }, () => {
  let server: KafkaServer;
  before(async () => {
    server = await startKafka();
  });
  after(() => server[Symbol.asyncDispose]());

  it("loses and doubles nothing when its processes are killed", async () => {
    await using rides = await RidesStream.open(server, "killed");
    const workers = [rides.start(), rides.start(), rides.start()];
    const sending = rides.send(4000, 600);
    for (const [at, waitMs] of [2500, 1400, 1100].entries()) {
      await sleep(waitMs);
      workers[at]!.child.kill("SIGKILL");
      workers.push(rides.start());
    }
    await sending;
    assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
  });

  it("loses and doubles nothing when processes with Confluent's client are killed", { skip: noConfluent }, async () => {
    await using rides = await RidesStream.open(server, "killed-confluent", "confluent");
    const workers = [rides.start(), rides.start()];
    const sending = rides.send(2000, 500);
    await sleep(2500);
    workers[0]!.child.kill("SIGKILL");
    workers.push(rides.start());
    await sending;
    assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
    for (const { child, told } of workers.slice(1)) assert.equal(child.exitCode, null, told());
  });

  it("loses and doubles nothing when it is scaled from one process to four and down to two", async () => {
    await using rides = await RidesStream.open(server, "scaled");
    const first = rides.start();
    const sending = rides.send(3000, 500);
    await sleep(2000);
    const more = [rides.start(), rides.start(), rides.start()];
    await sleep(2500);
    first.child.kill("SIGTERM");
    more[0]!.child.kill("SIGTERM");
    assert.deepEqual([await first.ended, await more[0]!.ended], [0, 0]);
    await sending;
    assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
  });

  it("fences a process that was frozen for longer than its session, and loses and doubles nothing", async () => {
    await using rides = await RidesStream.open(server, "frozen");
    const zombie = rides.start();
    const other = rides.start();
    await rides.reading([zombie, other]);
    const sending = rides.send(3000, 400);
    await sleep(2500);
    zombie.child.kill("SIGSTOP");
    await sleep(5000);
    zombie.child.kill("SIGCONT");
    assert.equal(await zombie.ended, 75, zombie.told());
    assert.match(zombie.told(), /has taken over/);
    await sending;
    assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
    assert.equal(other.child.exitCode, null, other.told());
  });

  it("waits for a broker that is away, and loses and doubles nothing", async () => {
    await using rides = await RidesStream.open(server, "away");
    const workers = [rides.start(), rides.start()];
    await rides.reading(workers);
    await rides.send(800, 400);
    await server.kill();
    await sleep(4000);
    await server.start();
    await rides.send(800, 400);
    assertExactlyOnce(await rides.seen(patienceMs), rides.sent);
    for (const { child, told } of workers) assert.equal(child.exitCode, null, told());
  });

  it("reads as another group beside the first one, which loses, doubles and waits for nothing", async () => {
    await using rides = await RidesStream.open(server, "beside");
    rides.start();
    const watch = await rides.watch();
    const sending = rides.send(3000, 500);
    await sleep(2000);
    const began = rides.sent;
    const second = rides.start([], { to: "second", group: "challenger" });
    await sleep(2000);
    second.child.kill("SIGTERM");
    assert.equal(await second.ended, 0, second.told());
    const ended = rides.sent;
    rides.start([], { to: "second", group: "challenger" });
    await sending;
    const seen = await watch.all(patienceMs, { settleMs: 0 });
    assertExactlyOnce(seen, rides.sent);
    const { answers } = await rides.seen(patienceMs, { to: "second" });
    assert.deepEqual(
      [...answers.values()].filter((count) => count > 1),
      [],
    );
    const p99 = [
      ["before", 500, began],
      ["during", began, ended],
      ["after", ended, rides.sent],
    ] as const;
    // The first rides wait for the first process to start.
    const told = p99.map(([when, from, to]) => `${when} ${shownP99(seen, from, to)} ms`);
    console.log(`p99 of the first group, ${told.join(", ")} the second group's life`);
  });
});

function shownP99({ delays }: Seen, from: number, to: number): string {
  const times = [...delays].filter(([id]) => id >= from && id < to).map(([, ms]) => ms);
  times.sort((one, other) => one - other);
  return (times[Math.floor(times.length * 0.99)] ?? Number.NaN).toFixed(0);
}
