// The command `lambda`, as data.
import type { Command } from "./command.ts";
import { homeFlag, maxModelBytesFlag, memberFlag, modelFlag, requireTrackingFlag } from "./common-flags.ts";
import type { Flag } from "./flag.ts";
import { limitFlag } from "./limit-flag.ts";

const lambdaFlags: readonly Flag[] = [
  {
    name: "host",
    value: "ADDRESS",
    type: "text",
    says: "where the local endpoint listens",
    fallback: "127.0.0.1",
  },
  {
    name: "port",
    value: "PORT",
    type: "port",
    says: "the port of the local endpoint; 0 takes a free one",
    fallback: 8080,
  },
  {
    name: "timeout",
    value: "TIME",
    type: "duration",
    says: "how long one event may take at the local endpoint",
    fallback: 60_000,
  },
];

export const lambdaCommand: Command = {
  name: "lambda",
  says: "score a Kinesis stream's events as an AWS Lambda function",
  about: [
    "Inside AWS Lambda (AWS_LAMBDA_RUNTIME_API is set) it asks the runtime API for events, so that it can be the entry point of an image or the bootstrap of an archive. Anywhere else it answers POST /2015-03-31/functions/function/invocations, as AWS's runtime interface emulator does.",
    "The environment says the rest, as in the course: PREDICTIONS_STREAM_NAME (ride_predictions unless given), RUN_ID, MODEL_LOCATION, KINESIS_ENDPOINT_URL, and TEST_RUN=True, which writes nothing. DEAD_LETTER_STREAM_NAME takes the records that cannot be read; without it POISON_RECORDS=retry or skip says what becomes of them.",
    'An event\'s answer is {"predictions": […]}, with batchItemFailures when records are to be sent again.',
  ],
  argument: {
    name: "TARGET",
    says: "a model (a file, or a folder with an MLmodel) or a definition (deployment.ts, .js, .mjs, .yaml, or its folder)",
    many: false,
  },
  flags: [...lambdaFlags, homeFlag, requireTrackingFlag, modelFlag, memberFlag, maxModelBytesFlag, limitFlag],
  examples: [
    { says: "On this machine, writing nothing", line: "TEST_RUN=True trimaran lambda examples/ride-duration" },
    {
      says: "Against an emulator of Kinesis",
      line: "KINESIS_ENDPOINT_URL=http://localhost:4566 PREDICTIONS_STREAM_NAME=predictions trimaran lambda deployment.ts",
    },
  ],
  load: () => import("./commands/lambda.ts"),
};
