// One value of a request → the type that the signature gives its column (mlflow/types/schema.py: DataType; numpy types of tensors).
// Where pandas would change a value without a word (1.5 to 1 in a column of integers), the value is refused.

export interface CellType {
  /** As MLflow's messages name it. */
  readonly shown: string;
  /** The value as the model gets it, or `undefined` where it does not fit. */
  readonly cast: (value: unknown) => unknown;
}

const anything: CellType = { shown: "object", cast: (value) => value };

const columnTypes: ReadonlyMap<string, CellType> = new Map<string, CellType>([
  ["boolean", { shown: "bool", cast: toBoolean }],
  ["integer", { shown: "int32", cast: (value) => toInteger(value, 2 ** 31) }],
  ["long", { shown: "int64", cast: (value) => toInteger(value, 2 ** 53) }],
  ["float", { shown: "float32", cast: toFloat32 }],
  ["double", { shown: "float64", cast: toFloat }],
  ["string", anything],
  ["binary", { shown: "binary", cast: toBinary }],
  ["datetime", { shown: "datetime64[ns]", cast: toDatetime }],
]);

/** Arrays, objects, maps and types that we do not know pass as they are. */
export function columnType(type: string): CellType {
  return columnTypes.get(type) ?? anything;
}

export function tensorType(dtype: string): CellType {
  if (dtype === "float32" || dtype === "float16") return { shown: dtype, cast: toFloat32 };
  if (dtype === "float64") return { shown: dtype, cast: toFloat };
  if (dtype === "bool") return { shown: dtype, cast: toBoolean };
  const bits = Number(/^u?int(8|16|32|64)$/.exec(dtype)?.[1] ?? 0);
  if (bits === 0) return { ...anything, shown: dtype };
  const unsigned = dtype.startsWith("u");
  const limit = Math.min(2 ** (unsigned ? bits : bits - 1), 2 ** 53);
  return {
    shown: dtype,
    cast(value) {
      const number = toInteger(value, limit);
      return unsigned && typeof number === "number" && number < 0 ? undefined : number;
    },
  };
}

/** Python's `float(text)`, as astype calls it; null is NaN. */
function toFloat(value: unknown): unknown {
  if (typeof value === "number") return value;
  if (value === null || value === undefined) return null;
  if (typeof value === "boolean") return Number(value);
  return typeof value === "string" ? fromText(value) : undefined;
}

const numberText = /^\s*[+-]?(\d[\d_]*\.?\d*([eE][+-]?\d+)?|\.\d+([eE][+-]?\d+)?)\s*$/;

function fromText(text: string): number | null | undefined {
  if (numberText.test(text)) return Number(text.replaceAll("_", ""));
  const word = /^\s*([+-]?)(inf(?:inity)?|nan)\s*$/i.exec(text);
  if (word === null) return undefined;
  if (word[2]!.toLowerCase() === "nan") return null;
  return word[1] === "-" ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
}

function toFloat32(value: unknown): unknown {
  const number = toFloat(value);
  return typeof number === "number" ? Math.fround(number) : number;
}

/** Whole numbers that a double carries exactly. */
function toInteger(value: unknown, limit: number): unknown {
  if (typeof value === "boolean") return Number(value);
  const number = typeof value === "string" && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
  if (typeof number !== "number" || !Number.isSafeInteger(number)) return undefined;
  return number >= -limit && number < limit ? number : undefined;
}

function toBoolean(value: unknown): unknown {
  if (typeof value === "boolean") return value;
  return value === 0 || value === 1 ? value === 1 : undefined;
}

const base64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;

/** Bytes come as base64, and go on as such: no model that we read takes bytes. */
function toBinary(value: unknown): unknown {
  return value === null || (typeof value === "string" && base64.test(value)) ? value : undefined;
}

function toDatetime(value: unknown): unknown {
  if (value === null || typeof value === "number") return value;
  return typeof value === "string" && !Number.isNaN(Date.parse(value)) ? value : undefined;
}
