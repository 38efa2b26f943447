// The client of any MLflow server since 1.28: every endpoint of the table by its types, paging, and what older servers lack.
import { trimaranError } from "../../base/errors.ts";
import { endpointTable } from "../endpoint-table.ts";
import { readAnswer, writeRequest } from "../wire/client-side.ts";
import type { AnswerOf, Endpoint, EndpointMethod, RequestInput } from "../wire/endpoint.ts";
import type { MessageInput, MessageOf } from "../wire/field-type.ts";
import { assertBatch, assertKey, maxBatch } from "../wire/limits.ts";
import { readWireError, WireError } from "../wire/wire-error.ts";
import { type HttpTransport, readText } from "./http-transport.ts";

export interface MlflowClientOptions {
  readonly transport: HttpTransport;
  /** Of one JSON answer. @default 64 MiB */
  readonly maxAnswerBytes?: number;
  readonly signal?: AbortSignal;
}

export interface CallOptions {
  /** @default the endpoint's first */
  readonly method?: EndpointMethod;
}

const defaultMaxAnswerBytes = 64 * 2 ** 20;
/** A server that never ends its pages is not followed further. */
const maxPages = 10_000;

export class MlflowClient {
  readonly transport: HttpTransport;
  readonly #maxAnswerBytes: number;
  readonly #signal: AbortSignal | undefined;
  #version: Promise<string | null> | undefined;

  constructor({ transport, maxAnswerBytes = defaultMaxAnswerBytes, signal }: MlflowClientOptions) {
    this.transport = transport;
    this.#maxAnswerBytes = maxAnswerBytes;
    this.#signal = signal;
  }

