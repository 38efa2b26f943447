// products, plainly. Storing after each factor rounds as numpy's statements do.
import { denseInput, type KernelMaker } from "../kernel.ts";
import { numbersOf, type SparseValue } from "../runtime-value.ts";

export const products: KernelMaker<"products"> = ({ terms }, { result }) => {
  const number = result.kind === "dense" || result.kind === "sparse" ? result.number : "f64";
  const degree = terms.reduce((most, term) => Math.max(most, term.length), 0);
  const places = result.kind === "sparse" ? new Map(terms.map((term, at) => [term.join(), at])) : null;
  return ([input], { rowCount }) => {
    if (input?.kind === "sparse" && places !== null) {
      return sparseProducts(input, { rowCount, degree, places, width: terms.length, number });
    }
    const { width, values: x } = denseInput(input);
    const values = numbersOf(number, rowCount * terms.length);
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
};

interface SparseProducts {
  readonly rowCount: number;
  readonly degree: number;
  /** Columns, joined by commas → the product's own column. */
  readonly places: ReadonlyMap<string, number>;
  readonly width: number;
  readonly number: string;
}

interface Entry {
  readonly place: number;
  readonly value: number;
}

function sparseProducts(input: SparseValue, options: SparseProducts): SparseValue {
  const { rowCount, degree, places, width, number } = options;
  const indptr = new Int32Array(rowCount + 1);
  const all: Entry[] = [];
  for (let row = 0; row < rowCount; row++) {
    const own: Entry[] = [];
    const end = input.indptr[row + 1] as number;
    const multiply = (from: number, columns: readonly number[], value: number): void => {
      const place = places.get(columns.join());
      if (place !== undefined) own.push({ place, value });
      if (columns.length === degree) return;
      for (let at = from; at < end; at++) {
        const factor = input.data[at] as number;
        multiply(at, [...columns, input.indices[at] as number], columns.length === 0 ? factor : value * factor);
      }
    };
    multiply(input.indptr[row] as number, [], 1);
    for (const entry of own.sort((a, b) => a.place - b.place)) all.push(entry);
    indptr[row + 1] = all.length;
  }
  const data = numbersOf(number, all.length);
  data.set(all.map(({ value }) => value));
  return { kind: "sparse", width, indptr, indices: Int32Array.from(all, ({ place }) => place), data };
}
