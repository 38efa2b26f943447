// The footer of a Parquet file, and files laid end to end: row groups are copied as they are, only their addresses change.
//
//   file = "PAR1" row groups, indexes  footer (Thrift)  its length, 4 bytes  "PAR1"
import { type FileHandle, open } from "node:fs/promises";
import { trimaranError } from "../base/errors.ts";
import { copyRange } from "./copy-range.ts";
import {
  readThriftStruct,
  type ThriftList,
  type ThriftStruct,
  type ThriftValue,
  thriftTypes,
  writeThriftStruct,
} from "./thrift-compact.ts";

export interface ParquetFooter {
  readonly rows: number;
  /** Rows by row group. */
  readonly groups: readonly number[];
  readonly bytes: number;
  /** Where the footer begins. */
  readonly dataEnd: number;
  readonly struct: ThriftStruct;
}

/** Fields of FileMetaData, RowGroup, ColumnChunk and ColumnMetaData in parquet.thrift. */
const fileFields = { schema: 2, rows: 3, groups: 4 } as const;
const groupFields = { columns: 1, rows: 3, offset: 5, ordinal: 7 } as const;
const chunkFields = { offset: 2, meta: 3, offsetIndex: 4, columnIndex: 6 } as const;
const metaFields = { dataPage: 9, indexPage: 10, dictionaryPage: 11, bloomFilter: 14 } as const;
const magic = "PAR1";
const maxFooterBytes = 256 * 1024 * 1024;

/** @throws TABLE_READ, FILE_NOT_READABLE */
export async function readParquetFooter(path: string, name: string = path): Promise<ParquetFooter> {
  const file = await open(path, "r").catch((cause: unknown) => {
    const problem = (cause as NodeJS.ErrnoException).code ?? "it cannot be opened";
    throw trimaranError("FILE_NOT_READABLE", { path: name, problem }, { cause });
  });
  try {
    return await footerOf(file, name);
  } finally {
    await file.close();
  }
}

async function footerOf(file: FileHandle, name: string): Promise<ParquetFooter> {
  const fail = (problem: string, cause?: unknown): Error => trimaranError("TABLE_READ", { name, problem }, { cause });
  const { size } = await file.stat();
  if (size < 12) throw fail("it is no Parquet file");
  const tail = await bytesAt(file, size - 8, 8);
  if (Buffer.from(tail.subarray(4)).toString("latin1") !== magic) throw fail("it is no Parquet file");
  const length = new DataView(tail.buffer, tail.byteOffset).getUint32(0, true);
  if (length > Math.min(size - 12, maxFooterBytes)) throw fail("its footer is damaged");
  const dataEnd = size - 8 - length;
  try {
    const struct = readThriftStruct(await bytesAt(file, dataEnd, length));
    const groups = listOf(struct, fileFields.groups).items.map((group) =>
      Number(fieldOf(group as ThriftStruct, groupFields.rows)),
    );
    const rows = Number(fieldOf(struct, fileFields.rows));
    if (groups.reduce((sum, count) => sum + count, 0) !== rows) throw new RangeError("rows do not add up");
    return { rows, groups, bytes: size, dataEnd, struct };
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw fail("its footer is damaged", cause);
  }
}

export interface JoinedParquet {
  readonly rows: number;
  readonly bytes: number;
}

/** Files of the same columns, written one behind the other as one through `write`, which is given every byte in order. */
export class ParquetJoin {
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  readonly #groups: ThriftValue[] = [];
  #first: ParquetFooter | null = null;
  #rows = 0;
  #at = 0;

  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
  }

  /** @throws TABLE_READ */
  async add(path: string): Promise<void> {
    const footer = await readParquetFooter(path);
    if (this.#first === null) {
      this.#first = footer;
      await this.#write(Buffer.from(magic, "latin1"));
      this.#at = magic.length;
    } else if (Buffer.compare(schemaBytes(footer), schemaBytes(this.#first)) !== 0) {
      throw trimaranError("TABLE_READ", { name: path, problem: "its columns are not those of the files before it" });
    }
    const shift = BigInt(this.#at - magic.length);
    for (const group of listOf(footer.struct, fileFields.groups).items) {
      moveGroup(group as ThriftStruct, { shift, ordinal: this.#groups.length });
      this.#groups.push(group);
    }
    this.#rows += footer.rows;
    this.#at += await copyRange(path, { start: magic.length, end: footer.dataEnd }, this.#write);
  }

  /** Writes the footer. */
  async end(): Promise<JoinedParquet> {
    if (this.#first === null) throw new TypeError("ParquetJoin: no files");
    const struct = this.#first.struct.map((field): ThriftStruct[number] => {
      if (field.id === fileFields.rows) return { ...field, value: BigInt(this.#rows) };
      return field.id === fileFields.groups ? { ...field, value: { itemType: 12, items: this.#groups } } : field;
    });
    const footer = writeThriftStruct(struct);
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, footer.length, true);
    await this.#write(footer);
    await this.#write(length);
    await this.#write(Buffer.from(magic, "latin1"));
    return { rows: this.#rows, bytes: this.#at + footer.length + 8 };
  }
}

function moveGroup(group: ThriftStruct, { shift, ordinal }: { shift: bigint; ordinal: number }): void {
  move(group, groupFields.offset, shift);
  for (const field of group) {
    // Ordinals are 16 bits wide; beyond that nobody reads them.
    if (field.id === groupFields.ordinal) field.value = BigInt(ordinal & 0x7fff);
  }
  for (const chunk of listOf(group, groupFields.columns).items as ThriftStruct[]) {
    for (const id of [chunkFields.offset, chunkFields.offsetIndex, chunkFields.columnIndex]) move(chunk, id, shift);
    const meta = chunk.find(({ id }) => id === chunkFields.meta)?.value;
    if (!Array.isArray(meta)) throw new RangeError("a column has no metadata");
    for (const id of Object.values(metaFields)) move(meta, id, shift);
  }
}

/** An address of 0 is none. */
function move(struct: ThriftStruct, id: number, shift: bigint): void {
  for (const field of struct) {
    if (field.id === id && typeof field.value === "bigint" && field.value > 0n) field.value += shift;
  }
}

function schemaBytes({ struct }: ParquetFooter): Uint8Array {
  return writeThriftStruct(struct.filter(({ id }) => id === fileFields.schema));
}

function fieldOf(struct: ThriftStruct, id: number): bigint {
  const value = struct.find((field) => field.id === id)?.value;
  if (typeof value !== "bigint") throw new RangeError("a number is missing");
  return value;
}

function listOf(struct: ThriftStruct, id: number): ThriftList {
  const found = struct.find((field) => field.id === id);
  if (found?.type !== thriftTypes.list) throw new RangeError("a list is missing");
  return found.value as ThriftList;
}

async function bytesAt(file: FileHandle, position: number, length: number): Promise<Uint8Array> {
  const buffer = new Uint8Array(length);
  const { bytesRead } = await file.read(buffer, 0, length, position);
  return buffer.subarray(0, bytesRead);
}
