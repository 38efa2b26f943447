// The client of a schema registry (the REST API of Confluent's, which Karapace and Apicurio speak too):
//
//     GET  schemas/ids/{id}                       → {schema, schemaType?, references?}
//     GET  subjects/{subject}/versions/{version}  → {schema, id, …}
//     POST subjects/{subject}/versions            {schema, schemaType} → {id}          registers
//     POST subjects/{subject}                     the same             → {id, version}  looks up
//
// An id means one schema for ever, so what was fetched is kept. What is not there is remembered for a while: a flood of messages
// that name ids out of thin air must not become a flood of requests.
import { isTrimaranError, trimaranError } from "../../../../base/errors.ts";
import { sendHttp } from "../../../../io/http-client.ts";
import type { RegistryAddress } from "./registry-options.ts";

export type SchemaKind = "AVRO" | "JSON";

export interface FetchedSchema {
  /** `AVRO`, `JSON`, `PROTOBUF` … */
  readonly kind: string;
  readonly schema: string;
  /** The schemas that it names, those that they name before them. */
  readonly references: readonly string[];
}

export interface SchemaRegistryOptions {
  readonly address: RegistryAddress;
  /** Of one request. @default 10000 ms */
  readonly timeoutMs?: number;
  /** How long it is remembered that the registry has no such schema. @default 30000 ms */
  readonly missingMs?: number;
  /** @default 1000 */
  readonly maxSchemas?: number;
}

const mediaType = "application/vnd.schemaregistry.v1+json";
const maxAnswerBytes = 4 * 1024 * 1024;
const maxReferences = 64;

export class SchemaRegistry {
  readonly #options: Required<SchemaRegistryOptions>;
  readonly #schemas = new Map<number, Promise<FetchedSchema | null>>();
  readonly #missing = new Map<number, number>();
  /** The address that answered last. */
  #current = 0;

  constructor(options: SchemaRegistryOptions) {
    this.#options = { timeoutMs: 10_000, missingMs: 30_000, maxSchemas: 1000, ...options };
  }

  /** Null: the registry has none. @throws SCHEMA_REGISTRY_UNAVAILABLE, SCHEMA_REGISTRY_DENIED, SCHEMA_REGISTRY_ANSWER */
  fetch(id: number, signal: AbortSignal): Promise<FetchedSchema | null> {
    const missing = this.#missing.get(id);
    if (missing !== undefined) {
      if (missing > performance.now()) return Promise.resolve(null);
      this.#missing.delete(id);
    }
    const known = this.#schemas.get(id);
    if (known !== undefined) return known;
    const fetched = this.#fetch(id, signal);
    bound(this.#schemas, this.#options.maxSchemas);
    this.#schemas.set(id, fetched);
    fetched.then(
      (schema) => {
        if (schema !== null) return;
        this.#schemas.delete(id);
        bound(this.#missing, this.#options.maxSchemas);
        this.#missing.set(id, performance.now() + this.#options.missingMs);
      },
      () => this.#schemas.delete(id),
    );
    return fetched;
  }

  /**
   * The id of a schema under a subject: registered, or where `register` is false looked up.
   * @throws SCHEMA_NOT_REGISTERED, SCHEMA_REFUSED and those of `fetch`
   */
  async idOf(wanted: WantedSchema, signal: AbortSignal): Promise<number> {
    const { subject, kind, schema, register } = wanted;
    const path = `subjects/${encodeURIComponent(subject)}${register ? "/versions" : ""}`;
    const body = { schema, ...(kind === "AVRO" ? {} : { schemaType: kind }) };
    const { status, value } = await this.#ask(path, signal, body);
    if (isMissing(status, value)) throw trimaranError("SCHEMA_NOT_REGISTERED", { subject });
    if (status === 409 || status === 422) {
      const said = typeof value["message"] === "string" ? value["message"] : `status ${status}`;
      throw trimaranError("SCHEMA_REFUSED", { subject, problem: said });
    }
    assertDone(status);
    const { id } = value;
    if (!Number.isSafeInteger(id)) throw trimaranError("SCHEMA_REGISTRY_ANSWER", { problem: "it names no id" });
    return id as number;
  }

  async #fetch(id: number, signal: AbortSignal): Promise<FetchedSchema | null> {
    const { status, value } = await this.#ask(`schemas/ids/${id}`, signal);
    if (isMissing(status, value)) return null;
    assertDone(status);
    const { schema, schemaType: kind = "AVRO" } = value;
    if (typeof schema !== "string" || typeof kind !== "string") {
      throw trimaranError("SCHEMA_REGISTRY_ANSWER", { problem: "it holds no schema" });
    }
    const references = new Map<string, string>();
    await this.#addReferences(value["references"], references, signal);
    return { kind, schema, references: [...references.values()] };
  }

  async #addReferences(listed: unknown, found: Map<string, string>, signal: AbortSignal): Promise<void> {
    for (const reference of Array.isArray(listed) ? (listed as readonly unknown[]) : []) {
      const { subject, version } = (reference ?? {}) as Readonly<Record<string, unknown>>;
      const key = `${subject}\u0000${version}`;
      if (found.has(key)) continue;
      if (found.size >= maxReferences) {
        throw trimaranError("SCHEMA_REGISTRY_ANSWER", { problem: `a schema names more than ${maxReferences} others` });
      }
      const path = `subjects/${encodeURIComponent(String(subject))}/versions/${encodeURIComponent(String(version))}`;
      const { status, value } = await this.#ask(path, signal);
      assertDone(status);
      // Its place is behind those that it names; until then it stands for itself, so that a circle ends.
      found.set(key, "");
      await this.#addReferences(value["references"], found, signal);
      found.delete(key);
      found.set(key, String(value["schema"]));
    }
  }

