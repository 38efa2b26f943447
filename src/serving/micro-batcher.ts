// Calls that come at the same time share one batch, where a batch is cheaper than its rows one by one. Every caller gets exactly the
// answers, issues and warnings of its own rows; calls with other methods or options are never mixed.
import { isTrimaranError } from "../base/errors.ts";
import type { Answers } from "./answers.ts";
import type { AnswerOptions, PredictionService } from "./prediction-service.ts";
import { sliceAnswers } from "./slice-answers.ts";

export interface BatchLimits {
  /** Rows of one batch; a call with as many goes alone. @default 64 */
  readonly maxRows?: number;
  /** How long a call waits for others while a batch is being answered, in milliseconds; when none is, it does not wait. @default 2 */
  readonly maxWaitMs?: number;
}

export type MicroBatcher = Pick<PredictionService, "answer">;

interface Call {
  readonly rows: readonly unknown[];
  readonly signal: AbortSignal | undefined;
  readonly resolve: (answers: Answers) => void;
  readonly reject: (error: unknown) => void;
}

/** The calls that wait for one another. */
interface Lane {
  readonly options: AnswerOptions;
  calls: Call[];
  rowCount: number;
  /** Batches that are being answered. */
  flying: number;
  immediate: NodeJS.Immediate | null;
  timer: NodeJS.Timeout | null;
}

/** Of the last batches so many had warnings, which cannot be told apart by caller: then calls go alone for a while. */
const judgedBatches = 16;
const callsAlone = 1000;

export function microBatcher(service: MicroBatcher, { maxRows = 64, maxWaitMs = 2 }: BatchLimits = {}): MicroBatcher {
  const lanes = new Map<string, Lane>();
  let batches = 0;
  let warned = 0;
  let alone = 0;

  /** Whoever gave up while it waited takes no part. */
  const depart = (key: string, lane: Lane): void => {
    if (lane.immediate !== null) clearImmediate(lane.immediate);
    if (lane.timer !== null) clearTimeout(lane.timer);
    lane.immediate = null;
    lane.timer = null;
    const calls = lane.calls.filter(({ signal, reject }) => {
      if (!signal?.aborted) return true;
      reject(signal.reason);
      return false;
    });
    lane.calls = [];
    lane.rowCount = 0;
    if (calls.length === 0) {
      if (lane.flying === 0) lanes.delete(key);
      return;
    }
    lane.flying++;
    void run(calls, lane.options).finally(() => {
      lane.flying--;
      if (lane.flying > 0) return;
      if (lane.calls.length > 0) depart(key, lane);
      else lanes.delete(key);
    });
  };

  const run = async (calls: readonly Call[], options: AnswerOptions): Promise<void> => {
    const [first] = calls;
    if (first !== undefined && calls.length === 1) {
      const own = { ...options, signal: first.signal };
      return service.answer(first.rows, own).then(first.resolve, first.reject);
    }
    const shared = sharedSignal(calls);
    try {
      const rows = calls.flatMap((call) => call.rows);
      const answers = await service.answer(rows, { ...options, signal: shared.signal });
      noteWarnings(answers.warnings.length > 0);
      if (answers.warnings.length > 0) return await runAlone(calls, options);
      let from = 0;
      for (const call of calls) {
        call.resolve(sliceAnswers(answers, from, from + call.rows.length));
        from += call.rows.length;
      }
    } catch (error) {
      if (!isOwnFault(error)) {
        for (const { reject } of calls) reject(error);
        return;
      }
      // One caller's rows made it fail: the others must not hear of it.
      const middle = calls.length >> 1;
      await run(calls.slice(0, middle), options);
      await run(calls.slice(middle), options);
    } finally {
      shared.release();
    }
  };

  const runAlone = async (calls: readonly Call[], options: AnswerOptions): Promise<void> => {
    for (const call of calls) await run([call], options);
  };

  const noteWarnings = (found: boolean): void => {
    batches++;
    if (found) warned++;
    if (batches < judgedBatches) return;
    if (warned * 2 > batches) alone = callsAlone;
    batches = 0;
    warned = 0;
  };

  return {
    answer(rows, options = {}) {
      const { signal, id: _, stickyKey: __, numbered: ___, ...rest } = options;
      if (alone > 0) alone--;
      if (alone > 0 || rows.length === 0 || rows.length >= maxRows) return service.answer(rows, options);
      const key = `${rest.methods?.join("\0") ?? ""}\n${rest.unknownFields ?? ""}\n${rest.time?.getTime() ?? ""}`;
      let lane = lanes.get(key);
      if (lane === undefined) {
        lane = { options: rest, calls: [], rowCount: 0, flying: 0, immediate: null, timer: null };
        lanes.set(key, lane);
      }
      const waiting = lane;
      if (waiting.rowCount + rows.length > maxRows) depart(key, waiting);
      return new Promise((resolve, reject) => {
        waiting.calls.push({ rows, signal, resolve, reject });
        waiting.rowCount += rows.length;
        if (waiting.rowCount >= maxRows) depart(key, waiting);
        else if (waiting.flying > 0) waiting.timer ??= setTimeout(() => depart(key, waiting), maxWaitMs);
        else waiting.immediate ??= setImmediate(() => depart(key, waiting));
      });
    },
  };
}

/** What a peer or a limit of time says holds for all callers; asking again for each would make it worse. */
function isOwnFault(error: unknown): boolean {
  if (!isTrimaranError(error)) return !(error instanceof Error && error.name === "AbortError");
  return error.kind !== "unavailable" && error.kind !== "timeout" && error.kind !== "busy";
}

/** Aborts when every caller has given up. */
function sharedSignal(calls: readonly Call[]): { readonly signal?: AbortSignal; readonly release: () => void } {
  const signals = calls.flatMap(({ signal }) => (signal === undefined ? [] : [signal]));
  if (signals.length < calls.length) return { release: () => {} };
  const controller = new AbortController();
  const listen = (): void => {
    if (signals.every(({ aborted }) => aborted)) controller.abort(signals[0]?.reason);
  };
  for (const signal of signals) signal.addEventListener("abort", listen);
  listen();
  return {
    signal: controller.signal,
    release: () => {
      for (const signal of signals) signal.removeEventListener("abort", listen);
    },
  };
}
