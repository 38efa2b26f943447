// What the fault tests measure with: a steady client beside the trouble, and what a process holds.
import { readdirSync, readFileSync } from "node:fs";
import { Agent } from "node:http";
import { connect, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { ask, row } from "../../doors/web/fleet/fixtures.ts";

export interface Steady {
  /** Statuses other than 200, codes of errors, and answers that differ from the first one. */
  readonly failures: readonly string[];
  /** By when 99 of 100 answers were there, in ms. */
  readonly p99Ms: number;
}

/** One client that asks every 5 ms over one connection until `stop` is called. */
export function steadyClient(port: number): { readonly answers: () => number; readonly stop: () => Promise<Steady> } {
  const times: number[] = [];
  const failures: string[] = [];
  let isOver = false;
  let expected: string | undefined;
  const running = (async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (!isOver) {
      const begin = performance.now();
      try {
        const { status, text } = await ask(port, row, agent);
        expected ??= text;
        if (status !== 200) failures.push(String(status));
        else if (text !== expected) failures.push(text);
      } catch (error) {
        failures.push((error as NodeJS.ErrnoException).code ?? String(error));
      }
      times.push(performance.now() - begin);
      await sleep(5);
    }
    agent.destroy();
  })();
  return {
    answers: () => times.length,
    async stop() {
      isOver = true;
      await running;
      times.sort((one, other) => one - other);
      return { failures, p99Ms: times[Math.floor(times.length * 0.99)] ?? Number.NaN };
    },
  };
}

export function openFiles(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).length;
}

export function residentMiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
}

/** A connection whose errors are nobody's business. */
export function carelessConnection(port: number): Socket {
  return connect(port, "127.0.0.1").on("error", () => {});
}

/** The sum of a metric's samples whose labels match. */
export async function metric(port: number, name: string, labels = ""): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`, { headers: { connection: "close" } })).text();
  const lines = text.split("\n").filter((line) => line.startsWith(name) && line.includes(labels));
  return lines.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(" ") + 1)), 0);
}
