// What an import tells: how much it took over, and every thing that it did not, by name.

export interface SkippedPart {
  /** Below the file store. */
  readonly path: string;
  readonly problem: string;
}

export interface ImportCounts {
  experiments: number;
  runs: number;
  metrics: number;
  loggedModels: number;
  registeredModels: number;
  versions: number;
}

/** Thrown where a part cannot be taken over; what it belongs to goes on without it. */
export class PartProblem extends Error {}

export class ImportReport {
  readonly counts: ImportCounts = {
    experiments: 0,
    runs: 0,
    metrics: 0,
    loggedModels: 0,
    registeredModels: 0,
    versions: 0,
  };
  readonly skipped: SkippedPart[] = [];
  /** Identifiers of experiments that are too long for the database → their numbers there. */
  readonly renumbered: Map<string, number> = new Map();
  readonly #onProgress: (text: string) => void;
  #toldAt = performance.now();

  constructor(onProgress: (text: string) => void) {
    this.#onProgress = onProgress;
  }

  /** Beyond those that are kept. */
  skippedMore = 0;

  skip(path: string, problem: string): void {
    if (this.skipped.length >= maxSkipped) this.skippedMore++;
    // A name may hold what moves a terminal's cursor.
    else this.skipped.push({ path: path.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, "\ufffd"), problem });
  }

  /** Says now and then how far it is. */
  progress(): void {
    if (performance.now() - this.#toldAt < progressEveryMs) return;
    this.#toldAt = performance.now();
    this.#onProgress(`Importing: ${this.text()} so far.`);
  }

  text(): string {
    const { experiments, runs, metrics, loggedModels, registeredModels, versions } = this.counts;
    return [
      counted(experiments, "experiment"),
      counted(runs, "run"),
      counted(metrics, "metric value"),
      counted(loggedModels, "logged model"),
      `${counted(registeredModels, "registered model")} with ${counted(versions, "version")}`,
    ].join(", ");
  }
}

const progressEveryMs = 2000;
const maxSkipped = 1000;

function counted(count: number, what: string): string {
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
