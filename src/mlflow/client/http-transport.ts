// The port through which the client speaks HTTP: over a network, or to an embedded store in the same process.

export interface TransportRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query below the server's address: `/api/2.0/mlflow/runs/get?run_id=…`. */
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string | StreamedBody | null;
  readonly signal?: AbortSignal;
}

/** A body that is not held in memory; opened once for each try. */
export interface StreamedBody {
  readonly bytes: number;
  readonly open: () => AsyncIterable<Uint8Array>;
}

export interface TransportAnswer {
  readonly status: number;
  /** By any case of the name; null when it is not there. */
  readonly header: (name: string) => string | null;
  /** Must be read to its end or left by `return`. @throws TRACKING_UNREACHABLE when it stops in the middle */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface HttpTransport {
  /** For messages: the address without credentials, or the file of an embedded store. */
  readonly name: string;
  /** Answers of any status are answers. @throws TRACKING_UNREACHABLE */
  send(request: TransportRequest): Promise<TransportAnswer>;
}

/** Null when it is longer than that. */
export async function readText(body: AsyncIterable<Uint8Array>, maxBytes: number): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) return null;
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return new TextDecoder().decode(bytes);
}
