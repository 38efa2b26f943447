// PolynomialFeatures: products of columns. Source: sklearn/preprocessing/_polynomial.py.
import { trimaranError } from "../../../base/errors.ts";
import { isNode } from "../../pickle/tree.ts";
import { checkedNumbers, denseNumbers, numbersType } from "../checked-numbers.ts";
import { singleEntries } from "../dense-matrix.ts";
import type { EstimatorRecord } from "../estimator.ts";
import {
  attribute,
  attributeError,
  booleanOf,
  has,
  type Instance,
  integerOf,
  pathOf,
  scalarOf,
  wrote,
} from "../instance.ts";
import { featureCount, numericInput } from "../numeric-input.ts";

export const polynomialFeatures: EstimatorRecord = {
  name: "PolynomialFeatures",
  classes: [
    "sklearn.preprocessing._polynomial.PolynomialFeatures",
    "sklearn.preprocessing._data.PolynomialFeatures",
    "sklearn.preprocessing.data.PolynomialFeatures",
  ],
  fitted: [],
  exactness: "exact",
  input: (self) => numericInput(self, { width: inputWidth(self) }),
  toOps(self, input, { graph }) {
    const isSparse = numbersType(self, input, graph).kind === "sparse";
    // Products of stored numbers only came with 0.21, as did dense products that begin with the last column.
    const modern = wrote(self, 0, 21);
    // Pairs of a column with itself come out right; longer products of a column that stands twice end up elsewhere.
    const pairs = degrees(self)[1] <= 2 && !booleanOf(self, "interaction_only", false);
    const stored = pairs ? input : singleEntries(graph, input);
    const numbers = isSparse && modern ? stored : denseNumbers(self, input, graph);
    const checked = checkedNumbers(self, numbers, { graph, allowNaN: false });
    const terms = productTerms(self).map((term) => (modern && !isSparse ? term.toReversed() : term));
    const value = graph.add({ kind: "products", inputs: [checked], terms });
    const shown = isSparse && !modern ? graph.add({ kind: "sparsify", inputs: [value] }) : value;
    return { transform: { value: shown, scalar: false } };
  },
};

function inputWidth(self: Instance): number {
  return has(self, "n_input_features_") ? integerOf(self, "n_input_features_") : featureCount(self);
}

/** More products than anybody can mean, from a file that lies. */
const maxTerms = 1_000_000;

/** The factors of all products together: few columns to a high degree make few but long products. */
const maxFactors = 2_000_000;

/** By degree, then in the order of the columns; with `interaction_only` no column stands twice. */
function productTerms(self: Instance): readonly Int32Array[] {
  const width = inputWidth(self);
  const [least, most] = degrees(self);
  const distinct = booleanOf(self, "interaction_only", false) ? 1 : 0;
  const terms: Int32Array[] = booleanOf(self, "include_bias", true) ? [new Int32Array(0)] : [];
  let last: readonly (readonly number[])[] = [[]];
  let factors = 0;
  for (let degree = 1; degree <= most; degree++) {
    const longer: (readonly number[])[] = [];
    for (const term of last) {
      const from = term.length === 0 ? 0 : (term.at(-1) as number) + distinct;
      for (let column = from; column < width; column++) longer.push([...term, column]);
      if (terms.length + longer.length > maxTerms || factors + longer.length * degree > maxFactors)
        throw termsError(self);
    }
    if (longer.length === 0) break;
    factors += longer.length * degree;
    if (degree >= least) for (const term of longer) terms.push(Int32Array.from(term));
    last = longer;
  }
  return terms;
}

/** `degree` is the highest, or from 1.0 on (lowest, highest). */
function degrees(self: Instance): readonly [number, number] {
  const value = attribute(self, "degree");
  const parts = isNode(value) && (value.kind === "tuple" || value.kind === "list") ? value.items : [0, value ?? null];
  const [least, most] = parts.map(scalarOf);
  if (
    typeof least === "number" &&
    typeof most === "number" &&
    Number.isInteger(most) &&
    most >= 0 &&
    parts.length === 2
  ) {
    return [Math.max(1, least), most];
  }
  throw attributeError(self, "degree", "a number or two were expected");
}

function termsError(self: Instance): Error {
  return trimaranError("MODEL_UNSUPPORTED", {
    path: pathOf(self, "degree"),
    what: `more than ${maxTerms} products`,
    nearest: "",
  });
}
