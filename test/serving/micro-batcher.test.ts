// Calls that share batches get exactly what they would get alone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { trimaranError } from "../../src/base/errors.ts";
import type { RowIssue } from "../../src/data/batch.ts";
import type { Answers } from "../../src/serving/answers.ts";
import { measureBatching } from "../../src/serving/measure-batching.ts";
import { type MicroBatcher, microBatcher } from "../../src/serving/micro-batcher.ts";
import { openService } from "../../src/serving/open-service.ts";
import type { AnswerOptions } from "../../src/serving/prediction-service.ts";

interface Asked {
  readonly rows: readonly unknown[];
  readonly options: AnswerOptions;
}

/** Twice the number of a row; a text is an issue, `warn` a warning, `throw` fails the whole call. */
function doubling(asked: Asked[] = [], costMs = 0): MicroBatcher {
  return {
    async answer(rows, options = {}): Promise<Answers> {
      asked.push({ rows, options });
      await new Promise((resolve) => (costMs > 0 ? setTimeout(resolve, costMs) : setImmediate(resolve)));
      if (rows.includes("busy")) throw trimaranError("SERVICE_NOT_READY", { state: "busy" });
      if (rows.includes("throw")) throw new Error("these rows");
      const issues: RowIssue[] = rows.flatMap((row, index) =>
        typeof row === "string" && row !== "warn" ? [{ row: index, path: "", code: "wrong_type", message: row }] : [],
      );
      const warned = rows.filter((row) => row === "warn").length;
      const value = (row: number) => ({ twice: 2 * (rows[row] as number), by: options.methods?.join() ?? "" });
      return {
        rowCount: rows.length,
        issues,
        warnings: warned === 0 ? [] : [{ code: "unseen_category", field: "x", count: warned }],
        modelVersion: "7",
        text: (row) => JSON.stringify(value(row)),
        value,
        record: (row) => ({ input: rows[row], features: rows[row], output: value(row) }),
      };
    },
  };
}

/** All that a caller can see of its answers. */
function seen(answers: Answers): unknown {
  const rows = Array.from({ length: answers.rowCount }, (_, row) => [answers.text(row), answers.record(row)]);
  return { rows, issues: answers.issues, warnings: answers.warnings, version: answers.modelVersion };
}

const outcome = (answered: Promise<Answers>): Promise<unknown> => answered.then(seen, (error: Error) => error.message);