  /** The answer of the first address that gives one; a status below 500 is one. */
  async #ask(path: string, signal: AbortSignal, body?: unknown): Promise<Asked> {
    const { urls } = this.#options.address;
    let failure: unknown;
    for (let turn = 0; turn < urls.length; turn++) {
      const index = (this.#current + turn) % urls.length;
      try {
        const answer = await this.#askAt(new URL(path, urls[index]), signal, body);
        this.#current = index;
        return answer;
      } catch (error) {
        if (!isTrimaranError(error) || error.code !== "SCHEMA_REGISTRY_UNAVAILABLE") throw error;
        failure ??= error;
      }
    }
    throw failure;
  }

  async #askAt(url: URL, signal: AbortSignal, body: unknown): Promise<Asked> {
    const { address, timeoutMs } = this.#options;
    const answer = await sendHttp({
      url,
      method: body === undefined ? "GET" : "POST",
      headers: {
        accept: `${mediaType}, application/json`,
        ...(body === undefined ? {} : { "content-type": mediaType }),
        ...(address.authorization === null ? {} : { authorization: address.authorization }),
      },
      body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      timeoutMs,
      maxBytes: maxAnswerBytes,
      signal,
    });
    signal.throwIfAborted();
    if (answer.kind !== "answer") {
      const { problem, cause } = answer;
      throw trimaranError("SCHEMA_REGISTRY_UNAVAILABLE", { problem }, { cause });
    }
    const { status } = answer;
    if (status >= 500 || status === 408 || status === 429) {
      throw trimaranError("SCHEMA_REGISTRY_UNAVAILABLE", { problem: `it answers with status ${status}` });
    }
    if (status === 401 || status === 403) throw trimaranError("SCHEMA_REGISTRY_DENIED", { status });
    return { status, value: objectOf(answer.body, status) };
  }
}

export interface WantedSchema {
  readonly subject: string;
  readonly kind: SchemaKind;
  readonly schema: string;
  readonly register: boolean;
}

interface Asked {
  readonly status: number;
  readonly value: Readonly<Record<string, unknown>>;
}

function objectOf(body: Uint8Array, status: number): Asked["value"] {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString("utf8"));
    if (typeof value === "object" && value !== null) return value as Asked["value"];
  } catch {
    // Said below.
  }
  // A proxy's page for a 404 is not the registry's word that it has no such schema.
  throw trimaranError("SCHEMA_REGISTRY_ANSWER", { problem: `status ${status} with a body that is no JSON object` });
}

/** Subject, version or schema: another 404 says that the address is wrong. */
function isMissing(status: number, { error_code: code }: Asked["value"]): boolean {
  return status === 404 && (code === 40401 || code === 40402 || code === 40403);
}

function assertDone(status: number): void {
  if (status < 200 || status > 299) {
    throw trimaranError("SCHEMA_REGISTRY_ANSWER", { problem: `it answers with status ${status}` });
  }
}

/** The oldest goes. */
function bound(map: Map<number, unknown>, max: number): void {
  const [oldest] = map.keys();
  if (map.size >= max && oldest !== undefined) map.delete(oldest);
}
