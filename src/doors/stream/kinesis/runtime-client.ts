// The client side of the AWS Lambda runtime API (version 2018-06-01), for images and archives without a runtime of AWS's own:
//
//     GET  runtime/invocation/next            the next event; waits for as long as there is none
//     POST runtime/invocation/{id}/response   its answer
//     POST runtime/invocation/{id}/error      or why there is none: {errorMessage, errorType, stackTrace}
//     POST runtime/init/error                 the function cannot start
import { Agent, type IncomingMessage, request } from "node:http";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import type { LambdaFunction } from "./open-lambda.ts";

export interface RuntimeClientOptions {
  /** `AWS_LAMBDA_RUNTIME_API`: `127.0.0.1:9001` */
  readonly api: string;
  readonly lambda: LambdaFunction;
}

/** Serves events until the signal comes. @throws LAMBDA_RUNTIME, and what kept the function from starting, once the API knows it */
export async function serveRuntime({ api, lambda }: RuntimeClientOptions, signal: AbortSignal): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const runtime = new Runtime(api, agent, signal);
  try {
    try {
      await lambda.ready();
    } catch (error) {
      await runtime.post("init/error", faultOf(error)).catch(() => {});
      throw error;
    }
    while (!signal.aborted) {
      const next = await runtime.next();
      if (next === null) return;
      await answer(runtime, lambda, next);
    }
  } finally {
    agent.destroy();
  }
}

interface Invocation {
  readonly id: string;
  readonly deadlineMs: number;
  readonly body: Buffer;
}

async function answer(runtime: Runtime, lambda: LambdaFunction, { id, deadlineMs, body }: Invocation): Promise<void> {
  const path = `invocation/${encodeURIComponent(id)}`;
  let result: unknown;
  try {
    const event: unknown = JSON.parse(body.toString("utf8"));
    result = await lambda.handle(event, { getRemainingTimeInMillis: () => deadlineMs - Date.now() });
  } catch (error) {
    await runtime.post(`${path}/error`, faultOf(error));
    return;
  }
  await runtime.post(`${path}/response`, { body: result });
}

interface Posted {
  readonly body: unknown;
  readonly errorType?: string;
}

/** As the runtimes of AWS tell an error. */
export function faultOf(error: unknown): Posted & { readonly body: LambdaFault } {
  if (!isTrimaranError(error)) {
    const { name = "Error", message = "", stack = "" } = error instanceof Error ? error : { message: String(error) };
    const stackTrace = stack
      .split("\n")
      .slice(1, 17)
      .map((line) => line.trim());
    return { body: { errorMessage: message, errorType: name, stackTrace }, errorType: `Runtime.${name}` };
  }
  const { code, message, fix, issues } = error;
  const body = { errorMessage: `${message} ${fix}`, errorType: code, stackTrace: [], issues: issues.slice(0, 100) };
  return { body, errorType: `Trimaran.${code}` };
}

export interface LambdaFault {
  readonly errorMessage: string;
  readonly errorType: string;
  readonly stackTrace: readonly string[];
}

class Runtime {
  readonly #base: string;
  readonly #agent: Agent;
  readonly #signal: AbortSignal;

  constructor(api: string, agent: Agent, signal: AbortSignal) {
    this.#base = `http://${api}/2018-06-01/runtime/`;
    this.#agent = agent;
    this.#signal = signal;
  }

  /** Null: the signal came. */
  async next(): Promise<Invocation | null> {
    let answered: Answered;
    try {
      // No time limit: between two events a function may sleep for hours.
      answered = await this.#ask("GET", "invocation/next", {});
    } catch (cause) {
      if (this.#signal.aborted) return null;
      throw cause;
    }
    const { status, headers, body } = answered;
    const id = headers["lambda-runtime-aws-request-id"];
    if (status !== 200 || typeof id !== "string") {
      throw trimaranError("LAMBDA_RUNTIME", { problem: `status ${status} for the next event` });
    }
    const deadlineMs = Number(headers["lambda-runtime-deadline-ms"]) || Date.now() + 3000;
    return { id, deadlineMs, body };
  }

  async post(path: string, { body, errorType }: Posted): Promise<void> {
    const headers = {
      "content-type": "application/json",
      ...(errorType === undefined ? {} : { "lambda-runtime-function-error-type": errorType }),
    };
    const { status } = await this.#ask("POST", path, headers, Buffer.from(JSON.stringify(body)));
    // 413: the answer is too large; the runtime API has then failed the event by itself.
    if (status >= 300 && status !== 413)
      throw trimaranError("LAMBDA_RUNTIME", { problem: `status ${status} for an answer` });
  }

  #ask(method: string, path: string, headers: Readonly<Record<string, string>>, body?: Buffer): Promise<Answered> {
    return new Promise((resolve, reject) => {
      const fail = (cause: Error): void =>
        reject(trimaranError("LAMBDA_RUNTIME", { problem: "the connection failed" }, { cause }));
      const options = {
        method,
        agent: this.#agent,
        headers: { ...headers, ...(body && { "content-length": body.length }) },
      };
      // Answers are sent even when the process is told to stop: only the wait for another event ends.
      const signal = method === "GET" ? { signal: this.#signal } : {};
      const asked = request(this.#base + path, { ...options, ...signal }, (response) => {
        readAll(response).then(
          (read) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: read }),
          fail,
        );
      });
      asked.on("error", fail);
      asked.end(body);
    });
  }
}

interface Answered {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

async function readAll(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