describe("the micro-batcher", () => {
  it("gives every caller exactly what it would get alone", async () => {
    const row = fc.oneof({ weight: 20, arbitrary: fc.integer() }, fc.constantFrom("bad", "warn", "throw"));
    const call = fc.record({
      rows: fc.array(row, { maxLength: 6 }),
      methods: fc.constantFrom(undefined, ["predict"], ["predict", "predict_proba"]),
      turn: fc.integer({ min: 0, max: 3 }),
    });
    const property = fc.asyncProperty(
      fc.array(call, { maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (calls, maxRows) => {
        const batcher = microBatcher(doubling(), { maxRows, maxWaitMs: 1 });
        const answered = calls.map(async ({ rows, methods, turn }) => {
          for (let waited = 0; waited < turn; waited++) await new Promise((resolve) => setImmediate(resolve));
          return outcome(batcher.answer(rows, { methods }));
        });
        const alone = calls.map(({ rows, methods }) => outcome(doubling().answer(rows, { methods })));
        assert.deepEqual(await Promise.all(answered), await Promise.all(alone));
      },
    );
    await fc.assert(property, { numRuns: 200 });
  });

  it("puts calls of one turn into one batch, and never those with other methods or options", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked));
    const time = new Date(0);
    await Promise.all([
      batcher.answer([1], { id: "a" }),
      batcher.answer([2, 3], { id: "b", stickyKey: "b" }),
      batcher.answer([4], { methods: ["predict"] }),
      batcher.answer([5], { unknownFields: "reject" }),
      batcher.answer([6], { time }),
    ]);
    assert.deepEqual(
      asked.map(({ rows }) => rows),
      [[1, 2, 3], [4], [5], [6]],
    );
    assert.deepEqual(
      asked.map(({ options }) => options.id),
      [undefined, undefined, undefined, undefined],
    );
  });

  it("keeps to its limit of rows and waits no longer than its limit of time", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked, 200), { maxRows: 4, maxWaitMs: 10 });
    const calls = [1, 2, 3, 4, 5].map((row) => batcher.answer([row]));
    await new Promise((resolve) => setTimeout(resolve, 30));
    calls.push(batcher.answer([6]));
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.deepEqual(
      asked.map(({ rows }) => rows),
      [[1, 2, 3, 4], [5], [6]],
    );
    await Promise.all(calls);
  });

  it("fails all callers at once when the model behind is away, instead of asking it again for each", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked));
    const ended = await Promise.allSettled([1, 2, "busy", 4].map((row) => batcher.answer([row])));
    assert.ok(ended.every(({ status }) => status === "rejected"));
    assert.equal(asked.length, 1);
  });

  it("leaves out who gave up before the batch began, and goes on for the others", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked));
    const gone = new AbortController();
    const first = batcher.answer([1], { signal: gone.signal });
    const second = batcher.answer([2]);
    gone.abort(new Error("gone"));
    await assert.rejects(first, /gone/);
    assert.equal((await second).text(0), '{"twice":4,"by":""}');
    assert.deepEqual(
      asked.map(({ rows }) => rows),
      [[2]],
    );
  });

  it("ends the batch when every caller gave up", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked, 20));
    const gone = [new AbortController(), new AbortController()];
    const calls = gone.map(({ signal }, row) => batcher.answer([row], { signal }));
    await new Promise((resolve) => setTimeout(resolve, 5));
    gone[0]?.abort();
    assert.equal(asked[0]?.options.signal?.aborted, false);
    gone[1]?.abort();
    assert.equal(asked[0]?.options.signal?.aborted, true);
    await Promise.allSettled(calls);
  });

  it("lets calls go alone where warnings would have to be told apart again and again", async () => {
    const asked: Asked[] = [];
    const batcher = microBatcher(doubling(asked));
    for (let round = 0; round < 16; round++) await Promise.all([batcher.answer(["warn"]), batcher.answer([1])]);
    asked.length = 0;
    await Promise.all([batcher.answer([1]), batcher.answer([2])]);
    assert.equal(asked.length, 2);
  });
});

describe("the measure of batching", () => {
  const spin = (ms: number): void => {
    const end = performance.now() + ms;
    while (performance.now() < end);
  };
  const costing = (callMs: number, rowMs: number): MicroBatcher => ({
    answer: (rows) => {
      spin(callMs + rowMs * rows.length);
      return Promise.resolve({ rowCount: rows.length } as Answers);
    },
  });

  it("is for a batch where the call costs and not the row", async () => {
    assert.equal((await measureBatching(costing(2, 0.01), [1]))?.wins, true);
    assert.equal((await measureBatching(costing(0.01, 1), [1]))?.wins, false);
    assert.equal((await measureBatching(costing(0.05, 0), [1]))?.wins, false);
  });

  it("is for a batch where the model waits for something else", async () => {
    const measured = await measureBatching(doubling([], 1), [1]);
    assert.deepEqual([measured?.waits, measured?.wins], [true, true]);
  });

  it("is against it for the worked example's linear model", async () => {
    const model = new URL("../../examples/ride-duration/lin_reg.bin", import.meta.url);
    const service = await openService(fileURLToPath(model));
    const measured = await measureBatching(service, [{ PU_DO: "130_205", trip_distance: 3.66 }]);
    assert.deepEqual([measured?.waits, measured?.wins], [false, false]);
    await service.close();
  });

  it("is none where the rows are not answered", async () => {
    assert.equal(await measureBatching(doubling(), ["throw"]), null);
    assert.equal(await measureBatching(doubling(), []), null);
  });
});
