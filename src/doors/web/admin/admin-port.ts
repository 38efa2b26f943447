// The admin port: the supervisor itself answers there, on loopback only, and only to whoever has the token. Never on the public port.
import { randomUUID } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { isTrimaranError, trimaranError } from "../../../base/errors.ts";
import { portError } from "../../../io/bound-socket.ts";
import { http } from "../../../io/plain-http.ts";
import { hostCheck } from "../access.ts";
import type { Fleet } from "../fleet/fleet-options.ts";
import { type PublicError, problemText, problemType, toPublicError } from "../problem.ts";
import { statusOf } from "../problem-status.ts";
import { type AdminRoute, adminRoutes } from "./admin-routes.ts";
import { isToken } from "./admin-token.ts";
import { readWish } from "./read-wish.ts";

export interface AdminOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly token: string;
  /** A failure of ours. */
  readonly onFault: (requestId: string, error: unknown) => void;
}

const maxBodyBytes = 64 * 1024;
const maxHeaderBytes = 8 * 1024;
const headersTimeoutMs = 5000;
const requestTimeoutMs = 10_000;
const isOwnName = hostCheck("127.0.0.1", []);

/** Listens at once and answers 503 until it has a service. @throws PORT_IN_USE, PORT_NOT_ALLOWED */
export async function openAdminPort(options: AdminOptions): Promise<AdminPort> {
  const admin = new AdminPort(options);
  await admin.listen();
  return admin;
}

export class AdminPort {
  readonly #options: AdminOptions;
  readonly #servers: Server[] = [];
  #fleet: Fleet | null = null;
  #state: "loading" | "draining" = "loading";
  port = 0;

  constructor(options: AdminOptions) {
    this.#options = options;
  }

  /** What it administers from now on; null: it is on its way down. */
  serve(fleet: Fleet | null): void {
    this.#fleet = fleet;
    if (fleet === null) this.#state = "draining";
  }

  async listen(): Promise<void> {
    const { port } = this.#options;
    for (let attempt = 1; ; attempt++) {
      this.port = await this.#listenOn("127.0.0.1", port);
      try {
        await this.#listenOn("::1", this.port);
        return;
      } catch (error) {
        const { code = "" } = error as NodeJS.ErrnoException;
        const { cause = error } = error as Error;
        const system = (cause as NodeJS.ErrnoException).code ?? code;
        // A machine without IPv6.
        if (system === "EADDRNOTAVAIL" || system === "EAFNOSUPPORT" || system === "EPERM") return;
        if (port !== 0 || attempt === 20) throw error;
        this.close();
      }
    }
  }

  close(): void {
    for (const server of this.#servers.splice(0)) {
      server.close();
      server.closeAllConnections();
    }
  }

  #listenOn(host: string, port: number): Promise<number> {
    const server = http.createServer(
      {
        requestTimeout: requestTimeoutMs,
        headersTimeout: headersTimeoutMs,
        connectionsCheckingInterval: 1000,
        maxHeaderSize: maxHeaderBytes,
        keepAliveTimeout: 5000,
      },
      (request, response) => this.#receive(request, response),
    );
    server.maxConnections = 100;
    server.on("clientError", (error, socket) => refuseMalformed(error, socket as Socket));
    this.#servers.push(server);
    return new Promise((resolve, reject) => {
      server.once("error", (error: NodeJS.ErrnoException) => {
        this.#servers.splice(this.#servers.indexOf(server), 1);
        reject(portError(error.code ?? "", { host, port }, error));
      });
      server.listen({ host, port, exclusive: true }, () => resolve((server.address() as AddressInfo).port));
    });
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const requestId = randomUUID();
    response.on("error", () => {});
    this.#answer(request).then(
      (value) => send(response, { status: 200, type: "application/json; charset=utf-8", text: JSON.stringify(value) }),
      (error: unknown) => {
        const shown = shownError(error);
        if (shown.code === "INTERNAL") this.#options.onFault(requestId, error);
        const headers = {
          ...(shown.status === 401 ? { "www-authenticate": "Bearer" } : {}),
          ...(shown.status === 503 ? { "retry-after": "1" } : {}),
          ...(shown.code === "REQUEST_METHOD" ? { allow: methodsOf(request).join(", ") } : {}),
          // What of the body nobody read is not read as a request.
          ...(request.complete ? {} : { connection: "close" }),
        };
        send(response, { status: shown.status, type: problemType, text: problemText(shown, requestId), headers });
      },
    );
  }

  async #answer(request: IncomingMessage): Promise<object> {
    assertMayAsk(request, this.#options.token);
    const { method = "" } = request;
    const path = pathOf(request);
    const places = adminRoutes.flatMap((route) => {
      const name = matchPath(route.path, path);
      return name === null ? [] : [{ route, name }];
    });
    if (places.length === 0) throw trimaranError("ADMIN_ROUTE", { path: path.slice(0, 200) });
    const place = places.find(({ route }) => route.method === method);
    if (place === undefined) {
      throw trimaranError("REQUEST_METHOD", {
        path: path.slice(0, 200),
        method,
        allowed: methodsOf(request).join(", "),
      });
    }
    const { route, name } = place;
    const wish = readWish(await readBody(request), takenBy(route));
    if (this.#fleet === null) throw trimaranError("SERVICE_NOT_READY", { state: this.#state });
    return route.answer({ fleet: this.#fleet, name, wish });
  }
}

/** Before anything of the request is read. @throws REQUEST_MALFORMED, REQUEST_HOST, ADMIN_ORIGIN, ADMIN_TOKEN */
function assertMayAsk({ headers, rawHeaders }: IncomingMessage, token: string): void {
  for (const name of ["host", "authorization"]) {
    const count = rawHeaders.filter((each, index) => index % 2 === 0 && each.toLowerCase() === name).length;
    if (count > 1) throw trimaranError("REQUEST_MALFORMED", { problem: `the header ${name} comes twice` });
  }
  if (!isOwnName(headers.host ?? "")) throw trimaranError("REQUEST_HOST", {});
  if (headers.origin !== undefined) throw trimaranError("ADMIN_ORIGIN", {});
  const sent = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1] ?? "";
  if (!isToken(sent, token)) throw trimaranError("ADMIN_TOKEN", {});
}

/** @throws ADMIN_TOO_LARGE, REQUEST_ENCODING, REQUEST_MEDIA_TYPE, REQUEST_MALFORMED */
async function readBody(request: IncomingMessage): Promise<Buffer> {
  const { "content-encoding": encoding = "identity", "content-type": type } = request.headers;
  if (encoding.toLowerCase() !== "identity") throw trimaranError("REQUEST_ENCODING", { encoding, known: "identity" });
  if (Number(request.headers["content-length"] ?? 0) > maxBodyBytes) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of request as AsyncIterable<Buffer>) {
      size += chunk.length;
      if (size > maxBodyBytes) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (isTrimaranError(cause)) throw cause;
    throw trimaranError("REQUEST_MALFORMED", { problem: "it ended before its body did" }, { cause });
  }
  const isJson = /^application\/json\s*(;|$)/i.test(type ?? "");
  if (size > 0 && !isJson) throw trimaranError("REQUEST_MEDIA_TYPE", { type: type?.slice(0, 100) ?? "none" });
  return Buffer.concat(chunks);
}

