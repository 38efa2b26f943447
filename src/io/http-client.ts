// Outgoing HTTP with its rules: a deadline, a limit on the answer's size, and no redirect that leads to another host (a request
// and its headers are meant for the host that was named). Connections are kept and used again.

export interface HttpRequest {
  readonly url: URL;
  /** @default "GET" */
  readonly method?: "GET" | "POST";
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** For the whole exchange. */
  readonly timeoutMs: number;
  /** Of the answer, after decompression. */
  readonly maxBytes: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly kind: "answer";
  readonly status: number;
  readonly headers: Headers;
  readonly body: Uint8Array;
}

/**
 * - `unreachable`: nothing was answered: no such host, refused, or closed before an answer
 * - `broken`: the answer stopped in the middle, or is no HTTP
 */
export interface HttpFailure {
  readonly kind: "unreachable" | "broken" | "timeout" | "too-large" | "redirect" | "aborted";
  /** Without the URL: it may hold what is nobody's affair. */
  readonly problem: string;
  readonly cause: unknown;
}

const maxRedirects = 3;

/** Never throws for what the network does. */
export async function sendHttp(request: HttpRequest): Promise<HttpAnswer | HttpFailure> {
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const signal = request.signal === undefined ? deadline : AbortSignal.any([deadline, request.signal]);
  let answered = false;
  try {
    let url = request.url;
    for (let hop = 0; ; hop++) {
      const answer = await fetch(url, {
        method: request.method ?? "GET",
        headers: { ...request.headers },
        body: request.body === undefined ? null : new Uint8Array(request.body),
        redirect: "manual",
        signal,
      });
      answered = true;
      const next = redirectOf(answer, url);
      if (next === null) return await readAnswer(answer, request.maxBytes);
      await answer.body?.cancel();
      const stays = next.origin === url.origin && mayFollow(answer.status, request.method);
      if (!stays || hop === maxRedirects) {
        return {
          kind: "redirect",
          problem: stays ? "it redirects without end" : "it redirects elsewhere",
          cause: null,
        };
      }
      url = next;
      answered = false;
    }
  } catch (cause) {
    if (deadline.aborted) return { kind: "timeout", problem: "no answer in time", cause };
    if (signal.aborted) return { kind: "aborted", problem: "the request was given up", cause };
    return { kind: answered ? "broken" : "unreachable", problem: problemOf(cause), cause };
  }
}

function redirectOf(answer: Response, from: URL): URL | null {
  const location = answer.headers.get("location");
  if (answer.status < 301 || answer.status > 308 || location === null) return null;
  return URL.canParse(location, from) ? new URL(location, from) : null;
}

/** 301 to 303 may turn a POST into a GET, which asks for something else. */
function mayFollow(status: number, method = "GET"): boolean {
  return method === "GET" || status >= 307;
}

async function readAnswer(answer: Response, maxBytes: number): Promise<HttpAnswer | HttpFailure> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body ?? []) {
    length += chunk.length;
    // Leaving the loop cancels the stream.
    if (length > maxBytes) return { kind: "too-large", problem: `it is larger than ${maxBytes} bytes`, cause: null };
    chunks.push(chunk);
  }
  const body = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.length;
  }
  return { kind: "answer", status: answer.status, headers: answer.headers, body };
}

/** The code of the innermost cause: `ECONNREFUSED`, `UND_ERR_SOCKET`, `CERT_HAS_EXPIRED`. */
function problemOf(cause: unknown): string {
  for (let error: unknown = cause, depth = 0; depth < 5 && error instanceof Error; depth++) {
    const inner = error instanceof AggregateError ? error.errors[0] : error;
    const code: unknown = inner instanceof Error && "code" in inner ? inner.code : undefined;
    if (typeof code === "string") return code;
    error = error.cause;
  }
  return cause instanceof Error && cause.cause instanceof Error && cause.cause.message === "bad port"
    ? "no HTTP is spoken on this port"
    : "the connection failed";
}
