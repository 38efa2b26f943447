// A graph's input as ONNX inputs: a matrix is one tensor of doubles; a dictionary or a table is one tensor [rows, 1] a
// feature or column, of strings or of doubles.
import type { Label } from "../../data/predictions.ts";
import type { ModelGraph } from "../../model/graph.ts";
import type { Op } from "../../model/op.ts";
import type { ValueId, ValueType } from "../../model/value.ts";
import type { OnnxValueInfo } from "./onnx-proto.ts";
import { emptyIsMissing, exportError, type OnnxColumn, type OnnxValue, widthOf } from "./op-writer.ts";

export interface GraphInputs {
  readonly value: OnnxValue;
  readonly infos: readonly OnnxValueInfo[];
}

export interface NeededOps {
  /** Those that the chosen methods need, by the value that each makes. */
  readonly ops: ReadonlyMap<ValueId, Op>;
  /** Of every value of the graph. */
  readonly types: readonly ValueType[];
}

/** Columns of a table that nothing reads are among the infos too. */
export function graphInputs({ input }: ModelGraph, { ops, types }: NeededOps): GraphInputs {
  switch (input.kind) {
    case "matrix": {
      const says = input.named ? input.columns.map((column) => column.name).join(", ") : "";
      return {
        value: { kind: "tensor", name: matrixName },
        infos: [{ name: matrixName, type: "double", width: input.columns.length, says }],
      };
    }
    case "records": {
      const features = input.features.map(({ name, numeric, categories }): [string, OnnxColumn] => {
        if (numeric && categories.length > 0) {
          throw exportError("vectorize", "a feature takes strings and numbers, and an ONNX input has one type");
        }
        return [name, { name, text: !numeric, renamed: emptyIsMissing }];
      });
      const infos = features.map(([, { name, text }]) => info(name, text));
      return { value: { kind: "records", features: new Map(features) }, infos };
    }
    case "table": {
      const uses = columnUses({ width: input.columns.length, ops, types });
      const columns = input.columns.map(({ name, type }, index): OnnxColumn => {
        const use = uses[index];
        if (use === "both") throw exportError(`the column ${name}`, "it is used as text and as a number");
        return { name, text: use === undefined ? type === "string" : use === "text", renamed: emptyIsMissing };
      });
      return { value: { kind: "table", columns }, infos: columns.map(({ name, text }) => info(name, text)) };
    }
  }
}

/** The name of a matrix input. */
export const matrixName = "X";

function info(name: string, text: boolean): OnnxValueInfo {
  const says = text ? "a string; an empty one is missing" : "a number; NaN is missing";
  return { name, type: text ? "string" : "double", width: 1, says };
}

type Use = "text" | "number" | "both" | undefined;

interface UsedTable {
  readonly width: number;
  readonly ops: ReadonlyMap<ValueId, Op>;
  readonly types: readonly ValueType[];
}

/** What each column of the input table is read as; undefined where nothing tells. */
function columnUses({ width, ops, types }: UsedTable): readonly Use[] {
  const uses = new Array<Use>(width).fill(undefined);
  // Of each value that is a table: where its columns stood in the input.
  const tables = new Map<ValueId, readonly (number | undefined)[]>([[0, uses.map((_, index) => index)]]);
  const note = (column: number | undefined, labels: readonly (Label | null)[]): void => {
    if (column === undefined) return;
    for (const label of labels) {
      if (label === null) continue;
      const use = label.type === "string" ? "text" : "number";
      uses[column] = uses[column] === undefined || uses[column] === use ? use : "both";
    }
  };
  for (const [value, op] of [...ops].sort(([a], [b]) => a - b)) {
    const columns = tables.get(op.inputs[0] ?? -1) ?? [];
    switch (op.kind) {
      case "select":
        tables.set(
          value,
          Array.from(op.columns, (column) => columns[column]),
        );
        break;
      case "fill_missing":
        for (const [index, fill] of op.fills.entries()) note(columns[index], [fill, op.missing]);
        tables.set(value, columns);
        break;
      case "missing_flags":
        for (const column of columns) note(column, [op.missing]);
        break;
      case "join_columns":
        tables.set(
          value,
          op.inputs.flatMap(
            (input) => tables.get(input) ?? new Array<undefined>(widthOf(types[input])).fill(undefined),
          ),
        );
        break;
      case "table_numbers":
        for (const column of columns) note(column, [{ type: "float", value: 0 }]);
        break;
      case "category_numbers":
        for (const [index, { categories }] of op.tables.entries()) note(columns[index], categories);
        break;
      default:
        break;
    }
  }
  return uses;
}
