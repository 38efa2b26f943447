// A tracking server that answers what a test wants it to: honest about one model unless it is told otherwise.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Answer = (request: IncomingMessage, response: ServerResponse, url: URL) => void;

export interface LyingServer extends AsyncDisposable {
  readonly url: string;
  /** Methods and paths in the order in which they came. */
  readonly seen: string[];
  readonly headers: IncomingMessage["headers"][];
  close(): Promise<void>;
}

export const modelBytes: Uint8Array = Buffer.from("the bytes of a model, long enough to be cut in two");

/** `routes` by the end of the path; what it does not answer is answered as by a real server with `files` as its model. */
export async function lyingServer(
  routes: Readonly<Record<string, Answer>> = {},
  files: Readonly<Record<string, Uint8Array>> = { MLmodel: modelBytes },
): Promise<LyingServer> {
  const seen: string[] = [];
  const headers: IncomingMessage["headers"][] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? "/", "http://host");
    seen.push(`${request.method} ${url.pathname}`);
    headers.push(request.headers);
    const route = Object.entries(routes).find(([end]) => url.pathname.endsWith(end));
    if (route !== undefined) return route[1](request, response, url);
    honest(url, response, files);
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    await new Promise((closed) => server.close(closed));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, seen, headers, close, [Symbol.asyncDispose]: close };
}

export function json(value: unknown, status = 200): Answer {
  return (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
}

function honest(url: URL, response: ServerResponse, files: Readonly<Record<string, Uint8Array>>): void {
  const path = decodeURIComponent(url.pathname);
  const name = path.slice(path.lastIndexOf("/") + 1);
  const bytes = path.includes("/mlflow-artifacts/artifacts/") ? files[name] : undefined;
  if (bytes !== undefined) response.writeHead(200, { "content-length": bytes.length }).end(bytes);
  else {
    const value = told(path, files);
    const missing = { error_code: "RESOURCE_DOES_NOT_EXIST", message: `no ${name}` };
    response.writeHead(value === null ? 404 : 200).end(JSON.stringify(value ?? missing));
  }
}

function told(path: string, files: Readonly<Record<string, Uint8Array>>): unknown {
  if (path.endsWith("/registered-models/alias")) return { model_version: { name: "m", version: "1" } };
  if (path.endsWith("/get-download-uri")) return { artifact_uri: "mlflow-artifacts:/1/models/m-1/artifacts" };
  if (!path.endsWith("/mlflow-artifacts/artifacts")) return null;
  const entries = Object.entries(files);
  return { files: entries.map(([name, { length }]) => ({ path: name, is_dir: false, file_size: length })) };
}
