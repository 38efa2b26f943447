// Events of a Kinesis stream, and what a function is made of, for suites of the handler.
import type { KinesisEvent } from "../../../../src/doors/stream/kinesis/kinesis-event.ts";
import { type LambdaFunction, openLambda } from "../../../../src/doors/stream/kinesis/open-lambda.ts";
import { openService } from "../../../../src/serving/open-service.ts";

export const example: string = new URL("../../../../examples/ride-duration/deployment.ts", import.meta.url).pathname;

export const course = '{"ride":{"PULocationID":130,"DOLocationID":205,"trip_distance":3.66},"ride_id":256}';

export function kinesisEvent(...data: readonly (string | Uint8Array)[]): KinesisEvent {
  return {
    Records: data.map((each, index) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey: String(index),
        sequenceNumber: sequenceNumber(index),
        data: Buffer.from(each).toString("base64"),
        approximateArrivalTimestamp: 1654161514.132,
      },
      eventSource: "aws:kinesis",
      eventID: `shardId-000000000002:${sequenceNumber(index)}`,
      awsRegion: "eu-west-1",
      eventSourceARN: "arn:aws:kinesis:eu-west-1:387546586013:stream/ride_events",
    })),
  };
}

export function sequenceNumber(index: number): string {
  return String(49630081666084879290581185630324770398608704880802529282n + BigInt(index));
}

export interface TestFunction extends AsyncDisposable {
  readonly lambda: LambdaFunction;
  readonly lines: Readonly<Record<string, unknown>>[];
  opened: number;
}

const keys = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };

/** The worked example with an environment. */
export function testFunction(env: Readonly<Record<string, string>>): TestFunction {
  const lines: Readonly<Record<string, unknown>>[] = [];
  // The SDK reads its keys from the process alone.
  Object.assign(process.env, keys);
  const made: TestFunction = {
    lines,
    opened: 0,
    lambda: openLambda({
      env: { AWS_REGION: "eu-west-1", ...env },
      open: (model) => {
        made.opened++;
        return openService(example, { model: model ?? undefined, env });
      },
      log: (line) => lines.push(line),
    }),
    [Symbol.asyncDispose]: () => made.lambda.close(),
  };
  return made;
}
