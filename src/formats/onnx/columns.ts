// Ops that take, join and encode columns → ONNX nodes.
import { int, type OnnxBuilder, type OnnxName } from "./onnx-builder.ts";
import {
  emptyIsMissing,
  exportError,
  numberOf,
  type OnnxColumn,
  rounded,
  tensor,
  tensorInput,
  type WriteContext,
  type WriteOp,
} from "./op-writer.ts";

export const writeSelect: WriteOp<"select"> = (op, context) => {
  const [input] = context.inputs;
  if (input?.kind === "table") {
    return { kind: "table", columns: [...op.columns].flatMap((column) => input.columns[column] ?? []) };
  }
  return tensor(chosenColumns(context.onnx, tensorInput(context), op.columns));
};

export function chosenColumns(onnx: OnnxBuilder, x: OnnxName, columns: ArrayLike<number>): OnnxName {
  return onnx.node("Gather", [x, onnx.integers(columns)], { axis: int(1) });
}

export const writeConcat: WriteOp<"concat"> = (op, context) =>
  tensor(
    rounded(
      context,
      joined(
        context.onnx,
        op.inputs.map((_, index) => tensorInput(context, index)),
      ),
      numberOf(context.result),
    ),
  );

export function joined(onnx: OnnxBuilder, parts: readonly OnnxName[]): OnnxName {
  const [only] = parts;
  return parts.length === 1 && only !== undefined ? only : onnx.node("Concat", parts, { axis: int(1) });
}

/** [1, width] repeated for every row. */
export const writeConstant: WriteOp<"constant"> = (op, { onnx, anyInput }) => {
  const width = op.numbers.length;
  const rows = onnx.node("Gather", [onnx.node("Shape", [anyInput]), onnx.integers([0])]);
  const shape = onnx.node("Concat", [rows, onnx.integers([width])], { axis: int(0) });
  return tensor(onnx.node("Expand", [onnx.doubles(op.numbers, [1, width]), shape]));
};

/** Tables side by side. Numbers that join text would have to become cells of mixed types, which no tensor holds. */
export const writeJoinColumns: WriteOp<"join_columns"> = (_op, { inputs, types, onnx }) => ({
  kind: "table",
  columns: inputs.flatMap((input, index): readonly OnnxColumn[] => {
    if (input.kind === "table") return input.columns;
    if (input.kind !== "tensor") throw new TypeError("onnx: columns were promised");
    const type = types[index];
    const width = type?.kind === "dense" ? type.width : 0;
    return Array.from({ length: width }, (_, column) => ({
      name: chosenColumns(onnx, input.name, [column]),
      text: false,
      renamed: emptyIsMissing,
    }));
  }),
});

export const writeTableNumbers: WriteOp<"table_numbers"> = (_op, context) => {
  const parts = tableColumns(context).map(({ name, text }) => {
    if (text) throw exportError("table_numbers", "a column is used as text and as a number");
    return name;
  });
  return tensor(joined(context.onnx, parts));
};

export function tableColumns({ inputs }: WriteContext): readonly OnnxColumn[] {
  const [input] = inputs;
  if (input?.kind !== "table") throw new TypeError("onnx: a table was promised");
  return input.columns;
}

/** One-hot columns of each text feature and the number of each numeric one, put in the order of the dictionary. */
export const writeVectorize: WriteOp<"vectorize"> = (op, context) => {
  const { onnx, inputs, result } = context;
  const [input] = inputs;
  if (input?.kind !== "records") throw new TypeError("onnx: records were promised");
  const places = new Map(op.names.map((name, column) => [name, column]));
  const parts: OnnxName[] = [];
  const order: number[] = [];
  const left = new Set(op.names);
  for (const [feature, { name, text }] of input.features) {
    const prefix = feature + op.separator;
    const known = text ? op.names.filter((each) => each.startsWith(prefix) && left.has(each)) : [feature];
    for (const each of known) {
      order.push(places.get(each) ?? 0);
      left.delete(each);
    }
    parts.push(
      text
        ? oneHot(
            onnx,
            name,
            known.map((each) => each.slice(prefix.length)),
          )
        : name,
    );
  }
  if (left.size > 0) throw exportError("vectorize", `${left.size} of its names belong to no feature`);
  const values = joined(onnx, parts);
  const back = new Int32Array(order.length);
  for (const [at, column] of order.entries()) back[column] = at;
  const ordered = order.every((column, at) => column === at) ? values : chosenColumns(onnx, values, back);
  if (op.number === "i64") return tensor(onnx.cast(onnx.cast(ordered, "int64"), "double"));
  return tensor(rounded(context, ordered, numberOf(result)));
};

/** Strings [rows, 1] → [rows, categories]; a string that is none of them gives zeros. */
function oneHot(onnx: OnnxBuilder, name: OnnxName, categories: readonly string[]): OnnxName {
  const hot = onnx.mlNode("OneHotEncoder", [name], {
    cats_strings: { kind: "strings", values: categories },
    zeros: int(1),
  });
  return onnx.cast(onnx.node("Reshape", [hot, onnx.integers([-1, categories.length])]), "double");
}
