// Lanes over sibling-pair nodes (packed-forest.ts): a step is one comparison, one addition and no branch.
import { nodeBytes } from "./packed-forest.ts";
import type { WalkShape } from "./walk-shape.ts";
import type { LaneWalk } from "./walk-wasm-lanes.ts";
import {
  type Code,
  type FunctionLocals,
  f32,
  f64,
  get,
  i32,
  type Local,
  repeatWhile,
  sequence,
  set,
  tee,
  when,
} from "./wasm-emitter.ts";

type NodesShape = Extract<WalkShape, { kind: "nodes" }>;

export function nodeLanes(shape: NodesShape, locals: FunctionLocals, count: number): LaneWalk {
  const word = locals.local("i32");
  const left = locals.local("i32");
  const moved = locals.local("i32");
  const lanes = locals.lanes("i32", count);
  const step = shape.layout === "near" ? nearStep : shape.layout === "sets" ? setStep : farStep;
  const steps = (row: Local, spacing: number, after: Code): Code =>
    sequence(...lanes.flatMap((node, lane) => [step(shape, { node, word, row, offset: lane * spacing }), after]));
  return {
    lanes,
    start: (root) => sequence(...lanes.map((node, lane) => set(node, root(lane)))),
    run: ({ row, spacing, trips, tail }) =>
      sequence(
        set(left, trips),
        repeatWhile(steps(row, spacing, []), tee(left, i32.sub(get(left), i32.const(1)))),
        // A leaf's word is 0, a split's is not: its children lie after it.
        when(
          tail,
          repeatWhile(
            sequence(set(moved, i32.const(0)), steps(row, spacing, set(moved, i32.or(get(moved), get(word))))),
            get(moved),
          ),
        ),
      ),
    leafAddress: (lane, leaves) => i32.add(leaves, leafOffset(shape, i32.load(get(lanes[lane]), leafWord(shape)))),
  };
}

interface Step {
  readonly node: Local;
  readonly word: Local;
  readonly row: Local;
  readonly offset: number;
}

function nearStep({ columnBits, comparison }: NodesShape, { node, word, row, offset }: Step): Code {
  const column = i32.and(get(word), i32.const(2 ** columnBits - 1));
  const value = f32.load(i32.add(get(row), column), offset);
  const second = f32[comparison](value, f32.load(get(node)));
  const delta = i32.shrU(get(word), i32.const(columnBits));
  return sequence(
    set(word, i32.load(get(node), 4)),
    set(node, i32.add(get(node), i32.shl(i32.add(delta, second), i32.const(3)))),
  );
}

function farStep({ layout, comparison }: NodesShape, { node, word, row, offset }: Step): Code {
  const float = layout === "double" ? f64 : f32;
  const value = float.load(i32.add(get(row), i32.load(get(node), 12)), offset);
  const second = float[comparison](value, float.load(get(node)));
  return sequence(
    set(word, i32.load(get(node), 8)),
    set(node, i32.add(get(node), i32.add(get(word), i32.shl(second, i32.const(Math.log2(nodeBytes(layout))))))),
  );
}

/** The comparison or the bit: one of them is 0. */
function setStep({ comparison, layout }: NodesShape, { node, word, row, offset }: Step): Code {
  const cell = i32.add(get(row), get(word));
  const place = i32.load(cell, offset);
  const wordAt = i32.add(i32.load(get(node), 16), i32.and(i32.shrU(place, i32.const(3)), i32.load(get(node), 20)));
  const bit = i32.and(i32.shrU(i32.load(wordAt), place), i32.const(1));
  const second = i32.or(f64[comparison](f64.load(cell, offset), f64.load(get(node))), bit);
  const shift = i32.const(Math.log2(nodeBytes(layout)));
  return sequence(
    set(word, i32.load(get(node), 12)),
    set(node, i32.add(i32.shl(second, shift), i32.add(tee(word, i32.load(get(node), 8)), get(node)))),
  );
}

function leafWord({ layout }: NodesShape): number {
  return layout === "far" ? 4 : 0;
}

function leafOffset({ layout, leafWidth }: NodesShape, leaf: Code): Code {
  const number = layout === "near" ? i32.and(leaf, i32.const(0x3fffff)) : leaf;
  return leafWidth === 1 ? i32.shl(number, i32.const(3)) : i32.mul(number, i32.const(leafWidth * 8));
}
