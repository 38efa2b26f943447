// A tracking server in a folder of its own, asked without a client of MLflow's.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTracking, type TrackingOptions } from "../../src/tracking/open-tracking.ts";
import { testStoreUri } from "./test-store.ts";

export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly json: Record<string, unknown>;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface TestServer extends AsyncDisposable {
  readonly folder: string;
  readonly artifacts: string;
  readonly port: number;
  /** A body that is no string is sent as JSON. */
  ask(method: string, target: string, body?: unknown, headers?: Readonly<Record<string, string>>): Promise<Answer>;
}

export async function trackingServer(options: Partial<TrackingOptions> = {}): Promise<TestServer> {
  const { request } = await import("node:http");
  const folder = await mkdtemp(join(tmpdir(), "trimaran-tracking-"));
  const artifacts = join(folder, "artifacts");
  const places = { backendStoreUri: await testStoreUri(folder), artifactsDestination: artifacts };
  // Accounts lie beside a file; a PostgreSQL store has no place of its own for them.
  const access = options.access === undefined ? {} : { access: { ...options.access, folder } };
  const tracking = await openTracking({ ...places, ...options, ...access });
  const listening = await tracking.listen({ port: 0 });
  const { port } = listening;
  return {
    folder,
    artifacts,
    port,
    // node:http sends paths as they are given; fetch would tidy them.
    ask: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        const isJson = body !== undefined && typeof body !== "string";
        const type = isJson ? { "content-type": "application/json" } : {};
        const sent = isJson ? JSON.stringify(body) : (body as string | undefined);
        // Of a DELETE, node:http would not tell it.
        const length = sent === undefined ? {} : { "content-length": String(Buffer.byteLength(sent)) };
        const call = request(
          { host: "127.0.0.1", port, method, path, headers: { ...type, ...length, ...headers }, agent: false },
          (answer) => {
            const chunks: Buffer[] = [];
            answer.on("data", (chunk: Buffer) => chunks.push(chunk));
            answer.on("end", () => {
              const text = Buffer.concat(chunks).toString();
              const given = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
              resolve({ status: answer.statusCode ?? 0, text, json: given, headers: answer.headers });
            });
          },
        );
        call.once("error", reject);
        call.end(sent);
      }),
    [Symbol.asyncDispose]: async () => {
      await listening.close();
      await tracking.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
