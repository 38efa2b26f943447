// The client's HTTP over a network: the server's prefix and credentials, and trying again as MLflow's Python client does.
import { setTimeout as wait } from "node:timers/promises";
import { trimaranError } from "../../base/errors.ts";
import { codeOf, type HttpStreamAnswer, HttpStreams, type TlsSettings } from "../../io/http-stream.ts";
import type { HttpTransport, TransportAnswer, TransportRequest } from "../../mlflow/client/http-transport.ts";

export interface NetworkTransportOptions {
  /** `https://host:port/prefix`; a user and password in it are not sent: see `authorization`. */
  readonly url: string;
  readonly authorization: string | null;
  readonly tls: TlsSettings;
  readonly maxRetries: number;
  readonly idleMs: number;
}

export interface NetworkTransport extends HttpTransport {
  readonly origin: string;
  readonly isLoopback: boolean;
  close(): void;
}

const retriedStatuses: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const firstWaitMs = 500;
const maxWaitMs = 30_000;

/** @throws TRACKING_URI */
export function networkTransport(options: NetworkTransportOptions): NetworkTransport {
  if (!URL.canParse(options.url)) throw trimaranError("TRACKING_URI", { problem: "it is no URL" });
  const base = new URL(options.url);
  base.username = "";
  base.password = "";
  const prefix = base.pathname.replace(/\/+$/, "");
  const name = `${base.origin}${prefix}`;
  const streams = new HttpStreams(options.tls);

  async function once({ method, target, headers, body, signal }: TransportRequest): Promise<HttpStreamAnswer> {
    const credentials: Record<string, string> =
      options.authorization === null ? {} : { authorization: options.authorization };
    const sent = await streams.open({
      url: new URL(`${base.origin}${prefix}${target}`),
      method,
      headers: { accept: "*/*", "user-agent": "trimaran", ...headers, ...credentials },
      body: body ?? null,
      idleMs: options.idleMs,
      signal,
    });
    if (sent.kind === "answer") return sent;
    signal?.throwIfAborted();
    const { kind, problem } = sent;
    // The cause is left out: it may hold what was sent.
    throw kind === "redirect"
      ? trimaranError("TRACKING_ANSWER", { server: name, problem })
      : new Failure(kind, trimaranError("TRACKING_UNREACHABLE", { server: name, problem }));
  }

  async function send(request: TransportRequest): Promise<TransportAnswer> {
    for (let failures = 0; ; failures++) {
      const isLast = failures >= options.maxRetries;
      try {
        const answer = await once(request);
        if (isLast || !retriedStatuses.has(answer.status)) return { ...answer, body: wrapped(answer.body, name) };
        const delay = retryAfter(answer.header("retry-after")) ?? waitFor(failures);
        await drain(answer.body);
        await wait(delay, undefined, { signal: request.signal });
      } catch (error) {
        if (!(error instanceof Failure)) throw error;
        // What broke may have been done: only a repetition of the same is harmless.
        if (isLast || (request.method === "POST" && error.kind !== "unreachable")) throw error.told;
        await wait(waitFor(failures), undefined, { signal: request.signal });
      }
    }
  }

  return {
    name,
    origin: base.origin,
    isLoopback: /^(localhost|127(\.\d+){3}|\[::1\])$/.test(base.hostname),
    send,
    close: () => streams.close(),
  };
}

class Failure extends Error {
  readonly kind: string;
  readonly told: Error;

  constructor(kind: string, told: Error) {
    super(told.message);
    this.kind = kind;
    this.told = told;
  }
}

function waitFor(failures: number): number {
  return Math.min(maxWaitMs, firstWaitMs * 2 ** failures * (1 + Math.random() / 2));
}

/** Seconds, or a date; never longer than half a minute. */
function retryAfter(text: string | null): number | null {
  if (text === null) return null;
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(ms) ? null : Math.min(maxWaitMs, Math.max(0, ms));
}

const maxDrainedBytes = 65_536;

/** So that the connection can be used again; a long one is given up. */
async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > maxDrainedBytes) return;
    }
  } catch {
    // It is of no use any more.
  }
}

async function* wrapped(body: AsyncIterable<Uint8Array>, server: string): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } catch (cause) {
    throw trimaranError("TRACKING_UNREACHABLE", {
      server,
      problem: codeOf(cause) ?? "its answer stopped in the middle",
    });
  }
}
