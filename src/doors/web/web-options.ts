// What the web door can be told: every limit with its default, and the one place that fills them in.
import { didYouMean } from "../../base/did-you-mean.ts";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { WebSection } from "../../deployment/sections.ts";
import type { MetricFamily } from "../../io/metrics/metric-family.ts";
import type { ApiKey } from "./access.ts";

export interface WebOptions {
  /** The address to listen on. @default "127.0.0.1" */
  readonly host?: string;
  /** 0 takes a free one. @default 9696 */
  readonly port?: number;
  /** The largest body in bytes, also after decompression. @default 16777216 (16 MiB) */
  readonly bodyLimit?: number;
  /** Rows a request. @default 100000 */
  readonly maxRows?: number;
  /** How deep JSON may be nested. @default 64 */
  readonly maxDepth?: number;
  /** From the last byte of the request to its answer; then 504. @default 30000 ms */
  readonly requestTimeoutMs?: number;
  /** From the first byte of the request to its last; then 408. @default 30000 ms */
  readonly receiveTimeoutMs?: number;
  /** From the first byte of the request to the end of its headers; then 408. @default 10000 ms */
  readonly headersTimeoutMs?: number;
  /** How long a connection may wait for its next request; above the 60 s of most load balancers. @default 72000 ms */
  readonly keepAliveTimeoutMs?: number;
  /** How long a connection may stand still in the middle of something; then it is cut. @default 120000 ms */
  readonly connectionTimeoutMs?: number;
  /** All headers of a request together, in bytes; then 431. @default 16384 */
  readonly maxHeaderBytes?: number;
  /** Requests that may wait for their turn; then 503. @default 1000 */
  readonly maxQueue?: number;
  /** A request that would have to wait for longer is refused with 503 at once. @default 500 ms */
  readonly maxQueueMs?: number;
  /** Requests that may wait at the same time for a remote model, a lookup or ONNX Runtime; others queue. @default 256 */
  readonly maxConcurrent?: number;
  /** Open connections of one process; then 503. @default 10000 */
  readonly maxConnections?: number;
  /** Headers of a request; then 431. @default 100 */
  readonly maxHeaders?: number;
  /**
   * Names of the Host header under which the service answers, beside loopback's own while it listens on loopback. `*.name` takes
   * every name below, `*` any. @default any, unless it listens on loopback
   */
  readonly allowedHosts?: readonly string[];
  /** Whoever asks must send one of these keys, probes excepted. @default none: anyone may ask */
  readonly apiKeys?: readonly ApiKey[];
  /** What whoever loads and unloads models must send, unless the door is on loopback without API keys. @default none: nobody may */
  readonly adminToken?: string;
  /** Origins whose pages may ask; `*` for any. @default none */
  readonly corsOrigins?: readonly string[];
  /** Speaks TLS 1.2 and above with this certificate chain and key, in PEM. @default none: plain HTTP */
  readonly tls?: { readonly cert: string; readonly key: string };
  /**
   * On the way down: how long requests that are on their way here still meet an open port (they are answered with
   * `Connection: close`). Ends early when nobody is connected. @default 500 ms
   */
  readonly drainGraceMs?: number;
  /** Puts the metrics of other processes beside this door's own, for `/metrics`. @default the door's own alone */
  readonly collectMetrics?: (own: readonly MetricFamily[]) => Promise<readonly MetricFamily[]>;
  /** Is told every failure that is ours, with the whole error, for a log; the caller only learns the request ID. @default none */
  readonly onFault?: (fault: Fault) => void;
}

/** Of a door alone: its own metrics. */
async function collectOwn(own: readonly MetricFamily[]): Promise<readonly MetricFamily[]> {
  return own;
}

export interface Fault {
  readonly requestId: string;
  readonly error: unknown;
}

type Absent = "tls" | "adminToken";

export type ResolvedWebOptions = Required<Omit<WebOptions, Absent>> & Pick<WebOptions, Absent>;

type NumericOption = {
  [Name in keyof WebOptions]-?: Required<WebOptions>[Name] extends number ? Name : never;
}[keyof WebOptions];

/** Default, least and largest value of each. */
const numbers = {
  port: [9696, 0, 65_535],
  bodyLimit: [16 * 1024 * 1024, 1, 1024 * 1024 * 1024],
  maxRows: [100_000, 1, 100_000_000],
  maxDepth: [64, 1, 1000],
  requestTimeoutMs: [30_000, 1, 3_600_000],
  receiveTimeoutMs: [30_000, 1, 3_600_000],
  headersTimeoutMs: [10_000, 1, 3_600_000],
  keepAliveTimeoutMs: [72_000, 1, 3_600_000],
  connectionTimeoutMs: [120_000, 1, 3_600_000],
  maxHeaderBytes: [16_384, 256, 1024 * 1024],
  maxQueue: [1000, 0, 1_000_000],
  maxQueueMs: [500, 0, 3_600_000],
  maxConcurrent: [256, 1, 1_000_000],
  maxConnections: [10_000, 1, 1_000_000],
  maxHeaders: [100, 1, 10_000],
  drainGraceMs: [500, 0, 3_600_000],
} as const satisfies Record<NumericOption, readonly [fallback: number, min: number, max: number]>;

const numberNames = Object.keys(numbers) as NumericOption[];
const otherNames = [
  "adminToken",
  "collectMetrics",
  "host",
  "onFault",
  "allowedHosts",
  "apiKeys",
  "corsOrigins",
  "tls",
] as const satisfies readonly Exclude<keyof WebOptions, NumericOption>[];

/**
 * An option wins over the definition's `web` section, and that over the default.
 * @throws USAGE_INVALID
 */
export function resolveWebOptions(options: WebOptions = {}, section: WebSection = {}): ResolvedWebOptions {
  const known: readonly string[] = [...numberNames, ...otherNames];
  for (const name of [...Object.keys(options), ...Object.keys(section)]) {
    if (!known.includes(name)) throw invalid(`The web door has no option \`${name}\`${didYouMean(name, known)}.`);
  }
  const given: WebOptions = { ...section, ...withoutUndefined(options) };
  const resolved: Record<string, unknown> = {
    host: given.host ?? "127.0.0.1",
    onFault: given.onFault ?? ignoreFault,
    collectMetrics: given.collectMetrics ?? collectOwn,
    allowedHosts: given.allowedHosts ?? [],
    apiKeys: given.apiKeys ?? [],
    corsOrigins: given.corsOrigins ?? [],
    adminToken: given.adminToken,
    tls: given.tls,
  };
  for (const name of numberNames) {
    const [fallback, min, max] = numbers[name];
    const value = given[name] ?? fallback;
    if (!Number.isInteger(value) || value < min || value > max) {
      throw invalid(`\`${name}\` must be a whole number from ${min} to ${max}.`);
    }
    resolved[name] = value;
  }
  if (typeof resolved["host"] !== "string" || resolved["host"] === "") throw invalid("`host` must be an address.");
  return Object.freeze(resolved) as ResolvedWebOptions;
}

function invalid(problem: string): TrimaranError {
  return trimaranError("USAGE_INVALID", { problem, command: "serve" });
}

function withoutUndefined(options: WebOptions): WebOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function ignoreFault(): void {}
