// An affine step over records that come as columns, feature by feature. Where the features of every record lie in one order of the
// model's columns, each row's products are added in the order in which they are added over its record: the sums have the same bits.
import type { FeatureColumns, WarningCode } from "../../data/batch.ts";
import type { AffineOp } from "../../model/ops/affine.ts";
import type { Frame } from "../frame.ts";
import type { KnownCells, ReadFeature, RecordsReader } from "../records-reader.ts";

export interface AffineColumnsOptions {
  readonly records: RecordsReader;
  readonly affine: AffineOp;
  /** Columns of the model's input. */
  readonly width: number;
  /** A number that is not finite may be refused. */
  readonly checksFinite: boolean;
}

/** Row by row, output by output. null: records have to be looked at one by one. */
export type AffineColumns = (columns: FeatureColumns, frame: Frame) => Float64Array | null;

export function affineColumns({ records, affine, width, checksFinite }: AffineColumnsOptions): AffineColumns {
  const { weights, intercept } = affine;
  const outputs = intercept.length;
  const coded = new Map<string, CodedFeature>();
  const placed = (feature: ReadFeature): PlacedFeature => {
    if (feature.kind === "number") return { feature, first: feature.column, last: feature.column };
    let known = coded.get(feature.name);
    if (known?.known !== feature.known) {
      known = new CodedFeature(feature.known, { weights, outputs, width });
      coded.set(feature.name, known);
    }
    known.learn();
    return { feature, coded: known, first: known.first, last: known.last };
  };
  return (columns, frame) => {
    const features = records.features(columns).map(placed);
    const summed = features.filter(({ last }) => last >= 0).sort((left, right) => left.first - right.first);
    if (summed.some(({ first }, at) => at > 0 && first <= summed[at - 1]!.last)) return null;
    if (checksFinite && !summed.every(hasOnlyFinite)) return null;
    const { rowCount } = frame;
    const values = new Float64Array(rowCount * outputs);
    for (const { feature, coded: known } of summed) {
      for (let output = 0; output < outputs; output++) {
        const sums = { values, start: output, step: outputs };
        if (feature.kind === "number") addNumbers(sums, feature.values, weights[output * width + feature.column]!);
        else addCoded(sums, feature.codes, known!.products[output]!);
      }
    }
    for (let output = 0; output < outputs; output++) {
      const last = intercept[output]!;
      for (let at = output; at < values.length; at += outputs) values[at] = values[at]! + last;
    }
    warn(features, frame);
    return values;
  };
}

interface PlacedFeature {
  readonly feature: ReadFeature;
  /** Of one that is coded. */
  readonly coded?: CodedFeature;
  /** The columns that its values lie in; of one without any `last` is -1. */
  readonly first: number;
  readonly last: number;
}

interface AffineShape {
  readonly weights: AffineOp["weights"];
  readonly outputs: number;
  readonly width: number;
}

/** What is known of the codes of one feature. */
class CodedFeature {
  readonly known: KnownCells;
  /** By output and code; of a code without a column 0, which changes no sum. */
  readonly products: readonly number[][];
  first = Number.POSITIVE_INFINITY;
  last = -1;
  isFinite = true;
  /** A code has no column. */
  warns = false;
  readonly #shape: AffineShape;

  constructor(known: KnownCells, shape: AffineShape) {
    this.known = known;
    this.#shape = shape;
    this.products = Array.from({ length: shape.outputs }, () => []);
  }

  /** The codes that have come since. */
  learn(): void {
    const { columns, values } = this.known;
    const { weights, width } = this.#shape;
    for (let code = this.products[0]?.length ?? columns.length; code < columns.length; code++) {
      const [column, value] = [columns[code]!, values[code]!];
      for (const [output, products] of this.products.entries()) {
        products.push(column < 0 ? 0 : value * weights[output * width + column]!);
      }
      if (column < 0) this.warns = true;
      else {
        this.first = Math.min(this.first, column);
        this.last = Math.max(this.last, column);
        this.isFinite &&= Number.isFinite(value);
      }
    }
  }
}

function hasOnlyFinite({ feature, coded }: PlacedFeature): boolean {
  if (feature.kind === "coded") return coded!.isFinite;
  const { values } = feature;
  for (let row = 0; row < values.length; row++) if (!Number.isFinite(values[row]!)) return false;
  return true;
}

interface Sums {
  readonly values: Float64Array;
  readonly start: number;
  readonly step: number;
}

function addNumbers({ values, start, step }: Sums, numbers: Float64Array, weight: number): void {
  for (let row = 0, at = start; at < values.length; row++, at += step)
    values[at] = values[at]! + numbers[row]! * weight;
}

function addCoded({ values, start, step }: Sums, codes: Int32Array, products: readonly number[]): void {
  for (let row = 0, at = start; at < values.length; row++, at += step)
    values[at] = values[at]! + products[codes[row]!]!;
}

interface Warned {
  /** The first one. */
  readonly row: number;
  readonly code: WarningCode;
  readonly name: string;
  count: number;
}

/** As if record after record had been looked at. */
function warn(features: readonly PlacedFeature[], frame: Frame): void {
  const found = features.flatMap((feature) => warnedOf(feature, frame.rowCount));
  for (const { code, name, count } of found.sort((left, right) => left.row - right.row)) frame.warn(code, name, count);
}

function warnedOf({ feature, coded }: PlacedFeature, rowCount: number): readonly Warned[] {
  const { name } = feature;
  if (feature.kind === "number") {
    const isKnown = feature.column >= 0 || rowCount === 0;
    return isKnown ? [] : [{ row: 0, code: "unknown_feature", name, count: rowCount }];
  }
  if (!coded!.warns) return [];
  const { codes, known } = feature;
  const { columns, warnings } = known;
  const found = new Map<WarningCode, Warned>();
  for (let row = 0; row < rowCount; row++) {
    if (columns[codes[row]!]! >= 0) continue;
    const code = warnings[codes[row]!]!;
    const warned = found.get(code);
    if (warned === undefined) found.set(code, { row, code, name, count: 1 });
    else warned.count++;
  }
  return [...found.values()];
}
