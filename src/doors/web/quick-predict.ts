// The shortest way to an answer: the commonest request, `POST /predict` with a small body and nothing unusual in its headers, goes
// round Fastify, which would take longer than a small model. Whatever is unusual takes the other way; both answer alike
// (test/doors/web/quick-predict.test.ts).
import type { IncomingMessage, ServerResponse } from "node:http";
import { ownDialect } from "./dialect.ts";
import type { BareCall, Door } from "./door.ts";
import type { Flight } from "./flights.ts";
import { type JsonAnswer, jsonAnswer, jsonType } from "./json-answer.ts";
import type { Observer } from "./observe/observer.ts";

type Handle = (request: IncomingMessage, response: ServerResponse) => void;

/** Answers what is usual, and leaves the rest to `otherwise`. */
export function quickPredict(door: Door, isAllowedHost: (header: string) => boolean, otherwise: Handle): Handle {
  const { apiKeys, corsOrigins, bodyLimit } = door.options;
  // Who asks is looked at: that is the other way's work.
  if (apiKeys.length > 0 || corsOrigins.length > 0) return otherwise;
  const limits = { isAllowedHost, maxBytes: Math.min(bodyLimit, maxBytes), maxHeaders: door.options.maxHeaders };
  return (request, response) => {
    const isUsual =
      request.url === "/predict" && request.method === "POST" && door.phase === "ready" && isPlain(request, limits);
    if (!isUsual) {
      otherwise(request, response);
      return;
    }
    const since = door.observer === null ? 0 : performance.now();
    receive(request, (bytes) => {
      const call = new QuickCall(door, response);
      if (door.observer !== null) call.tell(door.observer, { request, since });
      call.answer(bytes);
    });
  };
}

/** More than this is not small. */
const maxBytes = 65_536;

interface PlainLimits {
  readonly isAllowedHost: (header: string) => boolean;
  readonly maxBytes: number;
  readonly maxHeaders: number;
}

type HeaderKind = "host" | "length" | "type" | "indifferent";

/** As clients spell them; another spelling, or another name, takes the other way. */
const headerKinds: ReadonlyMap<string, HeaderKind> = new Map<string, HeaderKind>(
  Object.entries({
    Host: "host",
    "Content-Length": "length",
    "Content-Type": "type",
    Accept: "indifferent",
    "Accept-Encoding": "indifferent",
    "Accept-Language": "indifferent",
    Connection: "indifferent",
    "Sec-Fetch-Mode": "indifferent",
    "User-Agent": "indifferent",
  } as const).flatMap(([name, kind]) => [
    [name, kind],
    [name.toLowerCase(), kind],
  ]),
);

/** A body of JSON whose length is told, for a host that is ours, and no header that asks for more. */
function isPlain({ rawHeaders, httpVersionMinor }: IncomingMessage, limits: PlainLimits): boolean {
  if (httpVersionMinor !== 1 || rawHeaders.length > 2 * limits.maxHeaders) return false;
  let hosts = 0;
  let lengths = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const value = rawHeaders[at + 1]!;
    switch (headerKinds.get(rawHeaders[at]!)) {
      case "host":
        hosts++;
        if (!limits.isAllowedHost(value)) return false;
        break;
      case "length":
        lengths++;
        if (!(Number(value) <= limits.maxBytes)) return false;
        break;
      case "type":
        if (value !== "application/json") return false;
        break;
      case "indifferent":
        break;
      default:
        return false;
    }
  }
  return hosts === 1 && lengths === 1;
}

/** A connection that breaks off before the end of the body leaves nothing to answer. */
function receive(request: IncomingMessage, done: (bytes: Buffer) => void): void {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => done(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks)));
}

class QuickCall implements BareCall {
  readonly #door: Door;
  readonly #response: ServerResponse;
  readonly #id: string;
  readonly #flight: Flight<QuickCall>;
  #bytes = 0;
  #modelVersion: string | null = null;

