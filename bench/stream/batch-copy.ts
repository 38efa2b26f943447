// Our own engine with a handler that gives every record back as it came.
import { openKafkaEngine } from "../../src/doors/stream/kafka/kafka-engine.ts";

export interface CopyOptions {
  readonly from: string;
  readonly to: string;
  readonly group: string;
  readonly client: "kafkajs" | "confluent";
}

export async function batchCopy({ from, to, group, client }: CopyOptions): Promise<void> {
  const ignore = (): void => {};
  await using engine = await openKafkaEngine({
    from,
    to,
    deadLetter: null,
    group,
    delivery: "exactly-once",
    batchSize: 10_000,
    untilEnd: true,
    kafka: {
      client,
      configFile: null,
      commitIntervalMs: 20,
      sessionTimeoutMs: 10_000,
      instanceId: null,
      groupProtocol: "classic",
      env: {},
    },
    events: { rebalanced: ignore, lag: ignore, committed: ignore, aborted: ignore, note: ignore },
  });
  await engine.run(
    async ({ records }) => ({
      outgoing: records.map(({ key, value }) => ({ to: "output", key, value, headers: [] })),
    }),
    new AbortController().signal,
  );
}
