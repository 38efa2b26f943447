// The plain twins of the WebAssembly kernels: the same bytes walked in TypeScript, one lane, each step spelled out. They
// stand in where WebAssembly is not to be had, and a test holds both equal bit for bit.
import { leafExit } from "./packed-chain.ts";
import { entry, sumBytes, tableEntryWords } from "./packed-forest.ts";
import type { Walk, WalkShape } from "./walk-shape.ts";
import type { Comparison } from "./wasm-emitter.ts";

interface Views {
  readonly words: Uint32Array;
  readonly halves: Uint16Array;
  readonly floats: Float32Array;
  readonly doubles: Float64Array;
}

/** Walks the row at `row` through the tree at the table's word `at`; the answer is the leaf's address. */
type TreeWalk = (row: number, at: number) => number;

export function plainWalk(shape: WalkShape, buffer: ArrayBufferLike): Walk {
  const views = {
    words: new Uint32Array(buffer),
    halves: new Uint16Array(buffer),
    floats: new Float32Array(buffer),
    doubles: new Float64Array(buffer),
  };
  const { stride, leafWidth, outputs, groupSize } = shape;
  const { words, doubles } = views;
  const totals = shape.sum === "f32" ? views.floats : views.doubles;
  const size = sumBytes(shape.sum);
  const walk = shape.kind === "nodes" ? nodeWalk(shape, views) : chainWalk(shape, views);
  const add = (row: number, sums: number, at: number): void => {
    const leaf = walk(row, at) / 8;
    const target = (sums + words[at + entry.target]) / size;
    for (let k = 0; k < leafWidth; k++) totals[target + k] += doubles[leaf + k];
  };
  return {
    batch(rows, rowsEnd, sums, table, trees) {
      for (let tree = 0; tree < trees; tree++) {
        const at = table / 4 + tree * tableEntryWords;
        for (let row = rows, to = sums; row < rowsEnd; row += stride, to += outputs * size) add(row, to, at);
      }
    },
    single(row, sums, table, groups) {
      for (let tree = 0; tree < groups * groupSize; tree++) add(row, sums, table / 4 + tree * tableEntryWords);
    },
  };
}

function nodeWalk(shape: Extract<WalkShape, { kind: "nodes" }>, { words, floats, doubles }: Views): TreeWalk {
  const { layout, columnBits, comparison, leafWidth } = shape;
  const mask = 2 ** columnBits - 1;
  if (layout === "near") {
    return (row, at) => {
      let node = words[at + entry.root] / 4;
      for (let word = words[node + 1]; word !== 0; word = words[node + 1]) {
        const second = compare(comparison, floats[(row + (word & mask)) / 4], floats[node]);
        node += 2 * ((word >>> columnBits) + second);
      }
      return words[at + entry.leaves] + (words[node] & 0x3fffff) * leafWidth * 8;
    };
  }
  if (layout === "sets") {
    return (row, at) => {
      let node = words[at + entry.root] / 4;
      for (let delta = words[node + 2]; delta !== 0; delta = words[node + 2]) {
        const cell = row + words[node + 3];
        const place = words[cell / 4];
        const word = words[(words[node + 4] + ((place >>> 3) & words[node + 5])) / 4];
        const second = compare(comparison, doubles[cell / 8], doubles[node / 2]) | ((word >>> (place & 31)) & 1);
        node += delta / 4 + 8 * second;
      }
      return words[at + entry.leaves] + words[node] * leafWidth * 8;
    };
  }
  const values = layout === "double" ? doubles : floats;
  const size = layout === "double" ? 8 : 4;
  return (row, at) => {
    let node = words[at + entry.root] / 4;
    for (let delta = words[node + 2]; delta !== 0; delta = words[node + 2]) {
      const second = compare(comparison, values[(row + words[node + 3]) / size], values[(node * 4) / size]);
      node += delta / 4 + 4 * second;
    }
    return words[at + entry.leaves] + words[node + (layout === "far" ? 1 : 0)] * leafWidth * 8;
  };
}

function chainWalk(shape: Extract<WalkShape, { kind: "chain" }>, { words, halves, floats }: Views): TreeWalk {
  const { hits, hitsAt, comparison } = shape;
  const isSet = (row: number, indicator: number): boolean => {
    for (let hit = 0; hit < hits; hit++) if (halves[(row + hitsAt + 16 * hit) / 2] === indicator) return true;
    return false;
  };
  return (row, at) => {
    let block = words[at + entry.root];
    for (;;) {
      let exit = 0;
      while (exit < 8 && !isSet(row, halves[block / 2 + exit])) exit++;
      if (exit === 8) {
        exit += compare(comparison, floats[(row + words[block / 4 + 5]) / 4], floats[block / 4 + 4]);
      }
      const next = words[block / 4 + 6 + exit];
      if (next >= leafExit) return next - leafExit;
      block = next;
    }
  };
}

function compare(comparison: Comparison, value: number, bound: number): 0 | 1 {
  switch (comparison) {
    case "gt":
      return value > bound ? 1 : 0;
    case "le":
      return value <= bound ? 1 : 0;
    case "ge":
      return value >= bound ? 1 : 0;
    case "lt":
      return value < bound ? 1 : 0;
  }
}
