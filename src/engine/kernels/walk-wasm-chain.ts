// Lanes over one-line blocks (packed-chain.ts): eight indicators and a number are asked with one vector comparison for each
// indicator that a row has set; the lowest bit of the answer is the exit.

import type { WalkShape } from "./walk-shape.ts";
import type { LaneWalk } from "./walk-wasm-lanes.ts";
import {
  type Code,
  type FunctionLocals,
  f32,
  get,
  i32,
  type Local,
  repeatWhile,
  sequence,
  set,
  v128,
} from "./wasm-emitter.ts";

type ChainShape = Extract<WalkShape, { kind: "chain" }>;

export function chainLanes(shape: ChainShape, locals: FunctionLocals, count: number): LaneWalk {
  const indicators = locals.local("v128");
  const exit = locals.local("i32");
  const isLeaf = locals.local("i32");
  const lanes = locals.lanes("i32", count);
  const leaves = locals.lanes("i32", count);
  const step = (lane: number, row: Local, offset: number): Code => {
    const block = get(lanes[lane]);
    return sequence(
      set(indicators, v128.load(block)),
      set(
        exit,
        i32.load(
          i32.add(block, i32.shl(i32.ctz(answers(shape, { block, indicators, row, offset })), i32.const(2))),
          24,
        ),
      ),
      // An exit to a leaf is kept and sends the lane to the sink, whose exits are 0.
      set(isLeaf, i32.shrS(get(exit), i32.const(31))),
      set(leaves[lane], i32.or(get(leaves[lane]), i32.and(get(exit), get(isLeaf)))),
      set(lanes[lane], i32.and(get(exit), i32.xor(get(isLeaf), i32.const(-1)))),
    );
  };
  const anyBlock = lanes.map((lane) => get(lane)).reduce((a, b) => i32.or(a, b));
  return {
    lanes,
    start: (root) => sequence(...lanes.map((lane, at) => sequence(set(lane, root(at)), set(leaves[at], i32.const(0))))),
    run: ({ row, spacing }) =>
      repeatWhile(sequence(...lanes.map((_, lane) => step(lane, row, lane * spacing))), anyBlock),
    leafAddress: (lane) => i32.and(get(leaves[lane]), i32.const(0x7fffffff)),
  };
}

interface Asked {
  readonly block: Code;
  readonly indicators: Local;
  readonly row: Local;
  readonly offset: number;
}

/** Bits 0 to 7: the indicator is set; bit 8 or 9: the number's comparison is false or true. */
function answers({ comparison, hits, hitsAt }: ChainShape, { block, indicators, row, offset }: Asked): Code {
  const equal = Array.from({ length: hits }, (_, hit) =>
    v128.equal16(get(indicators), v128.load(get(row), offset + hitsAt + 16 * hit)),
  ).reduce((a, b) => v128.or(a, b));
  const value = f32.load(i32.add(get(row), i32.load(block, 20)), offset);
  const second = f32[comparison](value, f32.load(block, 16));
  return i32.or(v128.bitmask16(equal), i32.shl(i32.const(256), second));
}
