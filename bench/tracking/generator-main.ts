// The load generator, in a process of its own: one task after the other, each of requests from callers that never rest.
import { randomBytes } from "node:crypto";
import { Agent, request as httpRequest } from "node:http";
import { longRun } from "./long-run.ts";
import type { GeneratorTask, TaskResult } from "./task.ts";

process.on("message", (task: GeneratorTask) => {
  run(task).then(
    (result) => process.send?.(result),
    (error: unknown) => process.send?.({ error: String(error) }),
  );
});

async function run(task: GeneratorTask): Promise<TaskResult> {
  switch (task.kind) {
    case "load":
      return load(task);
    case "artifact":
      return artifact(task);
    case "history":
      return history(task);
  }
}

interface Sent {
  readonly status: number;
  readonly text: string;
}

function caller(
  url: string,
  connections: number,
  timeoutMs?: number,
): (method: string, path: string, body?: string | Buffer) => Promise<Sent> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const base = new URL(url);
  return (method, path, body) =>
    new Promise((resolve, reject) => {
      const headers =
        body === undefined
          ? {}
          : {
              "content-type": typeof body === "string" ? "application/json" : "application/octet-stream",
              "content-length": Buffer.byteLength(body),
            };
      const call = httpRequest({ agent, host: base.hostname, port: base.port, method, path, headers }, (answer) => {
        const chunks: Buffer[] = [];
        let bytes = 0;
        answer.on("data", (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes < 64 << 20 && typeof body !== "object" && !path.startsWith("/api/2.0/mlflow-artifacts"))
            chunks.push(chunk);
        });
        answer.once("end", () => resolve({ status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }));
        answer.once("error", reject);
      });
      call.once("error", reject);
      if (timeoutMs !== undefined)
        call.setTimeout(timeoutMs, () => call.destroy(new Error(`no answer in ${timeoutMs} ms`)));
      call.end(body);
    });
}

const api = "/api/2.0/mlflow";

async function load({
  url,
  work,
  seconds,
  connections,
  timeoutMs,
  search,
}: Extract<GeneratorTask, { kind: "load" }>): Promise<TaskResult> {
  const ask = caller(url, connections, timeoutMs);
  const made = await ask("POST", `${api}/runs/create`, JSON.stringify({ experiment_id: "0", start_time: 1 }));
  const { run } = JSON.parse(made.text) as { run: { info: { run_id: string } } };
  const run_id = run.info.run_id;
  let step = 0;
  const once = (): Promise<Sent> => {
    const at = step++;
    const timestamp = 1_700_000_000_000 + at;
    switch (work) {
      case "create-run":
        return ask(
          "POST",
          `${api}/runs/create`,
          JSON.stringify({ experiment_id: "1", start_time: timestamp, run_name: "bench" }),
        );
      case "log-metric":
        return ask(
          "POST",
          `${api}/runs/log-metric`,
          JSON.stringify({ run_id, key: "m", value: at / 7, timestamp, step: at }),
        );
      case "log-batch": {
        const metrics = Array.from({ length: 100 }, (_, index) => ({
          key: `k${index % 10}`,
          value: index / 3,
          timestamp,
          step: at * 100 + index,
        }));
        return ask("POST", `${api}/runs/log-batch`, JSON.stringify({ run_id, metrics }));
      }
      case "get-run":
        return ask("GET", `${api}/runs/get?run_id=${longRun}`);
      case "search":
        return ask(
          "POST",
          `${api}/runs/search`,
          JSON.stringify({ experiment_ids: ["0"], max_results: 100, ...search }),
        );
      case "health":
        return ask("GET", "/health");
    }
  };
  const latencies: number[] = [];
  let failures = 0;
  let problem: string | undefined;
  const begin = performance.now();
  const end = begin + seconds * 1000;
  const calls = async (): Promise<void> => {
    while (performance.now() < end) {
      const start = performance.now();
      // A server may drop a connection, as when one of its workers is replaced.
      const { status, text } = await once().catch((error: unknown) => ({ status: 0, text: String(error) }));
      latencies.push(performance.now() - start);
      if (status === 200) continue;
      failures++;
      problem ??= `${status}: ${text.slice(0, 300)}`;
    }
  };
  await Promise.all(Array.from({ length: connections }, calls));
  return resultOf(latencies, { ms: performance.now() - begin, failures, problem, bytes: 0 });
}

async function artifact({ url, bytes, direction }: Extract<GeneratorTask, { kind: "artifact" }>): Promise<TaskResult> {
  const ask = caller(url, 1);
  const path = "/api/2.0/mlflow-artifacts/artifacts/0/bench/artifacts/big.bin";
  const content = direction === "up" ? randomBytes(bytes) : undefined;
  const begin = performance.now();
  const { status } = await ask(direction === "up" ? "PUT" : "GET", path, content);
  const ms = performance.now() - begin;
  return resultOf([ms], { ms, failures: status === 200 ? 0 : 1, problem: `${status}`, bytes });
}

async function history({ url, points: most }: Extract<GeneratorTask, { kind: "history" }>): Promise<TaskResult> {
  const ask = caller(url, 1);
  const latencies: number[] = [];
  let points = 0;
  let token = "";
  const begin = performance.now();
  do {
    const start = performance.now();
    const query = `run_id=${longRun}&metric_key=loss&max_results=25000&page_token=${encodeURIComponent(token)}`;
    const { status, text } = await ask("GET", `${api}/metrics/get-history?${query}`);
    if (status !== 200) throw new Error(`the history was answered with ${status}`);
    latencies.push(performance.now() - start);
    const page = JSON.parse(text) as { metrics?: readonly unknown[]; next_page_token?: string };
    points += page.metrics?.length ?? 0;
    token = page.next_page_token ?? "";
  } while (token !== "" && points < most);
  return resultOf(latencies, { ms: performance.now() - begin, failures: 0, problem: undefined, bytes: points });
}

function resultOf(
  latencies: readonly number[],
  rest: {
    readonly ms: number;
    readonly failures: number;
    readonly problem: string | undefined;
    readonly bytes: number;
  },
): TaskResult {
  const sorted = [...latencies].sort((a, b) => a - b);
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
  return { ...rest, requests: sorted.length, p50: at(0.5), p99: at(0.99), max: sorted.at(-1) ?? Number.NaN };
}
