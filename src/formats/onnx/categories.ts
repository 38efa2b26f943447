// Ops on categories and missing cells → ONNX nodes.
import type { Label } from "../../data/predictions.ts";
import type { CategoryTable } from "../../model/ops/category-numbers.ts";
import { chosenColumns, joined } from "./columns.ts";
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import {
  exportError,
  numberOf,
  type OnnxColumn,
  rounded,
  tensor,
  tensorInput,
  type WriteOp,
  widthOf,
} from "./op-writer.ts";

/** A cell that the library refuses becomes NaN. */
export const writeCategoryNumbers: WriteOp<"category_numbers"> = (op, context) => {
  const { onnx, inputs, types, result } = context;
  const [input] = inputs;
  const parts = op.tables.map((table, index): OnnxName => {
    if (input?.kind === "table") {
      const column = input.columns[index] as OnnxColumn;
      return column.text ? textNumbers(onnx, column, table) : numberNumbers(onnx, column.name, table);
    }
    const all = tensorInput(context);
    return numberNumbers(onnx, widthOf(types[0]) === 1 ? all : chosenColumns(onnx, all, [index]), table);
  });
  return tensor(rounded(context, joined(onnx, parts), numberOf(result)));
};

const otherwise = (rule: number | "refuse"): number => (rule === "refuse" ? Number.NaN : rule);
const missingNumber = ({ missing, unknown }: CategoryTable): number =>
  otherwise(missing === "unknown" ? unknown : missing);

/** Strings → places in a list of numbers, whose last one is that of an unknown string. */
function textNumbers(onnx: OnnxBuilder, column: OnnxColumn, table: CategoryTable): OnnxName {
  const known = new Map<string, number>();
  for (const [at, label] of table.categories.entries()) {
    if (label.type === "string" && !known.has(label.value)) known.set(label.value, table.numbers[at] ?? 0);
  }
  const numbers = new Map(known);
  for (const [text, meant] of column.renamed) {
    if (meant !== null) numbers.set(text, known.get(meant) ?? otherwise(table.unknown));
    else if (!known.has(text)) numbers.set(text, missingNumber(table));
  }
  const places = onnx.mlNode("LabelEncoder", [column.name], {
    keys_strings: { kind: "strings", values: [...numbers.keys()] },
    values_int64s: { kind: "ints", values: Array.from(numbers.keys(), (_, place) => place) },
    default_int64: int(numbers.size),
  });
  return onnx.node("Gather", [
    onnx.doubles([...numbers.values(), otherwise(table.unknown)], [numbers.size + 1]),
    places,
  ]);
}

/** Numbers → places: 0 is unknown, then the categories, then what is missing. */
function numberNumbers(onnx: OnnxBuilder, x: OnnxName, table: CategoryTable): OnnxName {
  const known = new Map<number, number>();
  for (const [at, { type, value }] of table.categories.entries()) {
    const number = Number(value);
    if (type === "integer" && !Number.isSafeInteger(number)) {
      throw exportError("category_numbers", "a category is an integer that no double holds");
    }
    if (type !== "string" && !known.has(number) && !Number.isNaN(number)) known.set(number, table.numbers[at] ?? 0);
  }
  const count = known.size;
  const numbers = onnx.doubles([otherwise(table.unknown), ...known.values(), missingNumber(table)], [count + 2]);
  const missingPlace = onnx.node("Mul", [onnx.cast(onnx.node("IsNaN", [x]), "double"), onnx.doubles([count + 1])]);
  if (count === 0) return onnx.node("Gather", [numbers, onnx.cast(missingPlace, "int64")]);
  const equal = onnx.cast(onnx.node("Equal", [x, onnx.doubles([...known.keys()], [1, count])]), "double");
  const place = onnx.node("MatMul", [
    equal,
    onnx.doubles(
      Array.from(known.keys(), (_, at) => at + 1),
      [count, 1],
    ),
  ]);
  return onnx.node("Gather", [numbers, onnx.cast(onnx.node("Add", [place, missingPlace]), "int64")]);
}

