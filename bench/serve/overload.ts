// Open loop: requests come at a rate, whoever answers. What a service does at twice of what it can, and while models are exchanged.
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { Latencies } from "./latencies.ts";

export interface OpenLoop {
  readonly port: number;
  readonly path: string;
  readonly body: string;
  /** Requests a second. */
  readonly rate: number;
  readonly seconds: number;
}

export interface OpenResult {
  readonly sent: number;
  /** Answers with 200 a second, of those that were sent within the time. */
  readonly goodput: number;
  /** Of answers with 200, from the moment that the request was due. */
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** 503 with Retry-After and a code. */
  readonly refused: number;
  /** Everything else: statuses and codes of errors, each with how often. */
  readonly failures: Readonly<Record<string, number>>;
  readonly ownCpu: number;
}

export async function openLoop({ port, path, body, rate, seconds }: OpenLoop): Promise<OpenResult> {
  const agent = new Agent({ keepAlive: true });
  const latencies = new Latencies();
  const failures: Record<string, number> = {};
  const pending = new Set<Promise<void>>();
  let refused = 0;
  let sent = 0;
  const cpu = process.cpuUsage();
  const start = performance.now();
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  const send = (due: number): Promise<void> =>
    new Promise((resolve) => {
      const failed = (what: string): void => {
        failures[what] = (failures[what] ?? 0) + 1;
        resolve();
      };
      const asked = request({ port, host: "127.0.0.1", path, method: "POST", agent, headers }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk: string) => {
          text += chunk;
        });
        answer.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? "?"));
        answer.on("end", () => {
          if (answer.statusCode === 200) latencies.addMs(performance.now() - due);
          else if (answer.statusCode === 503 && answer.headers["retry-after"] !== undefined && text.includes('"code"'))
            refused++;
          else return failed(String(answer.statusCode));
          resolve();
        });
      });
      asked.on("error", (error: NodeJS.ErrnoException) => failed(error.code ?? "?"));
      asked.end(body);
    });
  while (performance.now() - start < seconds * 1000) {
    const due = Math.floor(((performance.now() - start) / 1000) * rate);
    for (; sent < due; sent++) {
      const one = send(start + (sent / rate) * 1000);
      pending.add(one);
      one.finally(() => pending.delete(one));
    }
    await sleep(1);
  }
  const { user, system } = process.cpuUsage(cpu);
  await Promise.all(pending);
  // What was accepted is answered behind the end too: the time until then counts.
  const spent = (performance.now() - start) / 1000;
  agent.destroy();
  return {
    sent,
    goodput: latencies.total / spent,
    p50Ms: latencies.quantileMs(0.5),
    p99Ms: latencies.quantileMs(0.99),
    refused,
    failures,
    ownCpu: (user + system) / 1e6 / seconds,
  };
}
