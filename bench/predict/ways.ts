// One way of asking one model, and loops that ask it for some seconds.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { PythonPeer, Ran } from "./python-peer.ts";

export interface Way {
  readonly name: string;
  readonly run: (seconds: number) => Promise<Ran>;
}

/** A measured ratio that issue 4 asks for. */
export interface Target {
  /** What must be faster, and than what: names of ways. */
  readonly way: string;
  readonly peer: string;
  readonly ratio: number;
}

export interface Work {
  readonly title: string;
  /** What a run counts: single rows, rows of batches, or whole loads of a file. */
  readonly unit: "row" | "rows" | "load";
  readonly ways: readonly Way[];
  readonly targets: readonly Target[];
  readonly notes: readonly string[];
}

/** Calls that take a while each: the clock is read after every one. */
export function eachCall(name: string, rowsPerCall: number, call: () => void): Way {
  return {
    name,
    run: async (seconds) => {
      const start = performance.now();
      const end = start + seconds * 1000;
      let rows = 0;
      do {
        call();
        rows += rowsPerCall;
      } while (performance.now() < end);
      return { rows, seconds: (performance.now() - start) / 1000 };
    },
  };
}

/** Calls of microseconds: another row every time, and the clock only now and then. */
export function eachRow(name: string, rowCount: number, call: (row: number) => void): Way {
  return {
    name,
    run: async (seconds) => {
      const start = performance.now();
      const end = start + seconds * 1000;
      let done = 0;
      do {
        for (let i = 0; i < 32; i++) call(done++ % rowCount);
      } while (performance.now() < end);
      return { rows: done, seconds: (performance.now() - start) / 1000 };
    },
  };
}

export function pythonWay(name: string, peer: PythonPeer, at: { readonly model: string; readonly way: string }): Way {
  return { name, run: (seconds) => peer.run(at.model, at.way, seconds) };
}

/** A process from its start to its end, as often as the seconds allow, but once at least. */
export function eachProcess(name: string, program: string, args: readonly string[]): Way {
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  return {
    name,
    run: async (seconds) => {
      const start = performance.now();
      let done = 0;
      do {
        await promisify(execFile)(program, args, { env });
        done++;
      } while (performance.now() - start < seconds * 1000);
      return { rows: done, seconds: (performance.now() - start) / 1000 };
    },
  };
}
