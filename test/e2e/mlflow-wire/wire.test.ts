// Request by request: what MLflow's own server answers is what ours answers, but for what is listed in differences.ts.
import assert from "node:assert/strict";
import { test } from "node:test";
import { openSides, peer } from "./both-servers.ts";
import { wireCases } from "./cases.ts";
import { differences } from "./differences.ts";
import { problemOf } from "./same-answer.ts";
import { titleOf } from "./wire-case.ts";

test(`${wireCases.length} requests are answered as MLflow answers them`, {
  skip: peer.skip,
  timeout: 600_000,
}, async () => {
  await using sides = await openSides();
  const problems: string[] = [];
  const unused = new Set(Object.keys(differences));
  for (const asked of wireCases) {
    const [theirs, ours] = [await sides.theirs.ask(asked), await sides.ours.ask(asked)];
    const title = titleOf(asked);
    unused.delete(title);
    const problem = problemOf(title, theirs, ours);
    if (problem !== null) problems.push(`${title}\n  ${problem}`);
  }
  assert.deepEqual(problems, []);
  assert.deepEqual([...unused], [], "differences of requests that are not sent");
  assert.deepEqual(sides.failures, [], "the server failed");
});
