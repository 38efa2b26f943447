// Waiting with a limit.
import { setTimeout as sleep } from "node:timers/promises";

/** Waits for `done`, but no longer than that. */
export async function doneWithin(done: Promise<void>, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(Math.max(0, ms), false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([done.then(() => true), late]);
  timer.abort();
  return inTime;
}
