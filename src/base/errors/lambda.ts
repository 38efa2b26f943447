// Rows of the error table: AWS Lambda and Kinesis.
export const lambdaErrors = {
  LAMBDA_EVENT: {
    kind: "invalid",
    message: "The event is not one of a Kinesis stream: {problem}.",
    fix: "Connect the function to a Kinesis stream by an event source mapping, or send an event of that shape.",
  },
  LAMBDA_SETTING: {
    kind: "invalid",
    message: "The variable {name} must be {expected}.",
    fix: "Mend it in the function's configuration, or leave it out.",
  },
  LAMBDA_RECORDS: {
    kind: "invalid",
    message: "{count} record(s) could not be taken, first: {first}",
    fix: "Set DEAD_LETTER_STREAM_NAME to keep such records aside, or POISON_RECORDS=skip to leave them out; the log names each.",
  },
  LAMBDA_RUNTIME: {
    kind: "unavailable",
    message: "The runtime API of AWS Lambda does not answer as it should: {problem}.",
    fix: "Run this inside AWS Lambda, or without AWS_LAMBDA_RUNTIME_API for a local endpoint.",
  },
  LAMBDA_PORT: {
    kind: "invalid",
    message: "{host}:{port} cannot be listened on: {problem}.",
    fix: "Free the port, or give another with `--port`; 0 takes a free one.",
  },
  KINESIS_STREAM: {
    kind: "invalid",
    message: "The stream {stream} cannot be written: {problem}.",
    fix: "Look at the name in PREDICTIONS_STREAM_NAME or DEAD_LETTER_STREAM_NAME, and at the region.",
  },
  KINESIS_DENIED: {
    kind: "denied",
    message: "AWS does not let us write to the stream {stream}: {problem}.",
    fix: "Give the function's role kinesis:PutRecords on the stream, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
  },
} as const;