  /**
   * @throws TRACKING_UNREACHABLE, TRACKING_DENIED, TRACKING_MISSING, TRACKING_REFUSED, TRACKING_ANSWER, TRACKING_UNSUPPORTED
   */
  async call<E extends Endpoint>(
    endpoint: E,
    request: RequestInput<E>,
    options: CallOptions = {},
  ): Promise<AnswerOf<E>> {
    const server = this.transport.name;
    try {
      const written = writeRequest(endpoint, request, options);
      const answer = await this.transport.send({
        ...written,
        headers: written.body === null ? {} : { "content-type": "application/json" },
        signal: this.#signal,
      });
      const text = await readText(answer.body, this.#maxAnswerBytes);
      if (text === null) {
        throw trimaranError("TRACKING_ANSWER", { server, problem: `it is larger than ${this.#maxAnswerBytes} bytes` });
      }
      if (answer.status !== 200) throw this.#errorOf({ status: answer.status, text, endpoint });
      return readAnswer(endpoint, text);
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      if (cause.errorCode === "INTERNAL_ERROR") {
        throw trimaranError("TRACKING_ANSWER", { server, problem: cause.message }, { cause });
      }
      throw trimaranError("TRACKING_REFUSED", { server, code: cause.errorCode, problem: cause.message }, { cause });
    }
  }

  /** The version of the server, `3.18.0`; null for one that does not tell (before 1.30). @throws TRACKING_UNREACHABLE */
  version(): Promise<string | null> {
    this.#version ??= this.#askVersion();
    return this.#version;
  }

  async #askVersion(): Promise<string | null> {
    const { status, body } = await this.transport.send({ method: "GET", target: "/version", signal: this.#signal });
    const text = await readText(body, 1000);
    return status === 200 && text !== null && /^\d+\.\d+/.test(text.trim()) ? text.trim() : null;
  }

  /** Metrics, parameters and tags of a run in as many requests as they need. @throws as `call` */
  async logAll(runId: string, records: Omit<RequestInput<typeof endpointTable.logBatch>, "run_id">): Promise<void> {
    const { metrics = [], params = [], tags = [] } = records;
    for (const { key = "" } of [...metrics, ...params, ...tags]) this.#check(() => assertKey(key));
    let left: Required<typeof records> = { metrics, params, tags };
    do {
      const now = {
        params: left.params?.slice(0, maxBatch.params) ?? [],
        tags: left.tags?.slice(0, maxBatch.tags) ?? [],
        metrics: [] as readonly MessageInput<"Metric">[],
      };
      now.metrics = left.metrics?.slice(0, maxBatch.total - now.params.length - now.tags.length) ?? [];
      this.#check(() => assertBatch({ metrics: now.metrics.length, params: now.params.length, tags: now.tags.length }));
      await this.call(endpointTable.logBatch, { run_id: runId, ...now });
      left = {
        metrics: left.metrics?.slice(now.metrics.length),
        params: left.params?.slice(now.params.length),
        tags: left.tags?.slice(now.tags.length),
      };
    } while ((left.metrics?.length ?? 0) + (left.params?.length ?? 0) + (left.tags?.length ?? 0) > 0);
  }

  /** Every point of a metric, page by page; servers before 2.1 give all at once. @throws as `call` */
  async *metricHistory(runId: string, key: string): AsyncGenerator<MessageOf<"Metric">> {
    const request = { run_id: runId, run_uuid: runId, metric_key: key, max_results: 25_000 };
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.getMetricHistory, { ...request, page_token });
      return { items: answer.metrics, next: answer.next_page_token };
    });
  }

  /** @throws as `call` */
  async *searchRuns(request: RequestInput<typeof endpointTable.searchRuns>): AsyncGenerator<MessageOf<"Run">> {
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.searchRuns, { ...request, page_token });
      return { items: answer.runs, next: answer.next_page_token };
    });
  }

  /** @throws as `call` */
  async *searchExperiments(
    request: RequestInput<typeof endpointTable.searchExperiments>,
  ): AsyncGenerator<MessageOf<"Experiment">> {
    const sized = { max_results: 1000, ...request };
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.searchExperiments, { ...sized, page_token });
      return { items: answer.experiments, next: answer.next_page_token };
    });
  }

  /** @throws as `call` */
  async *searchRegisteredModels(
    request: RequestInput<typeof endpointTable.searchRegisteredModels>,
  ): AsyncGenerator<MessageOf<"RegisteredModel">> {
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.searchRegisteredModels, { ...request, page_token });
      return { items: answer.registered_models, next: answer.next_page_token };
    });
  }

  /** @throws as `call` */
  async *searchModelVersions(
    request: RequestInput<typeof endpointTable.searchModelVersions>,
  ): AsyncGenerator<MessageOf<"ModelVersion">> {
    const sized = { max_results: 1000, ...request };
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.searchModelVersions, { ...sized, page_token });
      return { items: answer.model_versions, next: answer.next_page_token };
    });
  }

  /** @throws as `call`; TRACKING_UNSUPPORTED before MLflow 3.0 */
  async *searchLoggedModels(
    request: RequestInput<typeof endpointTable.searchLoggedModels>,
  ): AsyncGenerator<MessageOf<"LoggedModel">> {
    yield* this.#pages(async (page_token) => {
      const answer = await this.call(endpointTable.searchLoggedModels, { ...request, page_token });
      return { items: answer.models, next: answer.next_page_token };
    });
  }

  async *#pages<Item>(
    page: (
      token: string | undefined,
    ) => Promise<{ readonly items: readonly Item[]; readonly next?: string | undefined }>,
  ): AsyncGenerator<Item> {
    let token: string | undefined;
    for (let count = 0; count < maxPages; count++) {
      const { items, next } = await page(token);
      yield* items;
      if (next === undefined || next === "" || next === token) return;
      token = next;
    }
    throw trimaranError("TRACKING_ANSWER", { server: this.transport.name, problem: `more than ${maxPages} pages` });
  }

  #check(act: () => void): void {
    try {
      act();
    } catch (cause) {
      if (!(cause instanceof WireError)) throw cause;
      const { errorCode: code, message: problem } = cause;
      throw trimaranError("TRACKING_REFUSED", { server: this.transport.name, code, problem }, { cause });
    }
  }

  #errorOf({ status, text, endpoint }: { status: number; text: string; endpoint: Endpoint }): Error {
    const server = this.transport.name;
    const wire = readWireError(text);
    const problem = wire === null || wire.message === "" ? `it answers ${status}` : wire.message.replace(/\.+$/, "");
    if (status === 401 || status === 403) return trimaranError("TRACKING_DENIED", { server, problem });
    // What has no such path answers with a page, or with this code.
    const isUnknownPath =
      (status === 404 || status === 405) && (wire === null || wire.errorCode === "ENDPOINT_NOT_FOUND");
    if (isUnknownPath) return trimaranError("TRACKING_UNSUPPORTED", { server, what: `\`${endpoint.path}\`` });
    if (wire === null) {
      return status >= 500 || status === 408 || status === 429
        ? trimaranError("TRACKING_UNREACHABLE", { server, problem })
        : trimaranError("TRACKING_ANSWER", { server, problem });
    }
    // A registered model's alias that is not there is told by another code.
    const isAbsent = status === 404 || /alias .* not found/i.test(wire.message);
    if (isAbsent) return trimaranError("TRACKING_MISSING", { server, problem });
    if (status >= 500 || status === 408 || status === 429)
      return trimaranError("TRACKING_UNREACHABLE", { server, problem });
    return trimaranError("TRACKING_REFUSED", { server, code: wire.errorCode, problem });
  }
}
