// join_columns, plainly.
import type { Column } from "../../data/batch.ts";
import { denseInput, type KernelMaker } from "../kernel.ts";

export const joinColumns: KernelMaker<"join_columns"> =
  (_op, { inputs: types }) =>
  (inputs, { rowCount }) => {
    const columns = inputs.flatMap((input, index): readonly Column[] => {
      if (input.kind === "table") return input.columns;
      const { width, values } = denseInput(input);
      const type = types[index];
      const isBoolean = type?.kind === "dense" && type.number === "bool";
      return Array.from({ length: width }, (_, column): Column => {
        const numbers = Float64Array.from({ length: rowCount }, (_, row) => values[row * width + column] as number);
        return isBoolean
          ? { kind: "cell", values: Array.from(numbers, (number) => number !== 0) }
          : { kind: "number", values: numbers };
      });
    });
    return { kind: "table", columns };
  };
