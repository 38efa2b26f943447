// category_positions, plainly.
import type { CategoryPositionsOp } from "../../model/ops/category-positions.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

type Key = string | number | bigint;

export const categoryPositions: KernelMaker<"category_positions"> = (op) => {
  const columns = op.categories.map(positionsOf);
  const width = columns.length;
  return ([input], { rowCount }) => {
    const values = new Float64Array(rowCount * width);
    if (input?.kind === "table") {
      for (const [index, column] of input.columns.entries()) {
        const positions = columns[index];
        for (let row = 0; row < rowCount; row++) {
          values[row * width + index] = positions?.get(keyOf(column.values[row] ?? null)) ?? Number.NaN;
        }
      }
    } else {
      const x = denseInput(input).values;
      for (let at = 0; at < values.length; at++) {
        values[at] = columns[at % width]?.get(x[at] as number) ?? Number.NaN;
      }
    }
    return { kind: "dense", width, values };
  };
};

/** A Map takes -0 for 0 and finds a NaN, which is therefore never put in. */
function positionsOf(categories: CategoryPositionsOp["categories"][number]): ReadonlyMap<Key | null, number> {
  const positions = new Map<Key | null, number>();
  for (const [position, label] of categories.entries()) {
    if (label === null || Number.isNaN(label.value)) continue;
    const key = keyOf(label.value);
    if (!positions.has(key)) positions.set(key, position);
  }
  return positions;
}

/** Whole numbers are one key however they are held. */
function keyOf(cell: Key | boolean | null): Key | null {
  if (typeof cell === "boolean") return Number(cell);
  if (typeof cell !== "bigint") return cell;
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : cell;
}
