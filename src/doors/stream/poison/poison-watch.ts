// `--max-poison-rate`: ends the stream when too many of the latest records cannot be answered, as when its messages changed shape.
import { trimaranError } from "../../../base/errors.ts";

/** Records that are looked at together; fewer say nothing yet. */
const windowRecords = 1000;
const leastRecords = 100;

export class PoisonWatch {
  readonly #maxRate: number | null;
  readonly #batches: { readonly records: number; readonly poison: number }[] = [];
  #records = 0;
  #poison = 0;

  /** null: any share will do. */
  constructor(maxRate: number | null) {
    this.#maxRate = maxRate;
  }

  /** @throws STREAM_POISON_RATE */
  add(records: number, poison: number): void {
    if (this.#maxRate === null) return;
    this.#batches.push({ records, poison });
    this.#records += records;
    this.#poison += poison;
    while (this.#batches.length > 1 && this.#records - this.#batches[0]!.records >= windowRecords) {
      const { records: left, poison: leftPoison } = this.#batches.shift()!;
      this.#records -= left;
      this.#poison -= leftPoison;
    }
    if (this.#records < leastRecords || this.#poison <= this.#maxRate * this.#records) return;
    throw trimaranError("STREAM_POISON_RATE", { poison: this.#poison, records: this.#records });
  }
}
