// Text columns that need no table: the model's version, the period, the file, and ids that are made of them and of the row's number.
// Their bytes are written where Arrow wants them; no text is made of a row.
import type { Data, RecordBatch, Vector } from "apache-arrow";
import type { ShardJob } from "../shard.ts";
import type { WriteSource } from "../write-columns.ts";
import { TextColumn } from "./text-column.ts";

type Arrow = typeof import("apache-arrow");

/** What a text is made of, one after the other; a part that a row lacks makes it null. */
export type TextPart = { readonly kind: "constant"; readonly bytes: Buffer } | { readonly kind: "file" | "row" };

/** null: the column comes from a table. */
export function textParts(source: WriteSource, { id, version, period }: ShardJob): readonly TextPart[] | null {
  const constant = (text: string): TextPart => ({ kind: "constant", bytes: Buffer.from(text, "utf8") });
  switch (source.kind) {
    case "version":
      return [constant(version)];
    case "period":
      return period === null ? null : [constant(period)];
    case "file":
      return [{ kind: "file" }];
    case "id":
      if (id.kind !== "template") return null;
      return id.template.split(/(\{(?:file|period|row)\})/).flatMap((part): TextPart[] => {
        if (part === "{row}") return [{ kind: "row" }];
        if (part === "{file}") return [{ kind: "file" }];
        return part === "" ? [] : [constant(part === "{period}" ? (period ?? "") : part)];
      });
    default:
      return null;
  }
}

/** The columns of the stream that say where its rows stood; null where it has none. */
export interface RowPlaces {
  readonly file: Vector | null;
  readonly row: Vector | null;
}

export function rowPlaces(batch: RecordBatch, names: { readonly file: string; readonly row: string }): RowPlaces {
  return { file: batch.getChild(names.file), row: batch.getChild(names.row) };
}

/** `places` ascend; all other rows are null. */
export function madeTexts(
  arrow: Arrow,
  parts: readonly TextPart[],
  { places, rows, from }: { readonly places: Int32Array; readonly rows: number; readonly from: RowPlaces },
): Data {
  const text = new TextColumn(rows);
  const writers = parts.map((part) => partWriter(part, from));
  for (let at = 0; at < places.length; at++) {
    const place = places[at]!;
    if (writers.every((write) => write(text, place))) text.end(place);
    else text.drop();
  }
  return text.finish(arrow);
}

/** @returns false: the row has none */
type PartWriter = (text: TextColumn, row: number) => boolean;

function partWriter(part: TextPart, { file, row }: RowPlaces): PartWriter {
  switch (part.kind) {
    case "constant": {
      const { bytes } = part;
      return (text) => text.write(bytes, 0, bytes.length);
    }
    case "file":
      return file === null ? () => false : textReader(file);
    case "row":
      return row === null ? () => false : numberReader(row);
  }
}

function textReader(vector: Vector): PartWriter {
  const [data] = vector.data;
  const { values, valueOffsets } = data ?? {};
  const isShort = vector.data.length === 1 && values instanceof Uint8Array && valueOffsets instanceof Int32Array;
  const hasNulls = vector.nullCount > 0;
  return (text, row) => {
    if (hasNulls && !vector.isValid(row)) return false;
    if (!isShort) return text.writeText(String(vector.get(row)));
    return text.write(values, valueOffsets[row]!, valueOffsets[row + 1]!);
  };
}

function numberReader(vector: Vector): PartWriter {
  const values: unknown = vector.data[0]?.values;
  const isWide = vector.data.length === 1 && values instanceof BigInt64Array;
  const words = isWide ? new Uint32Array(values.buffer, values.byteOffset, 2 * values.length) : new Uint32Array(0);
  const hasNulls = vector.nullCount > 0;
  return (text, row) => {
    if (hasNulls && !vector.isValid(row)) return false;
    // The lower half first; rows are counted from 0, and beyond 2^32 by the slow way.
    if (isWide && words[2 * row + 1] === 0) return text.writeDigits(words[2 * row]!);
    return text.writeText(String(vector.get(row)));
  };
}
