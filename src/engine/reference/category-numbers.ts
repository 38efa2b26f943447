// category_numbers, plainly.
import { jsonPointer } from "../../data/json-pointer.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

type Key = string | number | bigint;
type Cell = Key | boolean | null | undefined;

export const categoryNumbers: KernelMaker<"category_numbers"> = (op, { inputs, result }) => {
  const find = op.tables.map(finder);
  const width = find.length;
  const [type] = inputs;
  const names =
    type?.kind === "table" ? type.columns.map(({ name }) => name) : type?.kind === "dense" ? type.names : null;
  const number = result.kind === "dense" ? result.number : "f64";
  const message = `is none of the categories that ${op.estimator} was fitted on`;
  return ([input], frame) => {
    const values = numbersOf(number, frame.rowCount * width);
    const columns = input?.kind === "table" ? input.columns : null;
    const x = columns === null ? denseInput(input).values : null;
    for (let column = 0; column < width; column++) {
      const cells: ArrayLike<Cell> = columns?.[column]?.values ?? [];
      const unknown = op.tables[column]?.unknown ?? "refuse";
      const name = names?.[column] ?? column;
      // A column that stands there several times (once a class of the target) is warned of once.
      const warns = column === 0 || names === null || name !== names[column - 1];
      const textOnly = op.tables[column]?.textOnly === true;
      for (let row = 0; row < frame.rowCount; row++) {
        if (textOnly && isNoText(cells[row])) {
          const problem = "must be a string or null, as the categories are";
          frame.refuse(row, { path: jsonPointer(name), code: "wrong_type", message: problem });
          continue;
        }
        const known = find[column]?.(x === null ? cells[row] : x[row * width + column]);
        const found = known ?? unknown;
        if (found === "refuse") {
          frame.refuse(row, { path: jsonPointer(name), code: "unknown_category", message });
          continue;
        }
        values[row * width + column] = found;
        if (known === undefined && warns) frame.warn("unseen_category", String(name));
      }
    }
    return { kind: "dense", width, values };
  };
};

/** The number of a cell; undefined for one that is no category. A Map takes -0 for 0. */
function finder({
  categories,
  numbers,
  missing,
  unknown,
}: CategoryTable): (cell: Cell) => number | "refuse" | undefined {
  const found = new Map<Key, number>();
  for (const [at, { value }] of categories.entries()) {
    const key = keyOf(value);
    if (!found.has(key)) found.set(key, numbers[at] as number);
  }
  const absent = missing === "unknown" ? unknown : missing;
  return (cell) => {
    if (cell === null || cell === undefined || Number.isNaN(cell)) return absent;
    return found.get(keyOf(cell));
  };
}

function isNoText(cell: Cell): boolean {
  return typeof cell === "boolean" || typeof cell === "bigint" || (typeof cell === "number" && !Number.isNaN(cell));
}

/** Whole numbers are one key however they are held. */
function keyOf(cell: Key | boolean): Key {
  if (typeof cell === "boolean") return Number(cell);
  if (typeof cell !== "bigint") return cell;
  const number = Number(cell);
  return Number.isSafeInteger(number) ? number : cell;
}
