// The entry `trimaran/lambda`, as a function's code imports it.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { lambdaHandler } from "../src/lambda.ts";
import { course, example, kinesisEvent } from "./doors/stream/kinesis/events.ts";

const env = { TEST_RUN: "True" };

describe("lambdaHandler", () => {
  test("makes a handler for a definition by path or file URL, and for a model", async () => {
    for (const target of [example, new URL(`file://${example}`), `file://${example}`]) {
      const handler = lambdaHandler({ target, env });
      const { predictions } = await handler(kinesisEvent(course), { getRemainingTimeInMillis: () => 10_000 });
      assert.equal(predictions.length, 1);
    }
    const model = lambdaHandler({ target: example.replace("deployment.ts", "lin_reg.bin"), env });
    const answer = await model(kinesisEvent('{"PU_DO":"130_205","trip_distance":3.66}'));
    const [only] = answer.predictions as Readonly<Record<string, unknown>>[];
    assert.equal(only!["predict"], 15.691732237505335);
    assert.match(String(only!["model_version"]), /^sha256:[0-9a-f]{12}$/);
  });

  test("is a handler itself, for the target that the environment names", async () => {
    process.env["TRIMARAN_TARGET"] = example;
    process.env["TEST_RUN"] = "True";
    const context = { getRemainingTimeInMillis: () => 10_000 };
    const { predictions } = await lambdaHandler(kinesisEvent(course), context);
    assert.equal(predictions.length, 1);
    const other = lambdaHandler as unknown as (event: unknown, context: unknown) => Promise<unknown>;
    await assert.rejects(other({}, context), { code: "LAMBDA_EVENT" });
  });

  test("tells what keeps it from starting with the event, and not before", async () => {
    const handler = lambdaHandler({ target: "/nowhere/deployment.ts", env });
    await new Promise((done) => setTimeout(done, 50));
    await assert.rejects(handler(kinesisEvent(course)), { code: "FILE_NOT_FOUND" });
  });
});
