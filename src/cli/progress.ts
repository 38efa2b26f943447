// Progress of long work on a terminal: nothing in the first second, then one line that is overwritten.
import { counted } from "./counted.ts";
import type { Messages } from "./messages.ts";

export interface Progress {
  update(rows: number): void;
  end(): void;
}

const silentMs = 1000;
const everyMs = 200;

export function openProgress(messages: Messages): Progress {
  const start = performance.now();
  let next = start + silentMs;
  return {
    update(rows) {
      const now = performance.now();
      if (now < next) return;
      next = now + everyMs;
      const rate = Math.round(rows / ((now - start) / 1000));
      messages.status(`${counted(rows)} rows, ${counted(rate)} a second`);
    },
    end: () => messages.status(""),
  };
}
