// The function on events of a Kinesis stream: answers, records that cannot be taken, streams that refuse.
import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { isTrimaranError } from "../../../../src/base/errors.ts";
import type { LambdaAnswer } from "../../../../src/doors/stream/kinesis/lambda-function.ts";
import type { LambdaContext } from "../../../../src/doors/stream/kinesis/open-lambda.ts";
import { course, kinesisEvent, sequenceNumber, type TestFunction, testFunction } from "./events.ts";
import { startKinesis } from "./kinesis-server.ts";

const ride = (id: unknown): string => course.replace("256", JSON.stringify(id));
const bad = '{"ride":{"PULocationID":130,"DOLocationID":205,"trip_distance":-1},"ride_id":7}';

function idsOf({ predictions }: LambdaAnswer): unknown[] {
  return predictions.map((each) => (each as { prediction: { ride_id: unknown } }).prediction.ride_id);
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  return await work.then(
    () => "none",
    (error: unknown) => (isTrimaranError(error) ? error.code : String(error)),
  );
}

const soon: LambdaContext = { getRemainingTimeInMillis: () => 3000 };

describe("a test run", () => {
  test("answers what the course's answers, and writes nothing", async () => {
    await using made = testFunction({ TEST_RUN: "True", RUN_ID: "Test123", MODEL_LOCATION: forest });
    const answer = await made.lambda.handle(kinesisEvent(course));
    assert.deepEqual(Object.keys(answer), ["predictions"]);
    const [prediction] = answer.predictions as { prediction: { ride_duration: number } }[];
    const { ride_duration } = prediction!.prediction;
    assert.deepEqual(prediction, {
      model: "ride_duration_prediction_model",
      version: "Test123",
      prediction: { ride_duration, ride_id: 256 },
    });
  });

  test("opens the model once for all events, and again when it did not open", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    await Promise.all([made.lambda.handle(kinesisEvent(course)), made.lambda.handle(kinesisEvent(course))]);
    await made.lambda.handle(kinesisEvent(course));
    assert.equal(made.opened, 1);
    await using broken = testFunction({ TEST_RUN: "True", MODEL_LOCATION: "/nowhere/model.pkl" });
    for (const turn of [1, 2]) {
      assert.equal(await codeOf(broken.lambda.handle(kinesisEvent(course))), "FILE_NOT_FOUND");
      assert.equal(broken.opened, turn);
    }
  });

  test("takes the event of a hand-written test, with nothing but data", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    const data = Buffer.from(course).toString("base64");
    for (const text of [data, data.replace(/=+$/, "")]) {
      for (const approximateArrivalTimestamp of [undefined, 1e300, -1, "x"]) {
        const kinesis = { data: text, approximateArrivalTimestamp };
        assert.deepEqual(idsOf(await made.lambda.handle({ Records: [{ kinesis }] })), [256]);
      }
    }
    assert.equal(await codeOf(made.lambda.handle({ Records: [{ kinesis: { data: "e30=" } }] })), "LAMBDA_RECORDS");
    assert.deepEqual(await made.lambda.handle({ Records: [] }), { predictions: [] });
  });

  test("refuses what is no event of a stream", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    for (const event of [null, 7, {}, { Records: {} }, { Records: [{ s3: {} }] }, [], "x"]) {
      assert.equal(await codeOf(made.lambda.handle(event)), "LAMBDA_EVENT", JSON.stringify(event));
    }
  });

  test("leaves out what would make the answer too large for Lambda", async () => {
    await using made = testFunction({ TEST_RUN: "True" });
    const long = "x".repeat(100_000);
    const answer = await made.lambda.handle(kinesisEvent(...Array.from({ length: 60 }, () => ride(long))));
    assert.equal(answer.predictions.length + answer.predictionsLeftOut!, 60);
    assert.ok(JSON.stringify(answer).length < 6_000_000);
  });
});

const forest = new URL("../../../../examples/ride-duration/forest", import.meta.url).pathname;

