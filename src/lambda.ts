// The entry `trimaran/lambda`: a handler for AWS Lambda that scores the records of a Kinesis stream. Importing it opens nothing.
import process from "node:process";
import { fileURLToPath } from "node:url";
import type { LambdaAnswer } from "./doors/stream/kinesis/lambda-function.ts";
import type { LambdaContext, LambdaFunction } from "./doors/stream/kinesis/open-lambda.ts";

export type { KinesisEvent, KinesisEventRecord } from "./doors/stream/kinesis/kinesis-event.ts";
export type { LambdaAnswer, LambdaContext };

export interface LambdaHandlerOptions {
  /** A definition or a model: a path, a `file:` URL or a URI. @default `TRIMARAN_TARGET`, else the folder of the function's code */
  readonly target?: string | URL;
  /** Another model than the one that the definition names; of several models URIs by name. */
  readonly model?: string | Readonly<Record<string, string>>;
  /** Of a model's file that holds several parts: those that make the model, in order. */
  readonly members?: readonly string[];
  /** @default the process's */
  readonly env?: Readonly<Record<string, string | undefined>>;
}

/** One call a event; the model is opened once a container. */
export type LambdaHandler = (event: unknown, context?: LambdaContext) => Promise<LambdaAnswer>;

/**
 * Makes a handler, which opens the model at once; or, called as a handler itself, scores an event with the target that
 * `TRIMARAN_TARGET` names.
 *
 * `PREDICTIONS_STREAM_NAME`, `RUN_ID`, `TEST_RUN`, `MODEL_LOCATION` and `KINESIS_ENDPOINT_URL` are read as in the course;
 * `DEAD_LETTER_STREAM_NAME` and `POISON_RECORDS` say what becomes of records that cannot be taken.
 *
 * @example
 * export const handler = lambdaHandler({ target: new URL("./deployment.ts", import.meta.url) });
 *
 * @throws LAMBDA_*, KINESIS_*, and every code of opening a definition or a model; Lambda then sends the event again
 */
export function lambdaHandler(options?: LambdaHandlerOptions): LambdaHandler;
export function lambdaHandler(event: { readonly Records: unknown }, context?: unknown): Promise<LambdaAnswer>;
export function lambdaHandler(
  given: LambdaHandlerOptions | { readonly Records: unknown } = {},
  context?: unknown,
): LambdaHandler | Promise<LambdaAnswer> {
  // Lambda gives a context with each event, also with one that is no event of a stream.
  if (context !== undefined || (given !== null && "Records" in given)) {
    own ??= makeHandler({});
    return own(given, (context ?? {}) as LambdaContext);
  }
  return makeHandler(given as LambdaHandlerOptions);
}

let own: LambdaHandler | undefined;

function makeHandler(options: LambdaHandlerOptions): LambdaHandler {
  const opening = openFunction(options);
  // Told with the first event.
  opening.then((lambda) => lambda.ready()).catch(() => {});
  return async (event, context) => (await opening).handle(event, context);
}

async function openFunction({
  target,
  model,
  members,
  env = process.env,
}: LambdaHandlerOptions): Promise<LambdaFunction> {
  const { openLambda } = await import("./doors/stream/kinesis/open-lambda.ts");
  const { openService } = await import("./serving/open-service.ts");
  const { settleTarget } = await import("./serving/slot/expand-target.ts");
  const named = target === undefined ? (env["TRIMARAN_TARGET"] ?? env["LAMBDA_TASK_ROOT"] ?? ".") : String(target);
  const place = named.startsWith("file:") ? fileURLToPath(named) : named;
  return openLambda({
    env,
    // Of a function only this folder can be written.
    open: async (location) => {
      const home = env["TRIMARAN_HOME"] ?? (env["LAMBDA_TASK_ROOT"] === undefined ? undefined : "/tmp/.trimaran");
      const chosen = { model: model ?? location ?? undefined, members };
      const settled = await settleTarget({ target: place, ...chosen });
      return openService(settled.place, { ...chosen, env, tracking: { env, home } });
    },
    log: (line) => void process.stderr.write(`${JSON.stringify(line)}\n`),
  });
}