  constructor(door: Door, response: ServerResponse) {
    this.#door = door;
    this.#response = response;
    this.#id = door.nextId();
    this.#flight = door.flights.begin(this);
  }

  answer(bytes: Buffer): void {
    const flight = this.#flight;
    const { admission } = this.#door;
    const job = (since: number): void | Promise<void> => {
      flight.started = since;
      return this.#predict(bytes);
    };
    try {
      const isGone = (): boolean => flight.settled || this.#response.destroyed;
      const done = admission.enter(job, { isGone, deadline: flight.deadline });
      if (done === undefined) this.#end();
      else
        done.then(
          () => this.#end(),
          (error: unknown) => this.#refuse(error),
        );
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Tells of the answer when it is out. */
  tell(observer: Observer, { request, since }: { readonly request: IncomingMessage; readonly since: number }): void {
    const response = this.#response;
    const { remoteAddress } = request.socket;
    response.once("close", () => {
      const flight = this.#flight;
      observer.answered({
        method: "POST",
        route: "/predict",
        status: response.statusCode,
        grpcStatus: null,
        bytes: this.#bytes,
        elapsedMs: performance.now() - since,
        requestId: this.#id,
        flight,
        modelVersion: this.#modelVersion,
        apiKey: null,
        remote: remoteAddress,
        aborted: !response.writableFinished,
        // Whoever sends them takes the other way.
        traceparent: undefined,
        tracestate: undefined,
        attributes: () => httpAttributes(request, remoteAddress),
      });
    });
  }

  /** Its time is over. */
  fail(error: unknown): void {
    const { status, headers, text } = this.#door.errorReply(error, this.#id, ownDialect);
    this.#send(status, headers.flat(), text);
  }

  #predict(bytes: Buffer): void | Promise<void> {
    const door = this.#door;
    const flight = this.#flight;
    const service = door.service();
    flight.service = service.name;
    const call = { door, service, flight, predictionId: this.#id, meta: false };
    const answer = jsonAnswer(call, bytes);
    if (answer instanceof Promise) return answer.then((later) => this.#answer(later));
    this.#answer(answer);
  }

  #answer(answer: JsonAnswer | null): void {
    if (answer === null) return;
    const { text, warnings, version } = answer;
    this.#modelVersion = version;
    const headers = ["content-type", jsonType, "x-prediction-id", this.#id];
    if (warnings !== null) headers.push("x-trimaran-warnings", warnings);
    if (version !== null) headers.push("x-model-version", version);
    this.#send(200, headers, text);
  }

  #end(): void {
    const flight = this.#flight;
    if (flight.started > 0) this.#door.admission.leave(flight.started);
    this.#door.flights.end(flight);
  }

  #refuse(error: unknown): void {
    const { settled } = this.#flight;
    this.#end();
    if (!settled) this.fail(error);
  }

  #send(status: number, headers: string[], text: string): void {
    this.#door.count(this.#flight, ownDialect.name, status);
    if (this.#door.closesConnections) headers.push("connection", "close");
    this.#bytes = Buffer.byteLength(text);
    headers.push("x-request-id", this.#id, "content-length", String(this.#bytes));
    this.#response.writeHead(status, headers);
    this.#response.end(text);
  }
}

/** As `httpAttributes` of observe/http-call.ts, of what is known of such a request. */
function httpAttributes(request: IncomingMessage, remote: string | undefined): Record<string, string | number> {
  const { host, port } = /^(?<host>.*?)(?::(?<port>\d+))?$/.exec(request.headers.host ?? "")?.groups ?? {};
  return {
    "http.request.method": "POST",
    "http.route": "/predict",
    "url.path": "/predict",
    "url.scheme": "encrypted" in request.socket ? "https" : "http",
    "network.protocol.version": request.httpVersion,
    "server.address": (host ?? "").slice(0, 255),
    ...(port === undefined ? {} : { "server.port": Number(port) }),
    ...(remote === undefined ? {} : { "client.address": remote }),
  };
}
