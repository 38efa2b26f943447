// products, plainly. Storing after each factor rounds as numpy's statements do.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf } from "../runtime-value.ts";

export const products: KernelMaker<"products"> =
  ({ terms }, { result }) =>
  ([input], { rowCount }) => {
    const { width, values: x } = denseInput(input);
    const values = numbersOf(result.kind === "dense" ? result.number : "f64", rowCount * terms.length);
    for (let row = 0, at = 0; row < rowCount; row++) {
      for (const term of terms) {
        const [first, ...others] = term;
        values[at] = first === undefined ? 1 : (x[row * width + first] as number);
        for (const column of others) values[at] = (values[at] as number) * (x[row * width + column] as number);
        at++;
      }
    }
    return { kind: "dense", width: terms.length, values };
  };
