// The processes that read models for the workers: one after another is read by the same, a failed one by its last.
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { Preparers } from "../../../../src/doors/web/fleet/prepare.ts";
import { ride, until } from "./fixtures.ts";

const own = `/proc/${process.pid}/task`;

/** The processes that this one has started and that live. */
function children(): readonly number[] {
  const threads = readdirSync(own).map((thread) => readFileSync(`${own}/${thread}/children`, "utf8"));
  return threads.flatMap((text) => text.split(" ").filter(Boolean).map(Number));
}

describe("who prepares models", {
  skip: !existsSync(`${own}/${process.pid}/children`) && "needs /proc/…/children",
}, () => {
  const preparers = new Preparers({});
  after(() => preparers.close());
  const good = { target: ride };
  const bad = { target: ride, model: `${ride}/deployment.ts` };

  test("that of the start ends with it", async () => {
    const { section, plans } = preparers.prepare([good], { gives: false });
    assert.deepEqual(await section, {});
    assert.equal((await plans)[0]?.name, "ride-duration");
    await until(() => children().length === 0, "its end");
  });

  test("later ones use the same process, and each at the same time has its own", async () => {
    const [first] = await preparers.prepare([good], { gives: true }).plans;
    const before = children();
    assert.equal(before.length, 1);
    const [second] = await preparers.prepare([good], { gives: true }).plans;
    assert.equal(second?.modelDigest, first?.modelDigest);
    assert.deepEqual(children(), before);
    const both = [good, good].map((request) => preparers.prepare([request], { gives: true }).plans);
    assert.equal(children().length, 2);
    await Promise.all(both);
    await until(() => children().length === 1, "the end of one");
  });

  test("a model that cannot be read is refused and ends its process; the next one is read by another", async () => {
    const before = children();
    await assert.rejects(preparers.prepare([bad], { gives: true }).plans, { name: "TrimaranError" });
    const [plan] = await preparers.prepare([good], { gives: true }).plans;
    assert.equal(plan?.name, "ride-duration");
    assert.notDeepEqual(children(), before);
  });

  test("nobody waits for long", async () => {
    await preparers.prepare([good], { gives: true }).plans;
    assert.equal(children().length, 1);
    await until(() => children().length === 0, "the end of who waits");
  });
});
