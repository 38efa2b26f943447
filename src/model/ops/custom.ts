// custom: numbers that a function of the user's own computes, a batch at a time. The only op that is no mathematics of ours:
// nothing is known of it but how many numbers a row it gives, so that every export refuses it.
import type { Batch } from "../../data/batch.ts";
import { graphError, type OpDefinition } from "../op-definition.ts";
import type { NumberType, ValueId } from "../value.ts";

/** What a custom function is given beside the rows. */
export interface CustomRows {
  /** Refuses a row of the batch; the others are answered. The message must not quote the row. */
  refuse(row: number, message: string): void;
}

export interface CustomOp {
  readonly kind: "custom";
  readonly inputs: readonly [ValueId];
  /** The class that it stands for, and where an object of it stands in the file; for errors and `describe`. */
  readonly className: string;
  readonly path: string;
  /** Numbers a row. */
  readonly width: number;
  readonly number: NumberType;
  /** Names of the `width` columns, where they are known. */
  readonly names: readonly string[] | null;
  /** Every number is a position, 0 to `positions - 1`; null: any number. */
  readonly positions: number | null;
  /** The numbers of all rows, row-major. */
  readonly compute: (batch: Batch, rows: CustomRows) => ArrayLike<number>;
}

const maxWidth = 1_000_000;

export const customDefinition: OpDefinition<CustomOp> = {
  resultType(op, [input]) {
    if (input === undefined || input.kind === "sparse" || input.kind === "label") {
      throw graphError(`custom takes no ${input?.kind ?? "nothing"} value`);
    }
    if (!Number.isInteger(op.width) || op.width < 1 || op.width > maxWidth) {
      throw graphError(`${op.className} answers ${op.width} numbers a row`);
    }
    if (op.names !== null && op.names.length !== op.width) {
      throw graphError(`${op.className} has ${op.names.length} names for ${op.width} columns`);
    }
    return { kind: "dense", width: op.width, number: op.number, names: op.names };
  },
  describe: (op) => `${op.className} by the definition's own code, ${op.width} numbers`,
};