describe("an event's answers", () => {
  test("are put into the stream in order, each under its ride_id", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    const ids = Array.from({ length: 1100 }, (_, index) => index);
    const answer = await made.lambda.handle(kinesisEvent(...ids.map(ride)));
    assert.deepEqual(idsOf(answer), ids);
    const stream = kinesis.streams.get("predictions")!;
    assert.deepEqual(
      stream.map(({ partitionKey }) => partitionKey),
      ids.map(String),
    );
    assert.deepEqual(
      stream.map(({ data }) => JSON.parse(data) as unknown),
      answer.predictions,
    );
    assert.deepEqual(kinesis.calls, [500, 500, 100]);
  });

  test("that the stream refuses are sent again, and only they", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    let refusals = 3;
    kinesis.refuses = (data) => data.includes('"ride_id":1}') && refusals-- > 0;
    await made.lambda.handle(kinesisEvent(ride(0), ride(1), ride(2)));
    assert.deepEqual(kinesis.calls, [3, 1, 1, 1]);
    assert.equal(kinesis.streams.get("predictions")!.length, 3);
  });

  test("are not overtaken by later calls while some of theirs are refused; a call takes 5 MiB at most", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    let refusals = 2;
    kinesis.refuses = (data) => data.includes('"a1-') && refusals-- > 0;
    const large = Array.from({ length: 8 }, (_, id) => ride(`a${id}-${"x".repeat(1_000_000)}`));
    await made.lambda.handle(kinesisEvent(...large));
    const ids = kinesis.streams.get("predictions")!.map(({ data }) => /"(a\d)-/.exec(data)?.[1]);
    assert.deepEqual(ids, ["a0", "a2", "a3", "a4", "a1", "a5", "a6", "a7"]);
    assert.deepEqual(kinesis.calls, [5, 1, 1, 3]);
  });

  test("that the stream goes on refusing are told as failures, from the first of them on", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    kinesis.refuses = (data) => data.includes('"ride_id":1}');
    const answer = await made.lambda.handle(kinesisEvent(ride(0), ride(1), ride(2)), soon);
    assert.deepEqual(answer.batchItemFailures, [{ itemIdentifier: sequenceNumber(1) }]);
    assert.deepEqual(idsOf(answer), [0]);
  });

  test("survive a service that is down for a moment, and one that is down is a failure of all", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    kinesis.fault = { status: 500, type: "InternalFailure" };
    const answer = await made.lambda.handle(kinesisEvent(ride(0), ride(1)), soon);
    assert.deepEqual(answer, { predictions: [], batchItemFailures: [{ itemIdentifier: sequenceNumber(0) }] });
    kinesis.fault = { status: 400, type: "ResourceNotFoundException" };
    assert.equal(await codeOf(made.lambda.handle(kinesisEvent(ride(0)))), "KINESIS_STREAM");
    await using nowhere = testFunction({ KINESIS_ENDPOINT_URL: kinesis.url, AWS_REGION: "" });
    const [record] = kinesisEvent(ride(0)).Records;
    const unnamed = { Records: [{ ...record!, awsRegion: undefined }] };
    assert.equal(await codeOf(nowhere.lambda.handle(unnamed)), "KINESIS_STREAM");
    kinesis.fault = { status: 400, type: "AccessDeniedException" };
    assert.equal(await codeOf(made.lambda.handle(kinesisEvent(ride(0)))), "KINESIS_DENIED");
  });
});

function writing(endpoint: string, more: Readonly<Record<string, string>> = {}): TestFunction {
  return testFunction({ PREDICTIONS_STREAM_NAME: "predictions", KINESIS_ENDPOINT_URL: endpoint, ...more });
}

describe("a record that cannot be taken", () => {
  const event = kinesisEvent(ride(0), "{", bad, ride(3), new Uint8Array([0xff]));

  test("is reported by default: the shard goes on from the first, and nothing behind it is written", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url);
    const answer = await made.lambda.handle(event);
    assert.deepEqual(answer.batchItemFailures, [{ itemIdentifier: sequenceNumber(1) }]);
    assert.deepEqual(idsOf(answer), [0]);
    assert.equal(kinesis.streams.get("predictions")!.length, 1);
    assert.equal(made.lines.length, 3);
    assert.deepEqual(made.lines[1], {
      level: "warn",
      message: "poison record",
      stream: "ride_events",
      shard: 2,
      sequenceNumber: sequenceNumber(2),
      done: "retry",
      issues: [{ path: "/ride/trip_distance", code: "out_of_range", message: "trip_distance must be at least 0." }],
    });
  });

  test("goes to the dead letter stream, if there is one, with the data as it came", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url, { DEAD_LETTER_STREAM_NAME: "dead", RUN_ID: "", MODEL_URI: "" });
    const answer = await made.lambda.handle(event);
    assert.deepEqual(idsOf(answer), [0, 3]);
    assert.equal(answer.batchItemFailures, undefined);
    const letters = kinesis.streams.get("dead")!;
    assert.deepEqual(
      letters.map(({ partitionKey }) => partitionKey),
      ["1", "2", "4"],
    );
    const letter = JSON.parse(letters[1]!.data) as Record<string, unknown>;
    assert.equal(Buffer.from(String(letter["data"]), "base64").toString(), bad);
    assert.deepEqual(
      [letter["stream"], letter["shard"], letter["sequenceNumber"]],
      ["ride_events", 2, sequenceNumber(2)],
    );
    const { code, path } = letter["error"] as Record<string, unknown>;
    assert.deepEqual([code, path], ["out_of_range", "/ride/trip_distance"]);
  });

  test("is skipped where that is asked, and so is data that is no base64", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url, { POISON_RECORDS: "skip" });
    assert.deepEqual(idsOf(await made.lambda.handle(event)), [0, 3]);
    const sent = kinesisEvent(ride(1), ride(2));
    const records = [{ ...sent.Records[0]!, kinesis: { ...sent.Records[0]!.kinesis, data: "*" } }, sent.Records[1]!];
    assert.deepEqual(idsOf(await made.lambda.handle({ Records: records })), [2]);
    const codes = made.lines.map(({ issues }) => (issues as { code: string }[])[0]!.code);
    assert.deepEqual(codes, ["not_json", "out_of_range", "not_json", "bad_base64"]);
  });

  test("is also one whose answer Kinesis does not take", async () => {
    await using kinesis = await startKinesis();
    await using made = writing(kinesis.url, { DEAD_LETTER_STREAM_NAME: "dead" });
    const huge = ride("x".repeat(1024 * 1024));
    assert.deepEqual(idsOf(await made.lambda.handle(kinesisEvent(ride(0), huge))), [0]);
    // An envelope around it would not fit.
    assert.equal(kinesis.streams.get("dead")![0]!.data, huge);
  });
});

test("a setting that makes no sense is told", async () => {
  for (const env of [
    { TEST_RUN: "perhaps" },
    { POISON_RECORDS: "drop" },
    { POISON_RECORDS: "dead-letter" },
    { PREDICTIONS_STREAM_NAME: "a b" },
  ]) {
    await using made = testFunction(env as unknown as Record<string, string>);
    assert.equal(await codeOf(made.lambda.ready()), "LAMBDA_SETTING", JSON.stringify(env));
  }
});
