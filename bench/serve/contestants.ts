// A service that is compared: how it is started, how it is asked, and what its answers must be equal to.
import { setTimeout as sleep } from "node:timers/promises";
import { root } from "../../scripts/stage.ts";
import type { Running } from "./processes.ts";

export type Ports = readonly number[];

export interface Contestant {
  readonly name: string;
  /** The program and its arguments; the first port is the one that is asked. */
  readonly command: (ports: Ports) => readonly [string, ...string[]];
  readonly env?: (ports: Ports) => Readonly<Record<string, string>>;
  /** Those with the same model must answer the same numbers, bit for bit; null computes nothing. */
  readonly model: string | null;
  /** @default /predict */
  readonly path?: string;
  /** For those that do not speak the course's request. */
  readonly bodyOf?: (ride: string) => string;
  /** The number in an answer; by default its `duration`. */
  readonly numberOf?: (answer: string) => number;
  /** It writes much to stderr, which nobody reads. */
  readonly isLoud?: boolean;
}

export const example: string = `${root}examples/ride-duration`;

/** `trimaran serve` from this checkout, or from `bin`. */
export function trimaran(args: readonly string[], bin = `${root}bin/trimaran`): Contestant["command"] {
  return ([port]) => [process.execPath, bin, "serve", ...args, "--port", String(port)];
}

export function pathOf({ path = "/predict" }: Contestant): string {
  return path;
}

export function bodyOf({ bodyOf: made }: Contestant, ride: string): string {
  return made?.(ride) ?? ride;
}

export function numberOf({ numberOf: read }: Contestant, answer: string): number {
  return read?.(answer) ?? (JSON.parse(answer) as { readonly duration: number }).duration;
}

/** The text that a service answers. @throws when that is not 200 */
export async function ask({ contestant, port }: Running, ride: string): Promise<string> {
  const headers = { "Content-Type": "application/json", Connection: "close" };
  const url = `http://127.0.0.1:${port}${pathOf(contestant)}`;
  const response = await fetch(url, { method: "POST", headers, body: bodyOf(contestant, ride) });
  const text = await response.text();
  if (response.status === 200) return text;
  throw new Error(`${contestant.name} answers ${response.status}: ${text.slice(0, 200)}`);
}

/** Waits until a service answers: what it refuses before may be because its model is on its way. */
export async function firstAnswer(running: Running, ride: string, asking: typeof ask = ask): Promise<string> {
  const { contestant, child, told } = running;
  let last: unknown;
  for (const end = performance.now() + 60_000; performance.now() < end; await sleep(2)) {
    if (child.exitCode !== null) throw new Error(`${contestant.name} ended with code ${child.exitCode}: ${told()}`);
    try {
      return await asking(running, ride);
    } catch (error) {
      last = error;
    }
  }
  throw new Error(`${contestant.name} does not answer: ${(last as Error | undefined)?.message}; ${told()}`);
}

/** Waits until every worker answers: until so many connections in a row were answered that each has had some. */
export async function everyWorkerAnswers(running: Running, ride: string, asking: typeof ask = ask): Promise<void> {
  await firstAnswer(running, ride, asking);
  const end = performance.now() + 60_000;
  for (let inARow = 0; inARow < 40; ) {
    try {
      await asking(running, ride);
      inARow++;
    } catch (error) {
      if (performance.now() > end || running.child.exitCode !== null) throw error;
      inARow = 0;
    }
  }
}
