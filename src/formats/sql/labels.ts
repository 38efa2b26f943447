// Numbers → class labels, and labels → rows of numbers.
import type { Label } from "../../data/predictions.ts";
import type { SqlWriter } from "./op-writer.ts";
import { exportError, type Sql, type SqlBuilder, sql } from "./sql-builder.ts";
import { canHold, sqlDouble, sqlText } from "./sql-text.ts";
import { expression, type NumberCell, numberOf, numbersValue } from "./sql-value.ts";

export const writeLabel: SqlWriter<"label"> = (op, { builder, inputs }) => {
  const cells = numbersValue(inputs[0], "label").cells.map((cell) => numberOf(builder, cell));
  const zero = sqlDouble(0, builder.dialect);
  switch (op.rule) {
    case "positive":
    case "not_negative": {
      const [x] = cells as [Sql];
      const several = (op.labels[0]?.length ?? 0) > 1;
      const test = op.rule === "positive" ? sql`${x} > ${zero}` : sql`${x} >= ${zero}`;
      const code = several ? sql`CASE WHEN ${test} THEN 1 ELSE 0 END` : sql`CASE WHEN ${x} IS NULL THEN 0 ELSE 0 END`;
      return { kind: "label", codes: [builder.column(code)], labels: op.labels };
    }
    case "index":
      return {
        kind: "label",
        codes: cells.map((cell) => builder.column(sql`CAST(${cell} AS integer)`)),
        labels: op.labels,
      };
    case "argmax": {
      let at = 0;
      const codes = op.labels.map((labels) => {
        const own = cells.slice(at, at + labels.length);
        at += labels.length;
        return builder.column(largest(builder, own));
      });
      return { kind: "label", codes, labels: op.labels };
    }
  }
};

/** The first of the largest; a NULL (NaN) counts as larger than all. */
function largest(builder: SqlBuilder, cells: readonly Sql[]): Sql {
  const level = Math.max(...cells.map((cell) => cell.level));
  const top = builder.column({ text: `greatest(${cells.map(({ text }) => text).join(", ")})`, level });
  const missing = cells.map(({ text }, at) => `WHEN ${text} IS NULL THEN ${at}`);
  const found = cells.map(({ text }, at) => `WHEN ${text} = ${top.text} THEN ${at}`);
  return { text: `CASE ${[...missing, ...found].join(" ")} END`, level: top.level };
}

export const writeLookup: SqlWriter<"lookup"> = (op, { builder, inputs }) => {
  const [input] = inputs;
  if (input?.kind !== "label" || input.codes.length !== 1) throw exportError("lookup", "it takes no label here");
  const code = input.codes[0] as Sql;
  const count = input.labels[0]?.length ?? 0;
  const cells = Array.from({ length: op.width }, (_, column): NumberCell => {
    const cases = Array.from(
      { length: count },
      (__, row) => `WHEN ${row} THEN ${sqlDouble(op.table[row * op.width + column] ?? 0, builder.dialect)}`,
    );
    return expression(builder.column({ text: `CASE ${code.text} ${cases.join(" ")} END`, level: code.level }));
  });
  return { kind: "numbers", cells, number: op.number ?? "f64" };
};

/** The label itself, in one SQL type. @throws SQL_EXPORT where the labels are of several */
export function labelSql({ dialect }: SqlBuilder, code: Sql, labels: readonly Label[]): Sql {
  const types = new Set(labels.map(({ type }) => type));
  if (types.size > 1) throw exportError("label", "its labels are of several types");
  const cases = labels.map((label, at) => `WHEN ${at} THEN ${labelText(label, dialect)}`);
  return { text: `CASE ${code.text} ${cases.join(" ")} END`, level: code.level };
}

function labelText(label: Label, dialect: SqlBuilder["dialect"]): string {
  switch (label.type) {
    case "string":
      if (!canHold(label.value, dialect)) throw exportError("label", "a label is no text that the database holds");
      return `CAST(${sqlText(label.value, dialect)} AS ${dialect === "postgres" ? "text" : "VARCHAR"})`;
    case "boolean":
      return String(label.value);
    case "float":
      return sqlDouble(label.value, dialect);
    case "integer": {
      const value = BigInt(label.value);
      if (BigInt.asIntN(64, value) !== value) throw exportError("label", "a label is larger than 64 bits");
      return `CAST('${value}' AS bigint)`;
    }
  }
}
