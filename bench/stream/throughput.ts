// Records a second of each contender, in turns, over the same filled topic: how fast its group's position moves.
import { setTimeout as sleep } from "node:timers/promises";
import { median, medianRatio, shown } from "../report/statistics.ts";
import type { Outcome, WorkOptions } from "../serve/outcome.ts";
import type { BenchTopics } from "./bench-topics.ts";
import { type Contender, start } from "./contenders.ts";

export interface Field {
  readonly title: string;
  readonly broker: string;
  readonly home: string;
  readonly topics: BenchTopics;
  /** Filled, with so many records. */
  readonly from: string;
  readonly records: number;
  /** The first one is ours. */
  readonly contenders: readonly Contender[];
}

interface Round {
  readonly rate: number;
  readonly commitMs: number;
  readonly perCommit: number;
}

export async function measure(field: Field, { rounds, seconds, progress }: WorkOptions): Promise<Outcome> {
  const figures = new Map<string, Round[]>(field.contenders.map(({ name }) => [name, []]));
  for (let round = 0; round < rounds; round++) {
    for (const contender of field.contenders) {
      progress(`round ${round + 1} of ${rounds}: ${contender.name}`);
      figures.get(contender.name)!.push(await oneRound(field, contender, { round, seconds }));
    }
  }
  const [ours] = field.contenders;
  const rates = (name: string): readonly number[] => figures.get(name)!.map(({ rate }) => rate);
  const own = rates(ours!.name);
  const rows = field.contenders.map(({ name }) => {
    const all = figures.get(name)!;
    const middle = (value: (round: Round) => number): string => shown(median(all.map(value)));
    return [
      name,
      middle(({ rate }) => rate),
      shown(medianRatio(own, rates(name))),
      middle(({ commitMs }) => commitMs),
      middle(({ perCommit }) => perCommit),
    ];
  });
  return {
    title: field.title,
    rows: [["", "records/s", "ours is ×", "ms a commit", "records a commit"], ...rows],
    data: { figures: Object.fromEntries(figures) },
    targets: [],
  };
}

async function oneRound(
  { broker, home, topics, from, records }: Field,
  contender: Contender,
  { round, seconds }: { readonly round: number; readonly seconds: number },
): Promise<Round> {
  const name = `out-${process.pid}-${round}-${contender.name.replace(/[^a-z]+/gi, "-")}`;
  const dead = `${name}-dead`;
  await topics.make(name, dead);
  const running = start(contender, { broker, from, to: name, dead, group: name, home });
  try {
    // Not counted: start, join, first transactions.
    const warm = await reach(running, () => topics.done(name, from), records / 20);
    const began = performance.now();
    let done = warm;
    while (done < records && performance.now() - began < seconds * 1000) {
      await sleep(20);
      done = await topics.done(name, from);
      if (running.child.exitCode !== null) throw new Error(`${contender.name} ended: ${running.told().slice(-500)}`);
    }
    const took = (performance.now() - began) / 1000;
    const commits = await running.stop();
    return {
      rate: (done - warm) / took,
      commitMs: commits === null ? Number.NaN : (commits.commitSeconds / commits.commits) * 1000,
      perCommit: commits === null ? Number.NaN : done / commits.commits,
    };
  } finally {
    running.child.kill("SIGKILL");
    await topics.remove(name, dead);
  }
}

async function reach(
  { child, told }: { readonly child: { readonly exitCode: number | null }; readonly told: () => string },
  done: () => Promise<number>,
  wanted: number,
): Promise<number> {
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(20)) {
    const now = await done();
    if (now >= wanted) return now;
    if (child.exitCode !== null) break;
  }
  throw new Error(`nothing comes: ${told().slice(-500)}`);
}
