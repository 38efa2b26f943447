// One outgoing HTTP exchange whose answer is read as a stream: for files, and for servers with certificates of their own. No
// redirect leads to another origin, since a request and its headers are meant for the host that was named.
import { type ClientRequest, Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { HttpFailure } from "./http-client.ts";

export interface TlsSettings {
  /** False: any certificate is taken. @default true */
  readonly verifies?: boolean;
  /** PEM of the authorities that are trusted beside none other. */
  readonly authorities?: string;
  /** PEM that holds our certificate and its key. */
  readonly ownCertificate?: string;
}

/** Opened once for each try. */
export interface StreamedBytes {
  readonly bytes: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface HttpStreamRequest {
  readonly url: URL;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | string | StreamedBytes | null;
  /** How long nothing may arrive. */
  readonly idleMs: number;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpStreamAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly header: (name: string) => string | null;
  /** Throws when it ends before its length, or when nothing arrives any more. */
  readonly body: AsyncIterable<Uint8Array>;
}

const maxRedirects = 3;

/** Keeps connections to be used again. */
export class HttpStreams {
  readonly #agents: { readonly "http:": HttpAgent; readonly "https:": HttpsAgent };

  constructor(tls: TlsSettings = {}) {
    const kept = { keepAlive: true, maxSockets: 16 };
    const { verifies = true, authorities, ownCertificate } = tls;
    const secure = { rejectUnauthorized: verifies, ca: authorities, cert: ownCertificate, key: ownCertificate };
    this.#agents = { "http:": new HttpAgent(kept), "https:": new HttpsAgent({ ...kept, ...secure }) };
  }

  /** Never throws for what the network does before the body. */
  async open(request: HttpStreamRequest): Promise<HttpStreamAnswer | HttpFailure> {
    let { url } = request;
    for (let hop = 0; ; hop++) {
      const answer = await this.#exchange({ ...request, url });
      if ("kind" in answer) return answer;
      const status = answer.statusCode ?? 0;
      const location = answer.headers.location;
      if (status < 301 || status > 308 || status === 304 || location === undefined) return toAnswer(answer);
      answer.destroy();
      const next = URL.canParse(location, url) ? new URL(location, url) : null;
      const keepsMethod = request.method === "GET" || request.method === "HEAD" || status >= 307;
      if (next === null || next.origin !== url.origin || !keepsMethod || hop === maxRedirects) {
        const problem = next?.origin === url.origin ? "it redirects without end" : "it redirects elsewhere";
        return { kind: "redirect", problem, cause: null };
      }
      url = next;
    }
  }

  close(): void {
    this.#agents["http:"].destroy();
    this.#agents["https:"].destroy();
  }

  #exchange({ url, method, headers, body, idleMs, signal }: HttpStreamRequest): Promise<IncomingMessage | HttpFailure> {
    return new Promise((settle) => {
      const fail = (cause: unknown): void => settle(failureOf(cause, signal));
      let sent: ClientRequest;
      const isStreamed = typeof body === "object" && body !== null && "open" in body;
      const bytes = body === null ? null : isStreamed ? body.bytes : Buffer.byteLength(body);
      const length = bytes === null ? {} : { "content-length": String(bytes) };
      const options = { method, headers: { ...headers, ...length }, signal, timeout: idleMs };
      try {
        if (url.protocol === "https:") sent = httpsRequest(url, { ...options, agent: this.#agents["https:"] });
        else if (url.protocol === "http:") sent = httpRequest(url, { ...options, agent: this.#agents["http:"] });
        else return settle({ kind: "unreachable", problem: "it is no http or https URL", cause: null });
      } catch (cause) {
        return fail(cause);
      }
      sent.on("timeout", () => sent.destroy(new TimeoutError()));
      sent.on("error", fail);
      sent.on("response", settle);
      if (isStreamed) pipeline(Readable.from(body.open(), { objectMode: false }), sent).catch(fail);
      else sent.end(body ?? undefined);
    });
  }
}

class TimeoutError extends Error {
  readonly code = "ETIMEDOUT";
}

function failureOf(cause: unknown, signal: AbortSignal | undefined): HttpFailure {
  if (signal?.aborted === true) return { kind: "aborted", problem: "the request was given up", cause };
  if (cause instanceof TimeoutError) return { kind: "timeout", problem: "no answer in time", cause };
  const code = codeOf(cause);
  const isBroken = code === "ECONNRESET" || code === "EPIPE" || (code?.startsWith("HPE_") ?? false);
  return { kind: isBroken ? "broken" : "unreachable", problem: code ?? "the connection failed", cause };
}

/** Codes only: messages may hold addresses. */
export function codeOf(cause: unknown): string | undefined {
  const inner: unknown = cause instanceof AggregateError ? cause.errors[0] : cause;
  const code: unknown = inner instanceof Error && "code" in inner ? inner.code : undefined;
  return typeof code === "string" && /^[A-Z0-9_]{2,60}$/.test(code) ? code : undefined;
}

function toAnswer(answer: IncomingMessage): HttpStreamAnswer {
  return {
    kind: "answer",
    status: answer.statusCode ?? 0,
    header: (name) => {
      const value = answer.headers[name.toLowerCase()];
      return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
    },
    body: answer as AsyncIterable<Uint8Array>,
  };
}
