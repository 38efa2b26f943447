// The function on this machine: the endpoint of Lambda's Invoke API, at the address where the course's test script, and whoever
// knows AWS's runtime interface emulator, expects it. Events are answered one after the other, as one container answers them.
import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { trimaranError } from "../../../base/errors.ts";
import type { LambdaFunction } from "./open-lambda.ts";
import { faultOf } from "./runtime-client.ts";

export interface LocalEndpointOptions {
  readonly lambda: LambdaFunction;
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
  /** Of one event. */
  readonly timeoutMs: number;
}

export interface LocalEndpoint {
  readonly host: string;
  readonly port: number;
  /** Answers what has come, and takes nothing more. */
  close(): Promise<void>;
}

/** What Lambda takes of a caller that waits for the answer. */
const maxEventBytes = 6 * 1024 * 1024;
const invocations = /^\/2015-03-31\/functions\/[A-Za-z0-9:$_-]{1,170}\/invocations$/;

/** @throws LAMBDA_PORT */
export async function openLocalEndpoint(options: LocalEndpointOptions): Promise<LocalEndpoint> {
  const { host, port } = options;
  let last: Promise<unknown> = Promise.resolve();
  const inTurn: Turn = (work) => {
    const done = last.then(work, work);
    last = done.catch(() => {});
    return done;
  };
  const server = createServer((request, response) => {
    invoke({ request, response }, options, inTurn).catch(() => response.destroy());
  });
  server.requestTimeout = 60_000;
  await listen(server, host, port);
  return {
    host,
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((done) => server.close(done));
      // A connection that has just been answered is idle a moment later.
      const closing = setInterval(() => server.closeIdleConnections(), 20);
      await last;
      await closed;
      clearInterval(closing);
    },
  };
}

type Turn = <T>(work: () => Promise<T>) => Promise<T>;

interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

async function invoke({ request, response }: Exchange, options: LocalEndpointOptions, inTurn: Turn): Promise<void> {
  const { lambda, timeoutMs } = options;
  const send = (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void => {
    const text = body === undefined ? "" : JSON.stringify(body);
    const face = { "content-type": "application/json", "x-amzn-requestid": randomUUID(), ...headers };
    response.writeHead(status, { ...face, "content-length": Buffer.byteLength(text) });
    response.end(text);
  };
  const refuse = (status: number, type: string, message: string): void => {
    const close: Readonly<Record<string, string>> = request.complete ? {} : { connection: "close" };
    send(status, { Type: "User", Message: message, message }, { "x-amzn-errortype": type, ...close });
  };
  const path = (request.url ?? "").split("?")[0] ?? "";
  if (!invocations.test(path)) {
    return refuse(404, "ResourceNotFoundException", "POST events to /2015-03-31/functions/function/invocations.");
  }
  if (request.method !== "POST") return refuse(405, "InvalidRequestContentException", "Events are sent by POST.");
  // Pages of browsers do not get to write to streams.
  if (request.headers.origin !== undefined) {
    return refuse(403, "AccessDeniedException", "Requests of web pages are not taken.");
  }
  const body = await readBody(request);
  if (body === null) {
    return refuse(413, "RequestTooLargeException", `The event is larger than ${maxEventBytes} bytes.`);
  }
  let event: unknown;
  try {
    event = JSON.parse(body.length === 0 ? "{}" : body.toString("utf8"));
  } catch {
    return refuse(400, "InvalidRequestContentException", "Could not parse request body into json.");
  }
  const type = request.headers["x-amz-invocation-type"] ?? "RequestResponse";
  if (type === "DryRun") return send(204, undefined);
  const work = inTurn(async () => {
    const end = Date.now() + timeoutMs;
    return lambda.handle(event, { getRemainingTimeInMillis: () => end - Date.now() });
  });
  const version = { "x-amz-executed-version": "$LATEST" };
  if (type === "Event") {
    work.catch(() => {});
    return send(202, undefined);
  }
  await work.then(
    (answer) => send(200, answer, version),
    (error: unknown) => send(200, faultOf(error).body, { ...version, "x-amz-function-error": "Unhandled" }),
  );
}

/** Null: it is larger than what Lambda takes. The rest is read over, so that the caller hears of it. */
function readBody(request: IncomingMessage): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length <= maxEventBytes) {
        chunks.push(chunk);
        return;
      }
      chunks.length = 0;
      resolve(null);
    });
    request.on("end", () => resolve(Buffer.concat(chunks)));
    request.on("error", reject);
  });
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const problem = cause.code ?? "it cannot be opened";
      reject(trimaranError("LAMBDA_PORT", { port, host, problem }, { cause }));
    });
    server.listen(port, host, () => resolve());
  });
}