function tooLarge(): Error {
  return trimaranError("ADMIN_TOO_LARGE", { limit: maxBodyBytes });
}

function pathOf({ url = "" }: IncomingMessage): string {
  const path = url.split("?", 1)[0] ?? "";
  return path.length > 1 ? path.replace(/\/$/, "") : path;
}

/** What stands for `{name}`, the empty text where there is none; null: it is another path. */
function matchPath(pattern: string, path: string): string | null {
  const [wanted, given] = [pattern.split("/"), path.split("/")];
  if (wanted.length !== given.length) return null;
  let name = "";
  for (const [index, part] of wanted.entries()) {
    const text = given[index] ?? "";
    if (part !== "{name}") {
      if (part !== text) return null;
      continue;
    }
    try {
      name = decodeURIComponent(text);
    } catch {
      return null;
    }
    if (name === "") return null;
  }
  return name;
}

function methodsOf(request: IncomingMessage): readonly string[] {
  const path = pathOf(request);
  return adminRoutes.flatMap((route) => (matchPath(route.path, path) === null ? [] : [route.method]));
}

function takenBy({ path, required = [], optional = [] }: AdminRoute): Parameters<typeof readWish>[1] {
  return { path, required, optional };
}

/** Whoever has the token runs the service: what went wrong in it is told, unless it is no error of ours. */
function shownError(error: unknown): PublicError {
  if (!isTrimaranError(error)) return toPublicError(error);
  const { code, kind, message, fix, issues } = error;
  return { status: statusOf(error), code, kind, message, fix, issues: issues.slice(0, 1000) };
}

interface Sent {
  readonly status: number;
  readonly type: string;
  readonly text: string;
  readonly headers?: Readonly<Record<string, string>>;
}

function send(response: ServerResponse, { status, type, text, headers = {} }: Sent): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(text),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...headers,
  });
  response.end(text);
}

/** Bytes that are no HTTP, or come too slowly. */
function refuseMalformed(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const shown = shownError(malformedError(error.code));
  const text = problemText(shown, randomUUID());
  socket.end(
    `HTTP/1.1 ${shown.status} ${http.STATUS_CODES[shown.status]}\r\nContent-Type: ${problemType}\r\nContent-Length: ${Buffer.byteLength(text)}\r\nConnection: close\r\n\r\n${text}`,
  );
}

function malformedError(code: string | undefined): Error {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") {
    return trimaranError("REQUEST_SLOW", { limitMs: headersTimeoutMs, bodyLimitMs: requestTimeoutMs });
  }
  if (code === "HPE_HEADER_OVERFLOW") return trimaranError("REQUEST_HEADERS_TOO_LARGE", { limit: maxHeaderBytes });
  return trimaranError("REQUEST_MALFORMED", { problem: "it cannot be parsed" });
}
