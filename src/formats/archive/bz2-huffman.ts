// The Huffman tables of a bzip2 block: canonical codes of 1 to 20 bits.
import type { BitReader } from "./bz2-bits.ts";
import { damaged } from "./codec.ts";

const maxLength = 20;

export interface HuffmanTable {
  read(bits: BitReader): number;
}

/** Code lengths of every table: the first in 5 bits, then `0` keeps, `10` adds one, `11` takes one away. */
export function readTables(bits: BitReader, tableCount: number, symbolCount: number): number[][] {
  return Array.from({ length: tableCount }, () => {
    let length = bits.read(5);
    return Array.from({ length: symbolCount }, () => {
      // Each step reads bits, so a hostile table ends with the file; a length out of range is refused by huffmanTable.
      while (bits.read(1) === 1) length += bits.read(1) === 0 ? 1 : -1;
      return length;
    });
  });
}

/** Builds the decoder of one table; codes of one length are consecutive, in symbol order. */
export function huffmanTable(lengths: readonly number[], name: string, offset: number): HuffmanTable {
  const counts = new Int32Array(maxLength + 2);
  for (const length of lengths) {
    if (length < 1 || length > maxLength) throw damaged(name, "a bzip2 code length is out of range", offset);
    counts[length] = (counts[length] as number) + 1;
  }
  const firstCode = new Int32Array(maxLength + 2);
  const firstIndex = new Int32Array(maxLength + 2);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= maxLength; length++) {
    firstCode[length] = code;
    firstIndex[length] = index;
    code += counts[length] as number;
    if (code > 1 << length) throw damaged(name, "a bzip2 code table has too many codes", offset);
    index += counts[length] as number;
    code <<= 1;
  }
  const ordered = new Uint16Array(lengths.length);
  const fill = firstIndex.slice();
  lengths.forEach((length, symbol) => {
    ordered[fill[length] as number] = symbol;
    fill[length] = (fill[length] as number) + 1;
  });
  const shortest = Math.min(...lengths);
  return {
    read(bits) {
      let value = bits.read(shortest);
      for (let length = shortest; length <= maxLength; length++) {
        const rank = value - (firstCode[length] as number);
        if (rank >= 0 && rank < (counts[length] as number))
          return ordered[(firstIndex[length] as number) + rank] as number;
        value = (value << 1) | bits.read(1);
      }
      throw damaged(name, "a bzip2 code is not in its table", bits.offset);
    },
  };
}
