// What fails for now only (a lookup, a remote model, a schema registry) is tried again, longer and longer apart, until it works or
// the stream is stopped: such a failure is never a record's fault.
import { setTimeout as sleep } from "node:timers/promises";
import { isTrimaranError } from "../../base/errors.ts";
import { describeThrown } from "../../data/describe-thrown.ts";

export interface Patience {
  readonly signal: AbortSignal;
  /** Aborts when the stream is told to stop: what works goes on, what has failed is not tried again. @default never */
  readonly stop?: AbortSignal | undefined;
  readonly onWait: (text: string) => void;
}

const firstMs = 200;
const longestMs = 10_000;

/** @throws what is not temporary, and the reason of a signal */
export async function patiently<Value>(ask: () => Promise<Value>, patience: Patience): Promise<Value> {
  const { signal, stop, onWait } = patience;
  const either = stop === undefined ? signal : AbortSignal.any([signal, stop]);
  for (let waitMs = firstMs; ; waitMs = Math.min(longestMs, waitMs * 2)) {
    try {
      return await ask();
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      if (!isTemporary(error)) throw error;
      if (either.aborted) throw either.reason;
      onWait(`${isTrimaranError(error) ? error.message : describeThrown(error)} Trying again in ${waitMs / 1000} s.`);
      await sleep(waitMs, undefined, { signal: either }).catch(() => {
        throw either.reason;
      });
    }
  }
}

export function isTemporary(error: unknown): boolean {
  return isTrimaranError(error) && (error.kind === "unavailable" || error.kind === "timeout" || error.kind === "busy");
}
