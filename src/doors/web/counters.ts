// What a running door counts about itself; `/metrics` will read it.
import type { Warning } from "../../data/batch.ts";

/** Beyond this many different (service, code, field) the rest is counted under the field `*`: names may be hostile. */
const maxWarningSeries = 1000;

export interface WarningCount extends Warning {
  readonly service: string;
}

export class WebCounters {
  /** Answers by HTTP status. */
  readonly answers: Map<number, number> = new Map();
  /** Failures that were ours. */
  faults = 0;
  readonly #warnings = new Map<string, WarningCount>();

  /** Every warning that was answered, summed up by service, code and field. */
  get warnings(): readonly WarningCount[] {
    return [...this.#warnings.values()];
  }

  countAnswer(status: number): void {
    this.answers.set(status, (this.answers.get(status) ?? 0) + 1);
  }

  countWarnings(service: string, warnings: readonly Warning[]): void {
    for (const { code, field, count } of warnings) {
      let name = field;
      let key = `${service}\u0000${code}\u0000${name}`;
      if (!this.#warnings.has(key) && this.#warnings.size >= maxWarningSeries) {
        name = "*";
        key = `${service}\u0000${code}\u0000*`;
      }
      const known = this.#warnings.get(key);
      this.#warnings.set(key, { service, code, field: name, count: (known?.count ?? 0) + count });
    }
  }
}
