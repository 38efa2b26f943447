// The sections of a definition that belong to one door each: their shape is checked here, their meaning is the door's.
import type { Shape } from "./options-check.ts";

/** Settings of `serve`; each is also a flag, which wins. */
export interface WebSection {
  readonly host?: string;
  readonly port?: number;
  /** In bytes, also after decompression. */
  readonly bodyLimit?: number;
  readonly requestTimeoutMs?: number;
  readonly maxRows?: number;
  /** Requests of a worker that may wait; more are answered with 503. */
  readonly maxQueue?: number;
  readonly maxQueueMs?: number;
  readonly maxConnections?: number;
  readonly allowedHosts?: readonly string[];
  readonly corsOrigins?: readonly string[];
}

export interface BatchSection {
  /** Columns computed before the filter, as DuckDB SQL. */
  readonly derive?: Readonly<Record<string, string>>;
  /** Which rows are scored, as DuckDB SQL. */
  readonly where?: string;
  /** The column or derived column that holds the truth. */
  readonly truth?: string;
  /** Output columns in order: name → `id`, `row`, `truth`, `output.<field>`, `truth - output`, `version`. */
  readonly write?: Readonly<Record<string, string>>;
  /** A row's id, a template of `{file}`, `{period}` and `{row}`. */
  readonly id?: string;
  /** Output columns that a back-test is cut by. */
  readonly slices?: readonly string[];
}

export interface StreamSection {
  /** Where in the message the row stands: a key, a path (`data.ride`) or a JSON Pointer. @default the message is the row */
  readonly at?: string;
  /** What is copied from the message into the answer, named as `at` is. */
  readonly keep?: readonly string[];
  /** The `model` name that the answer carries, which then is `{model, version, prediction}`. */
  readonly model?: string;
  /** Output field → the name that the answer gives it. */
  readonly rename?: Readonly<Record<string, string>>;
  /** What messages are: `json`, `cloudevents`, `avro` or `json-schema`. @default "json" */
  readonly format?: string;
  /** What answers are. @default as `format` */
  readonly outputFormat?: string;
  /** The `type` of answers that are CloudEvents. @default "trimaran.prediction" */
  readonly eventType?: string;
  /** The `source` of answers that are CloudEvents. @default `/trimaran/` and the deployment's name */
  readonly eventSource?: string;
  /** The address of the schema registry; several with commas between. */
  readonly schemaRegistry?: string;
  /** The subject of the answers' schema. @default the output topic with `-value` */
  readonly subject?: string;
  /** Whether the answers' schema is registered; else it must be there. @default true */
  readonly registerSchemas?: boolean;
  /**
   * Where in the messages of `--truth` things stand, named as `at` is: `id` or `key`, `value`, and `time` and `source` where they
   * have them; `format` is what they are. @default messages are `{id or key, value, time, source}` in JSON
   */
  readonly truth?: Readonly<Record<string, string>>;
}

export interface FeedbackSection {
  /** Whether the web service logs predictions; `--prediction-log` wins. @default false */
  readonly log?: boolean;
  /** Fields, and features made of them, that are never logged. */
  readonly redact?: readonly string[];
  /** The share of predictions that are logged, 0 to 1. @default 1 */
  readonly sample?: number;
}

export const sectionShapes: {
  readonly web: { readonly [Key in keyof WebSection]-?: Shape };
  readonly batch: { readonly [Key in keyof BatchSection]-?: Shape };
  readonly stream: { readonly [Key in keyof StreamSection]-?: Shape };
  readonly feedback: { readonly [Key in keyof FeedbackSection]-?: Shape };
} = {
  web: {
    host: "text",
    port: "port",
    bodyLimit: "count",
    requestTimeoutMs: "count",
    maxRows: "count",
    maxQueue: "count",
    maxQueueMs: "count",
    maxConnections: "count",
    allowedHosts: "texts",
    corsOrigins: "texts",
  },
  batch: { derive: "text record", where: "text", truth: "text", write: "text record", id: "text", slices: "texts" },
  stream: {
    at: "text",
    keep: "texts",
    model: "text",
    rename: "text record",
    format: "text",
    outputFormat: "text",
    eventType: "text",
    eventSource: "text",
    schemaRegistry: "text",
    subject: "text",
    registerSchemas: "switch",
    truth: "text record",
  },
  feedback: { log: "switch", redact: "texts", sample: "share" },
};
