// A request and its answer, whether they travel over a port or stay in the process.

export interface HttpRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  /** By lower-case name. */
  readonly header: (name: string) => string | undefined;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes that are there already need no stream. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

export const securityHeaders: Readonly<Record<string, string>> = {
  "x-content-type-options": "nosniff",
  "x-frame-options": "SAMEORIGIN",
};

export function textAnswer(status: number, body: string): HttpAnswer {
  return { status, headers: { ...securityHeaders, "content-type": "text/plain; charset=utf-8" }, body };
}

export function jsonAnswer(status: number, body: string): HttpAnswer {
  return { status, headers: { ...securityHeaders, "content-type": "application/json" }, body };
}
