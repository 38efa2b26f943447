// A store passes from one server to the next, ours and MLflow's in turn, each with MLflow's client writing through it.
import assert from "node:assert/strict";
import { openTracking } from "../../../src/tracking/open-tracking.ts";
import { runScript, startMlflow } from "./mlflow-process.ts";

export interface Exchange {
  readonly folder: string;
  /** As `--backend-store-uri` of ours, and of MLflow's. */
  readonly ours: string;
  readonly theirs: string;
  readonly python: string;
}

/** `turns` in order; what each finds of all before it is checked. */
export async function exchange(place: Exchange, turns: readonly ("ours" | "theirs")[]): Promise<void> {
  for (const [index, turn] of turns.entries()) {
    const found = await (turn === "ours" ? withOurs : withTheirs)(place, (url) =>
      runScript(place.python, { folder: place.folder, script: "exchange.py", args: [url, lettersOf(index)] }),
    );
    assert.deepEqual(found, expected(index), `turn ${index}, ${turn}`);
  }
}

/** Its own letter, and those of all before: "cab". */
function lettersOf(index: number): string {
  const letters = "abcdef".slice(0, index + 1);
  return `${letters.slice(-1)}${letters.slice(0, -1)}`;
}

export async function withOurs<T>(place: Exchange, work: (url: string) => Promise<T>): Promise<T> {
  const failures: unknown[] = [];
  await using tracking = await openTracking({
    backendStoreUri: place.ours,
    artifactsDestination: `${place.folder}/artifacts`,
    onFailure: (error) => failures.push(error),
  });
  assert.equal(tracking.notice, null);
  const listening = await tracking.listen({ port: 0 });
  try {
    return await work(listening.url);
  } finally {
    await listening.close();
    assert.deepEqual(failures, [], "the server failed");
  }
}

async function withTheirs<T>(place: Exchange, work: (url: string) => Promise<T>): Promise<T> {
  await using server = await startMlflow(place.python, { folder: place.folder, store: place.theirs });
  return await work(server.url);
}

function expected(index: number): Readonly<Record<string, unknown>> {
  const own = "abcdef"[index] ?? "";
  const before = [..."abcdef".slice(0, index)].map((letter, at) => [
    letter,
    {
      // Every one after it has added a point, the present one too.
      history: [1, ...Array<number>(index - at).fill(2)],
      nan: true,
      inf: true,
      status: "FINISHED",
      name: `run-${letter}`,
      tags: [..."abcdef".slice(at + 1, index + 1)].map((each) => `seen-${each}`),
      dataset: [`rides-${letter}`],
      version: ["1", true, { v: letter }],
      experiment: letter,
      found: [`model-${letter}`],
      models: [`logged-${letter}`],
    },
  ]);
  return { ...Object.fromEntries(before), shared: index + 1, experiment: "abcdef".indexOf(own) + 1 };
}
