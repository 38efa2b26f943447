// What a writer of one operation is given.
import type { OpKind, OpOf } from "../../model/op.ts";
import type { ValueType } from "../../model/value.ts";
import { exportError, type SqlBuilder } from "./sql-builder.ts";
import type { SqlCell, SqlValue } from "./sql-value.ts";

export interface SqlContext {
  readonly builder: SqlBuilder;
  readonly inputs: readonly SqlValue[];
  readonly types: readonly ValueType[];
  readonly result: ValueType;
  /** The features by name: what `vectorize` reads. */
  readonly features: ReadonlyMap<string, SqlCell>;
}

export type SqlWriter<Kind extends OpKind> = (op: OpOf<Kind>, context: SqlContext) => SqlValue;

export function unsupported<Kind extends OpKind>(reason: string): SqlWriter<Kind> {
  return (op) => {
    throw exportError(op.kind.replaceAll("_", " "), reason);
  };
}
