// splines → ONNX nodes: between two knots every spline is one polynomial, which is worked out here; a cell looks up those of its
// own interval in a table and computes them by Horner's rule, from the left end of the interval.
import type { SplineColumn, SplinesOp } from "../../model/ops/splines.ts";
import { chosenColumns, joined } from "./columns.ts";
import { countBelow } from "./lines.ts";
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import { tensor, tensorInput, type WriteOp, widthOf } from "./op-writer.ts";

/** A cell that the library refuses becomes NaN; a missing one gives zeros, as in the library. */
export const writeSplines: WriteOp<"splines"> = (op, context) => {
  const { onnx, types } = context;
  const x = tensorInput(context);
  const width = widthOf(types[0]);
  const parts = op.columns.map((column, index) =>
    splinesOf(onnx, width === 1 ? x : chosenColumns(onnx, x, [index]), { op, column }),
  );
  return tensor(joined(onnx, parts));
};

interface ColumnSplines {
  readonly op: SplinesOp;
  readonly column: SplineColumn;
}

function splinesOf(onnx: OnnxBuilder, given: OnnxName, { op, column }: ColumnSplines): OnnxName {
  const { degree, outside, splines } = op;
  const { knots } = column;
  const [first, last] = [knots[degree] ?? 0, knots[knots.length - degree - 1] ?? 0];
  const cells = outside === "periodic" ? wrapped(onnx, given, [first, last]) : given;
  const isLow = onnx.node("Less", [cells, onnx.doubles([first])]);
  const isHigh = onnx.node("Greater", [cells, onnx.doubles([last])]);
  const pieces = Array.from({ length: knots.length - 2 * degree - 1 }, (_, at) => pieceOf(op, column, degree + at));
  const all = [...pieces, borderPiece(op, { side: "low", inner: pieces[0] as Piece, at: first })];
  all.push(borderPiece(op, { side: "high", inner: pieces.at(-1) as Piece, at: last }));
  // How many knots beyond the first one, up to the last but one, lie at or below a cell.
  const inner = knots.slice(degree + 1, knots.length - degree - 1);
  const inside = inner.length === 0 ? null : countBelow(onnx, cells, { points: inner, rule: "LessOrEqual" });
  const flat = (flags: OnnxName): OnnxName => onnx.node("Reshape", [flags, onnx.integers([-1])]);
  let place = inside ?? onnx.cast(flat(onnx.node("IsNaN", [cells])), "int64");
  if (inside === null) place = onnx.node("Mul", [place, onnx.integers([0])]);
  if (outside === "constant" || outside === "linear") {
    place = onnx.node("Where", [flat(isLow), onnx.integers([pieces.length]), place]);
    place = onnx.node("Where", [flat(isHigh), onnx.integers([pieces.length + 1]), place]);
  }
  const start = onnx.doubles(
    all.map(({ start }) => start),
    [all.length, 1],
  );
  const gap = onnx.node("Sub", [cells, onnx.node("Gather", [start, place])]);
  const coefficients = (power: number): OnnxName => {
    const table = all.flatMap(({ polynomials }) => polynomials.map((each) => each[power] ?? 0));
    return onnx.node("Gather", [onnx.doubles(table, [all.length, splines]), place]);
  };
  let value = coefficients(degree);
  for (let power = degree - 1; power >= 0; power--) {
    value = onnx.node("Add", [onnx.node("Mul", [value, gap]), coefficients(power)]);
  }
  // Far out, where powers overflow, the library multiplies infinities with zeros.
  if (outside === "continue") {
    const power = onnx.node("Pow", [gap, onnx.doubles([degree])]);
    value = onnx.node("Add", [value, onnx.node("Mul", [power, onnx.doubles([0])])]);
  }
  if (outside === "refuse") {
    value = onnx.node("Where", [onnx.node("Or", [isLow, isHigh]), onnx.doubles([Number.NaN]), value]);
  }
  return onnx.node("Where", [onnx.node("IsNaN", [given]), onnx.doubles([0]), value]);
}

/** first + (x − first) mod (last − first). */
function wrapped(onnx: OnnxBuilder, x: OnnxName, [first, last]: readonly [number, number]): OnnxName {
  const period = last - first;
  if (!(period > 0)) return onnx.node("Mul", [x, onnx.doubles([0])]);
  const rest = onnx.node("Mod", [onnx.node("Sub", [x, onnx.doubles([first])]), onnx.doubles([period])], {
    fmod: int(1),
  });
  const isNegative = onnx.node("Less", [rest, onnx.doubles([0])]);
  const positive = onnx.node("Where", [isNegative, onnx.node("Add", [rest, onnx.doubles([period])]), rest]);
  return onnx.node("Add", [positive, onnx.doubles([first])]);
}

/** Coefficients, the constant first. */
type Polynomial = readonly number[];

interface Piece {
  /** The polynomials are in x − start. */
  readonly start: number;
  /** One a spline. */
  readonly polynomials: readonly Polynomial[];
}

/** De Boor's recurrence, with polynomials in the place of numbers. */
function pieceOf({ degree, splines }: SplinesOp, { knots, coefficients }: SplineColumn, interval: number): Piece {
  const start = knots[interval] ?? 0;
  let local: Polynomial[] = [[1]];
  for (let order = 1; order <= degree; order++) {
    const next: Polynomial[] = [];
    let carried: Polynomial = [];
    for (let n = 0; n < order; n++) {
      const right = knots[interval + n + 1] ?? 0;
      const left = knots[interval + n + 1 - order] ?? 0;
      if (right === left) {
        next.push(carried);
        carried = [];
        continue;
      }
      const share = (local[n] ?? []).map((each) => each / (right - left));
      next.push(sum(carried, timesLine(share, right - start, -1)));
      carried = timesLine(share, start - left, 1);
    }
    local = [...next, carried];
  }
  const polynomials = Array.from({ length: splines }, (_, spline) =>
    local.reduce<Polynomial>((total, basis, n) => {
      const factor = coefficients[(interval - degree + n) * splines + spline] ?? 0;
      return sum(
        total,
        basis.map((each) => each * factor),
      );
    }, []),
  );
  return { start, polynomials };
}

/** The polynomial times (constant + slope · u). */
function timesLine(polynomial: Polynomial, constant: number, slope: number): Polynomial {
  return sum(
    polynomial.map((each) => each * constant),
    [0, ...polynomial.map((each) => each * slope)],
  );
}

function sum(a: Polynomial, b: Polynomial): Polynomial {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, power) => (a[power] ?? 0) + (b[power] ?? 0));
}

/** What stands for the cells beyond the first or the last knot: the value there, and its slope where lines go on. */
function borderPiece(
  { degree, splines, outside }: SplinesOp,
  { side, inner, at }: { readonly side: "low" | "high"; readonly inner: Piece; readonly at: number },
): Piece {
  const touched = outside === "linear" && degree <= 1 ? degree + 1 : Math.min(degree, splines);
  const all = outside === "constant" && degree === 0 && side === "high";
  const u = at - inner.start;
  const polynomials = inner.polynomials.map((polynomial, spline): Polynomial => {
    if (!all && (side === "low" ? spline >= touched : spline < splines - touched)) return [];
    let [value, slope] = [0, 0];
    for (let power = polynomial.length - 1; power >= 0; power--) {
      slope = slope * u + value;
      value = value * u + (polynomial[power] ?? 0);
    }
    return outside === "linear" ? [value, slope] : [value];
  });
  return { start: at, polynomials };
}
