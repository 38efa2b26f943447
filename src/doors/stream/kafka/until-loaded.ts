// A broker that has just begun makes and reads the groups' offsets first, and says until then that it does not know the group.
import { setTimeout as sleep } from "node:timers/promises";

const loadMs = 15_000;
/** COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR. */
const loading = new Set([14, 15, 16]);

export async function untilLoaded<Value>(ask: () => Promise<Value>): Promise<Value> {
  const end = performance.now() + loadMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const { code } = error as { readonly code?: unknown };
      if (typeof code !== "number" || !loading.has(code) || performance.now() > end) throw error;
      await sleep(100);
    }
  }
}
