// Whether a cell is missing: NaN or null, or equal to a value that stands for missing.
import type { Cell } from "../data/batch.ts";
import type { Label } from "../data/predictions.ts";

export function missingTest(missing: Label | null): (cell: Cell) => boolean {
  if (missing === null) return (cell) => cell === null || Number.isNaN(cell);
  if (missing.type === "string") return (cell) => cell === missing.value;
  const number = Number(missing.value);
  return (cell) => cell !== null && typeof cell !== "string" && Number(cell) === number;
}
