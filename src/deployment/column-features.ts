// Features that are data, over whole columns: a template prints each combination of values once, and rows hold its code.
import type { Cell, FeatureColumn, FeatureColumns } from "../data/batch.ts";
import { cellAt } from "../data/feature-columns.ts";
import type { FeatureExpression } from "./feature-expression.ts";
import { templateText } from "./feature-template.ts";

/** Columns of fields → columns of features, as `features` makes them of a row. */
export type ColumnFeatures = (fields: FeatureColumns) => FeatureColumns;

/** Once a template has printed so many texts they are forgotten. */
const maxTexts = 2 ** 17;

/** What it learns of one block it uses for the next; blocks of one thread should come to the same one. */
export function columnFeatures(expressions: Readonly<Record<string, FeatureExpression>>): ColumnFeatures {
  const makers = Object.entries(expressions).map(([name, expression]) => [name, columnMaker(expression)] as const);
  return (fields) => ({
    rowCount: fields.rowCount,
    columns: new Map(makers.map(([name, make]) => [name, make(fields)])),
  });
}

type ColumnMaker = (fields: FeatureColumns) => FeatureColumn;

function columnMaker(expression: FeatureExpression): ColumnMaker {
  switch (expression.kind) {
    case "field": {
      const missing = constantMaker(null);
      return (fields) => fields.columns.get(expression.name) ?? missing(fields);
    }
    case "constant":
      return constantMaker(expression.value);
    case "template":
      return templateMaker(expression);
  }
}

function constantMaker(value: Cell): ColumnMaker {
  const cells = [value];
  return ({ rowCount }) => ({ kind: "coded", codes: new Int32Array(rowCount), cells });
}

type Template = Extract<FeatureExpression, { readonly kind: "template" }>;

function templateMaker(template: Template): ColumnMaker {
  let known = new KnownTexts(template.names.length);
  return ({ rowCount, columns }) => {
    if (known.texts.length > maxTexts) known = new KnownTexts(template.names.length);
    const parts = template.names.map((name) => columns.get(name) ?? missing);
    const { texts, textOf, values, pairs } = known;
    const codes = new Int32Array(rowCount);
    for (let row = 0; row < rowCount; row++) {
      let combination = 0;
      for (let at = 0; at < parts.length; at++) {
        combination = pairs[at]!.codeOf(combination, values[at]!.codeAt(parts[at]!, row));
      }
      let text = textOf[combination];
      if (text === undefined) {
        const cells = parts.map((part) => cellAt(part, row));
        text = texts.push(templateText(template, cells)) - 1;
        textOf[combination] = text;
      }
      codes[row] = text;
    }
    return { kind: "coded", codes, cells: texts };
  };
}

/** Of a field that is not there: no cell, which is null. */
const missing: FeatureColumn = { kind: "coded", codes: new Int32Array(0), cells: [] };

/** What one template has printed. Combinations are counted from 0 as they come. */
class KnownTexts {
  readonly texts: string[] = [];
  /** Combination → position of its text. */
  readonly textOf: number[] = [];
  /** By field of the template. */
  readonly values: readonly ValueCodes[];
  readonly pairs: readonly PairCodes[];

  constructor(fields: number) {
    this.values = Array.from({ length: fields }, () => new ValueCodes());
    this.pairs = Array.from({ length: fields }, () => new PairCodes());
  }
}

/** Whole numbers below it are their own codes but for one. */
const smallNumbers = 2 ** 16;

/** The cells of one field as codes: equal ones have the same. */
class ValueCodes {
  readonly #others = new Map<number, number>();

  codeAt(column: FeatureColumn, row: number): number {
    if (column.kind === "coded") return column.codes[row] ?? 0;
    const value = column.values[row]!;
    const code = value | 0;
    // A missing number is no whole one.
    return code === value && code >= 0 && code < smallNumbers ? code : this.#codeOf(value);
  }

  #codeOf(value: number): number {
    const known = this.#others.get(value);
    if (known !== undefined) return known;
    const code = smallNumbers + this.#others.size;
    this.#others.set(value, code);
    return code;
  }
}

/** Pairs of codes, counted as they come: open addressing, at most half full. */
class PairCodes {
  #count = 0;
  #places = 1024;
  #left = new Int32Array(1024);
  #right = new Int32Array(1024);
  /** 0: nothing stands here; else one more than the code. */
  #codes = new Int32Array(1024);

  codeOf(left: number, right: number): number {
    const place = this.#placeOf(left, right);
    const known = this.#codes[place]!;
    if (known !== 0) return known - 1;
    this.#left[place] = left;
    this.#right[place] = right;
    this.#codes[place] = ++this.#count;
    const code = this.#count - 1;
    if (2 * this.#count > this.#places) this.#grow();
    return code;
  }

  #placeOf(left: number, right: number): number {
    const mask = this.#places - 1;
    let hash = Math.imul(left, 0x9e3779b1) ^ Math.imul(right, 0x85ebca6b);
    hash ^= hash >>> 15;
    let place = hash & mask;
    while (this.#codes[place] !== 0 && (this.#left[place] !== left || this.#right[place] !== right)) {
      place = (place + 1) & mask;
    }
    return place;
  }

  #grow(): void {
    const [left, right, codes] = [this.#left, this.#right, this.#codes];
    this.#places *= 2;
    this.#left = new Int32Array(this.#places);
    this.#right = new Int32Array(this.#places);
    this.#codes = new Int32Array(this.#places);
    for (const [at, code] of codes.entries()) {
      if (code === 0) continue;
      const place = this.#placeOf(left[at]!, right[at]!);
      this.#left[place] = left[at]!;
      this.#right[place] = right[at]!;
      this.#codes[place] = code;
    }
  }
}
