// The app on a port.
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { FileBody } from "../../io/blobs/file-body.ts";
import { portError } from "../../io/bound-socket.ts";
import { http } from "../../io/plain-http.ts";
import type { App } from "./app.ts";
import type { HttpAnswer } from "./exchange.ts";

const idleMs = 300_000;

export interface Listening {
  readonly url: string;
  readonly port: number;
  /** Finishes what is being answered. */
  close(): Promise<void>;
}

export async function serveApp(
  app: App,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<Listening> {
  const server = http.createServer(
    { keepAliveTimeout: 75_000, requestTimeout: 0, maxHeaderSize: 32_768 },
    (request, response) => {
      answer(app, request, response).catch(() => response.destroy());
    },
  );
  // A body that stalls holds a connection and a half-written file.
  server.setTimeout(idleMs);
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      reject(portError(cause.code ?? "", { host, port }, cause));
    });
    server.listen(port, host, () => resolve());
  });
  const address = server.address() as AddressInfo;
  const name = address.family === "IPv6" ? `[${address.address}]` : address.address;
  return { url: `http://${name}:${address.port}`, port: address.port, close: () => closed(server) };
}

async function answer(app: App, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "GET", url = "/" } = request;
  const header = (name: string): string | undefined => {
    const value = request.headers[name];
    return Array.isArray(value) ? value.join(", ") : value;
  };
  // A handler that gives up in the middle must not end the connection: the client still waits for the reason.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  const given = await app({ method, target: url, header, body });
  // Clients read an answer when they have sent everything: one that comes before, with the end of the connection, is lost on them.
  if (!request.complete) await drained(request);
  // What is left of a body that nobody wanted would be taken for the next request.
  if (!request.complete) response.setHeader("connection", "close");
  await write(given, { method, response });
}

const maxDrainedBytes = 128 * 2 ** 20;
const maxDrainMs = 30_000;

function drained(request: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    let bytes = 0;
    const end = (): void => {
      clearTimeout(timer);
      request.off("data", count);
      request.pause();
      resolve();
    };
    const count = (chunk: Uint8Array): void => {
      bytes += chunk.length;
      if (bytes > maxDrainedBytes) end();
    };
    const timer = setTimeout(end, maxDrainMs);
    request.once("end", end).once("close", end).once("error", end);
    request.on("data", count);
    if (request.destroyed) end();
    else request.resume();
  });
}

async function write(
  given: HttpAnswer,
  { method, response }: { readonly method: string; readonly response: ServerResponse },
): Promise<void> {
  const { status, headers, body } = given;
  if (typeof body === "string" || body instanceof Uint8Array) {
    response.writeHead(status, {
      ...headers,
      ...(status === 204 || status === 304 ? {} : { "content-length": Buffer.byteLength(body) }),
    });
    response.end(method === "HEAD" ? "" : body);
    return;
  }
  response.writeHead(status, headers);
  if (body instanceof FileBody) {
    if (method === "HEAD") await body.close();
    else await body.writeTo(response);
    response.end();
    return;
  }
  const source = body instanceof Readable ? body : Readable.from(body, { objectMode: false });
  if (method === "HEAD") {
    source.destroy();
    response.end();
    return;
  }
  await pipeline(source, response);
}

async function closed(server: Server): Promise<void> {
  const ended = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), 10_000);
  await ended;
  clearTimeout(force);
}
