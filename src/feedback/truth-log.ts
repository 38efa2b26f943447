// The log of what turned out to be true. Unlike predictions, truth is only said to be taken when it is on file.
import { AppendLog } from "./append-log.ts";
import type { TruthEvent } from "./feedback-event.ts";
import { LogCounts } from "./log-counts.ts";
import { type LogPlace, type LogPlaceOptions, resolveLogPlace } from "./log-place.ts";
import { truthText } from "./truth-event.ts";

export class TruthLog {
  readonly counts: LogCounts = new LogCounts();
  readonly #place: LogPlace;
  readonly #logs = new Map<string, AppendLog>();

  /** `root` is `.trimaran/truth`. */
  constructor(options: LogPlaceOptions) {
    this.#place = resolveLogPlace(options);
  }

  /** @returns whether all of them are on file; where not, some may be, and may be sent again */
  async write(deployment: string, events: readonly TruthEvent[]): Promise<boolean> {
    let log = this.#logs.get(deployment);
    if (log === undefined) {
      log = new AppendLog(deployment, this.#place, this.counts);
      this.#logs.set(deployment, log);
    }
    for (const event of events) {
      // Who sends more than the buffer holds waits for the disk.
      if (!log.hasRoom && !(await log.flush())) return false;
      if (!log.append(truthText(event))) return false;
    }
    return log.flush();
  }

  async close(): Promise<void> {
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
  }
}
