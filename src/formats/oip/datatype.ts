// The datatypes of the Open Inference Protocol: how many bytes an element has, and which array holds elements here.

/** All of them; BF16 travels as raw bytes only. */
export type TensorDatatype =
  | "BOOL"
  | "UINT8"
  | "UINT16"
  | "UINT32"
  | "UINT64"
  | "INT8"
  | "INT16"
  | "INT32"
  | "INT64"
  | "FP16"
  | "BF16"
  | "FP32"
  | "FP64"
  | "BYTES";

export interface DatatypeFacts {
  /** Bytes an element on the wire; null where elements carry their own length. */
  readonly bytes: number | null;
  readonly family: "bool" | "integer" | "bigint" | "float" | "bytes";
  /** The smallest and the largest integer. */
  readonly range: readonly [bigint, bigint] | null;
}

const integer = (bits: number, signed: boolean): DatatypeFacts => ({
  bytes: bits / 8,
  family: bits === 64 ? "bigint" : "integer",
  range: signed ? [-(2n ** BigInt(bits - 1)), 2n ** BigInt(bits - 1) - 1n] : [0n, 2n ** BigInt(bits) - 1n],
});
const float = (bytes: number): DatatypeFacts => ({ bytes, family: "float", range: null });

const datatypes: Readonly<Record<TensorDatatype, DatatypeFacts>> = {
  BOOL: { bytes: 1, family: "bool", range: null },
  UINT8: integer(8, false),
  UINT16: integer(16, false),
  UINT32: integer(32, false),
  UINT64: integer(64, false),
  INT8: integer(8, true),
  INT16: integer(16, true),
  INT32: integer(32, true),
  INT64: integer(64, true),
  FP16: float(2),
  BF16: float(2),
  FP32: float(4),
  FP64: float(8),
  BYTES: { bytes: null, family: "bytes", range: null },
};

export const datatypeNames: readonly TensorDatatype[] = Object.keys(datatypes) as TensorDatatype[];

export function isDatatype(name: unknown): name is TensorDatatype {
  return typeof name === "string" && Object.hasOwn(datatypes, name);
}

export function datatypeFacts(datatype: TensorDatatype): DatatypeFacts {
  return datatypes[datatype];
}
