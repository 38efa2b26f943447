// The singular values of a small matrix and their directions, by rotating pairs of columns until all stand square to one another.
// Source: M. R. Hestenes, "Inversion of Matrices by Biorthogonalization and Related Results" (1958); Golub and Van Loan, 8.6.3.
import { dot, norm } from "./centred-rows.ts";

export interface SingularValues {
  /** One a value, as long as a column is. */
  readonly left: readonly Float64Array[];
  readonly values: Float64Array;
  /** One a value, as long as there are columns. */
  readonly right: readonly Float64Array[];
}

const mostSweeps = 60;

/** Of the matrix with these columns, each `height` long. */
export function singularValues(columns: readonly Float64Array[], height: number): SingularValues {
  if (columns.length > height) {
    const rows = Array.from({ length: height }, (_, row) => Float64Array.from(columns, (each) => each[row] as number));
    const { left, values, right } = singularValues(rows, columns.length);
    return { left: right, values, right: left };
  }
  // The triangle of an orthogonal basis is smaller than the columns, and has the same values.
  const { basis, triangle } = orthogonalBasis(columns);
  const turned = triangle.map((each) => each.slice());
  const right = columns.map((_, at) => Float64Array.from(columns, (_each, other) => (other === at ? 1 : 0)));
  for (let sweep = 0; sweep < mostSweeps; sweep++) if (!rotateAll(turned, right)) break;
  const values = Float64Array.from(turned, norm);
  const left = turned.map((each, at) => combine(basis, each, 1 / ((values[at] as number) || 1)));
  // `right` holds, row by row, what each turned column is made of.
  return { left, values, right };
}

/** Columns = basis · triangle: column c is Σ basis[k] · triangle[c][k]. Each column is made square to the others twice. */
function orthogonalBasis(columns: readonly Float64Array[]): {
  readonly basis: readonly Float64Array[];
  readonly triangle: readonly Float64Array[];
} {
  const basis: Float64Array[] = [];
  const triangle = columns.map((column) => {
    const parts = new Float64Array(columns.length);
    const rest = column.slice();
    const whole = norm(column);
    for (let round = 0; round < 2; round++) {
      for (const [at, each] of basis.entries()) {
        const along = dot(each, rest);
        parts[at] = (parts[at] as number) + along;
        for (let row = 0; row < rest.length; row++) rest[row] = (rest[row] as number) - along * (each[row] as number);
      }
    }
    const length = norm(rest);
    // What is left of a column that the others make up is rounding, and has no direction.
    const isNew = length > whole * 1e-15;
    if (isNew) parts[basis.length] = length;
    basis.push(isNew ? rest.map((value) => value / length) : new Float64Array(rest.length));
    return parts;
  });
  return { basis, triangle };
}

/** One turn of every pair; false when none was needed. */
function rotateAll(columns: readonly Float64Array[], right: readonly Float64Array[]): boolean {
  let turned = false;
  for (let first = 0; first < columns.length; first++) {
    for (let second = first + 1; second < columns.length; second++) {
      const a = columns[first] as Float64Array;
      const b = columns[second] as Float64Array;
      const product = dot(a, b);
      const [aa, bb] = [dot(a, a), dot(b, b)];
      if (Math.abs(product) <= Number.EPSILON * Math.sqrt(aa * bb)) continue;
      turned = true;
      const zeta = (bb - aa) / (2 * product);
      const tangent = (zeta < 0 ? -1 : 1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
      const cosine = 1 / Math.sqrt(1 + tangent * tangent);
      rotate({ a, b }, cosine, cosine * tangent);
      rotate({ a: right[first] as Float64Array, b: right[second] as Float64Array }, cosine, cosine * tangent);
    }
  }
  return turned;
}

function rotate({ a, b }: { a: Float64Array; b: Float64Array }, cosine: number, sine: number): void {
  for (let at = 0; at < a.length; at++) {
    const [left, right] = [a[at] as number, b[at] as number];
    a[at] = cosine * left - sine * right;
    b[at] = sine * left + cosine * right;
  }
}

function combine(basis: readonly Float64Array[], parts: Float64Array, by: number): Float64Array {
  const sum = new Float64Array(basis[0]?.length ?? 0);
  for (const [at, each] of basis.entries()) {
    const along = (parts[at] as number) * by;
    for (let row = 0; row < sum.length; row++) sum[row] = (sum[row] as number) + along * (each[row] as number);
  }
  return sum;
}