/** A position is 1 in its own column; a NaN leaves all empty. */
export const writeOneHot: WriteOp<"one_hot"> = (op, context) => {
  const { onnx } = context;
  const positions = tensorInput(context);
  const parts = op.widths.flatMap((width, index): readonly OnnxName[] => {
    if (width === 0) return [];
    const column = op.widths.length === 1 ? positions : chosenColumns(onnx, positions, [index]);
    const places = onnx.doubles(
      Array.from({ length: width }, (_, place) => place),
      [1, width],
    );
    return [onnx.cast(onnx.node("Equal", [column, places]), "double")];
  });
  return tensor(joined(onnx, parts));
};

export const writeFillMissing: WriteOp<"fill_missing"> = (op, context) => {
  const { onnx, inputs } = context;
  const [input] = inputs;
  if (input?.kind === "table") {
    return {
      kind: "table",
      columns: input.columns.map((column, index): OnnxColumn => {
        const fill = op.fills[index] ?? null;
        if (column.text) return { ...column, renamed: renamedText(column, op.missing, fill) };
        return { ...column, name: filled(onnx, column.name, { missing: op.missing, fills: [fill] }) };
      }),
    };
  }
  return tensor(filled(onnx, tensorInput(context), op));
};

function filled(
  onnx: OnnxBuilder,
  x: OnnxName,
  { missing, fills }: { missing: Label | null; fills: readonly (Label | null)[] },
): OnnxName {
  if (fills.some((fill) => fill?.type === "string")) {
    throw exportError("fill_missing", "a column is used as text and as a number");
  }
  const numbers = fills.map((fill) => (fill === null ? Number.NaN : Number(fill.value)));
  return onnx.node("Where", [isMissing(onnx, x, missing), onnx.doubles(numbers, [1, numbers.length]), x]);
}

export const writeMissingFlags: WriteOp<"missing_flags"> = ({ missing }, context) => {
  const { onnx, inputs } = context;
  const [input] = inputs;
  if (input?.kind !== "table") return tensor(onnx.cast(isMissing(onnx, tensorInput(context), missing), "double"));
  const parts = input.columns.map((column): OnnxName => {
    if (!column.text) return onnx.cast(isMissing(onnx, column.name, missing), "double");
    const wanted = missing?.value ?? null;
    const texts = new Set([...column.renamed].filter(([, meant]) => meant === wanted).map(([text]) => text));
    if (typeof wanted === "string" && !column.renamed.has(wanted)) texts.add(wanted);
    const flags = onnx.mlNode("LabelEncoder", [column.name], {
      keys_strings: { kind: "strings", values: [...texts] },
      values_int64s: { kind: "ints", values: [...texts].map(() => 1) },
      default_int64: int(0),
    });
    return onnx.cast(flags, "double");
  });
  return tensor(joined(onnx, parts));
};

function isMissing(onnx: OnnxBuilder, x: OnnxName, missing: Label | null): OnnxName {
  if (missing === null) return onnx.node("IsNaN", [x]);
  if (missing.type === "string") throw exportError("a missing cell", "a column is used as text and as a number");
  return onnx.node("Equal", [x, onnx.doubles([Number(missing.value)])]);
}

function renamedText(
  { renamed }: OnnxColumn,
  missing: Label | null,
  fill: Label | null,
): ReadonlyMap<string, string | null> {
  if ((fill !== null && fill.type !== "string") || (missing !== null && missing.type !== "string")) {
    throw exportError("fill_missing", "a column is used as text and as a number");
  }
  const [from, to] = [missing?.value ?? null, fill?.value ?? null];
  const result = new Map(renamed);
  if (from !== null && !result.has(from)) result.set(from, from);
  for (const [text, meant] of result) if (meant === from) result.set(text, to);
  return result;
}
