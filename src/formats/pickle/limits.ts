// What a pickle may cost. Every limit can be raised; crossing one is FORMAT_LIMIT, which names it. One budget covers a
// stream, the pickles nested in it and whatever follows it.
import { type TrimaranError, trimaranError } from "../../base/errors.ts";

const mebibyte = 1024 * 1024;

/** Limits of reading a pickle. */
export interface PickleLimits {
  /** Size of the stream in bytes. @default 2147483648 (2 GiB) */
  readonly maxBytes?: number;
  /** Opcodes executed. @default 20000000 */
  readonly maxOpcodes?: number;
  /** Values (and open marks) on the stack at one time. @default 4000000 */
  readonly maxStack?: number;
  /** Entries of the memo. @default 4000000 */
  readonly maxMemo?: number;
  /** How deep values are nested in the finished tree; a cycle counts once. @default 1000 */
  readonly maxDepth?: number;
  /** Nodes that a walker meets which follows every reference, shared ones each time. @default 50000000 */
  readonly maxVisits?: number;
  /**
   * Of those, how many may be more than eight times what the tree really holds: a forest of one
   * tree, named a hundred thousand times, is a small file and a large model. @default 1000000
   */
  readonly maxSharedVisits?: number;
  /** Items put into lists, sets and dicts, all together. @default 20000000 */
  readonly maxItems?: number;
  /** Bytes of one string. @default 67108864 (64 MiB) */
  readonly maxStringBytes?: number;
  /** Bytes of one integer (LONG1, LONG4). @default 8192 */
  readonly maxIntegerBytes?: number;
  /** Digits of one integer in text (INT, LONG), which take quadratic time; Python has the same bound. @default 4300 */
  readonly maxIntegerDigits?: number;
  /** Different names (module and name) that the stream asks for. @default 10000 */
  readonly maxGlobals?: number;
  /** Estimated bytes of memory for the tree; arrays are views of the file and cost only their header. @default 268435456 (256 MiB) */
  readonly maxAllocation?: number;
}

export type ResolvedPickleLimits = Required<PickleLimits>;

export const defaultPickleLimits: ResolvedPickleLimits = Object.freeze({
  maxBytes: 2048 * mebibyte,
  maxOpcodes: 20_000_000,
  maxStack: 4_000_000,
  maxMemo: 4_000_000,
  maxDepth: 1000,
  maxVisits: 50_000_000,
  maxSharedVisits: 1_000_000,
  maxItems: 20_000_000,
  maxStringBytes: 64 * mebibyte,
  maxIntegerBytes: 8192,
  maxIntegerDigits: 4300,
  maxGlobals: 10_000,
  maxAllocation: 256 * mebibyte,
});

export function resolvePickleLimits(limits: PickleLimits = {}): ResolvedPickleLimits {
  const given = Object.entries(limits).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    if (!Object.hasOwn(defaultPickleLimits, name)) throw usage(`there is no pickle limit ${name}`);
    if (!(typeof value === "number" && value >= 0)) throw usage(`the pickle limit ${name} must be a number from 0 up`);
  }
  return Object.freeze({ ...defaultPickleLimits, ...Object.fromEntries(given) });
}

/** Makes the error of a limit that was crossed. */
export function limitError(
  name: string,
  limits: ResolvedPickleLimits,
  crossed: { limit: keyof ResolvedPickleLimits; problem: string },
): TrimaranError {
  return trimaranError("FORMAT_LIMIT", {
    name,
    limit: crossed.limit,
    max: limits[crossed.limit],
    problem: crossed.problem,
  });
}

/** What reading has cost so far. It lives for one `scanPickle`. */
export class PickleBudget {
  readonly name: string;
  readonly limits: ResolvedPickleLimits;
  opcodes = 0;
  #allocation = 0;
  #items = 0;
  #memo = 0;

  constructor(name: string, limits: ResolvedPickleLimits) {
    this.name = name;
    this.limits = limits;
  }

  allocate(bytes: number): void {
    this.#allocation += bytes;
    if (this.#allocation > this.limits.maxAllocation) throw this.crossed("maxAllocation", "its tree needs more memory");
  }

  addItems(count: number): void {
    this.#items += count;
    if (this.#items > this.limits.maxItems) throw this.crossed("maxItems", "its lists, sets and dicts hold more items");
    this.allocate(8 * count);
  }

  addMemo(): void {
    this.#memo++;
    if (this.#memo > this.limits.maxMemo) throw this.crossed("maxMemo", "it remembers more values");
    this.allocate(16);
  }

  crossed(limit: keyof ResolvedPickleLimits, problem: string): TrimaranError {
    return limitError(this.name, this.limits, { limit, problem });
  }
}

function usage(problem: string): TrimaranError {
  return trimaranError("USAGE_INVALID", { problem: `${problem}.`, command: "inspect" });
}
