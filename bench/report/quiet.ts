// Waits until nobody else uses the processors: what two threads bring cannot be seen where a third one runs.
import { cpus } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

const sampleMs = 60;
/** Of all processors together. */
const idleShare = 0.85;

/** True when they are idle; false when they were not within `timeoutMs`. */
export async function waitForQuiet(timeoutMs: number): Promise<boolean> {
  for (const end = performance.now() + timeoutMs; performance.now() < end; ) {
    const before = idleAndTotal();
    await sleep(sampleMs);
    const after = idleAndTotal();
    if (after.idle - before.idle >= idleShare * (after.total - before.total)) return true;
  }
  return false;
}

function idleAndTotal(): { idle: number; total: number } {
  const all = cpus().map(({ times }) => times);
  const idle = all.reduce((sum, times) => sum + times.idle, 0);
  return { idle, total: all.reduce((sum, { user, nice, sys, irq }) => sum + user + nice + sys + irq, idle) };
}
