// The walking kernels in WebAssembly. A batch takes tree by tree and some rows at once; a single row takes some
// trees at once. Lanes are independent walks whose loads overlap; steps have no branches. Sums stay in tree order.

import { entry, sumBytes, tableEntryBytes } from "./packed-forest.ts";
import type { Walk, WalkShape } from "./walk-shape.ts";
import { chainLanes } from "./walk-wasm-chain.ts";
import type { LaneWalk } from "./walk-wasm-lanes.ts";
import { nodeLanes } from "./walk-wasm-nodes.ts";
import {
  type Code,
  FunctionLocals,
  f32,
  f64,
  get,
  i32,
  type Local,
  repeatWhile,
  sequence,
  set,
  tee,
  unreachable,
  type WasmFunction,
  wasmModule,
  when,
} from "./wasm-emitter.ts";

/** More shapes than this in one process are compiled anew when they come back. */
const keptModules = 64;
const modules: Map<string, WebAssembly.Module> = new Map();

/** The kernel for a shape, over `memory`. A shape is compiled once; a compilation takes about 0.1 ms. */
export function wasmWalk(shape: WalkShape, memory: WebAssembly.Memory, shared: boolean): Walk {
  const instance = new WebAssembly.Instance(moduleOf(shape, shared), { host: { memory } });
  const { batch, single } = instance.exports;
  return { batch: batch as Walk["batch"], single: single as Walk["single"] };
}

function moduleOf(shape: WalkShape, shared: boolean): WebAssembly.Module {
  const key = JSON.stringify([shape, shared]);
  let module = modules.get(key);
  if (module === undefined) {
    module = new WebAssembly.Module(wasmModule([batchFunction(shape), singleFunction(shape)], shared));
    const oldest = modules.size >= keptModules ? modules.keys().next().value : undefined;
    if (oldest !== undefined) modules.delete(oldest);
    modules.set(key, module);
  }
  return module;
}

function lanesOf(shape: WalkShape, locals: FunctionLocals, count: number): LaneWalk {
  switch (shape.kind) {
    case "nodes":
      return nodeLanes(shape, locals, count);
    case "chain":
      return chainLanes(shape, locals, count);
  }
}

/** for each tree, for each few rows: walk, add */
function batchFunction(shape: WalkShape): WasmFunction {
  const locals = new FunctionLocals();
  const rows = locals.param("i32");
  const rowsEnd = locals.param("i32");
  const sums = locals.param("i32");
  const table = locals.param("i32");
  const trees = locals.param("i32");
  const scan = locals.param("i32");
  const row = locals.local("i32");
  const at = locals.local("i32");
  const walk = lanesOf(shape, locals, shape.batchLanes);
  const field = (word: number): Code => i32.load(get(table), word * 4);
  const rowSums = shape.outputs * sumBytes(shape.sum);
  const body = repeatWhile(
    sequence(
      when(get(scan), scanTree(locals, field)),
      set(row, get(rows)),
      set(at, i32.add(get(sums), field(entry.target))),
      repeatWhile(
        sequence(
          walk.start(() => field(entry.root)),
          walk.run({ row, spacing: shape.stride, trips: field(entry.trips), tail: field(entry.tail) }),
          addToRows(shape, locals, {
            at,
            spacing: rowSums,
            leaves: walk.lanes,
            leafOf: (lane) => walk.leafAddress(lane, field(entry.leaves)),
          }),
          set(row, i32.add(get(row), i32.const(shape.batchLanes * shape.stride))),
          set(at, i32.add(get(at), i32.const(shape.batchLanes * rowSums))),
        ),
        i32.ltU(get(row), get(rowsEnd)),
      ),
      set(table, i32.add(get(table), i32.const(tableEntryBytes))),
    ),
    tee(trees, i32.sub(get(trees), i32.const(1))),
  );
  return { name: "batch", params: locals.params, locals: locals.locals, body };
}

/**
 * Reads a word of each line of the tree in order, so that the prefetcher brings it near before walks jump about in it. What
 * was read is then asked something that is never so, lest a compiler leave the loads out.
 */
function scanTree(locals: FunctionLocals, field: (word: number) => Code): Code {
  const at = locals.local("i32");
  const seen = locals.local("i32");
  return sequence(
    set(at, field(entry.root)),
    repeatWhile(
      sequence(set(seen, i32.or(get(seen), i32.load(get(at)))), set(at, i32.add(get(at), i32.const(64)))),
      i32.ltU(get(at), field(entry.end)),
    ),
    // A root is never below address 64.
    when(i32.ltU(field(entry.root), i32.shrU(get(seen), i32.const(31))), unreachable),
  );
}

interface RowSums {
  /** The first row's sums. */
  readonly at: Local;
  /** Bytes from one row's sums to the next's. */
  readonly spacing: number;
  /** Each lane's own address; overwritten where leaves are wide. */
  readonly leaves: readonly Local[];
  readonly leafOf: (lane: number) => Code;
}

/** Each lane's leaf is added to the sums of its own row. */
function addToRows(shape: WalkShape, locals: FunctionLocals, { at, spacing, leaves, leafOf }: RowSums): Code {
  const { load, store, plus } = sumCode(shape);
  const lanes = leaves.map((_, lane) => lane);
  if (shape.leafWidth === 1) {
    return sequence(
      ...lanes.map((lane) =>
        store(get(at), plus(load(get(at), lane * spacing), f64.load(leafOf(lane))), lane * spacing),
      ),
    );
  }
  const output = locals.local("i32");
  const size = sumBytes(shape.sum);
  return sequence(
    ...lanes.map((lane) => set(leaves[lane], leafOf(lane))),
    set(output, get(at)),
    repeatWhile(
      sequence(
        ...lanes.map((lane) =>
          sequence(
            store(get(output), plus(load(get(output), lane * spacing), f64.load(get(leaves[lane]))), lane * spacing),
            set(leaves[lane], i32.add(get(leaves[lane]), i32.const(8))),
          ),
        ),
        set(output, i32.add(get(output), i32.const(size))),
      ),
      i32.ltU(get(output), i32.add(get(at), i32.const(shape.leafWidth * size))),
    ),
  );
}

/** for each group of trees: walk, add in order */
function singleFunction(shape: WalkShape): WasmFunction {
  const locals = new FunctionLocals();
  const row = locals.param("i32");
  const sums = locals.param("i32");
  const table = locals.param("i32");
  const groups = locals.param("i32");
  const total = locals.local(shape.sum);
  const walk = lanesOf(shape, locals, shape.groupSize);
  const { load, store, plus } = sumCode(shape);
  const field = (lane: number, word: number): Code => i32.load(get(table), lane * tableEntryBytes + word * 4);
  const leafOf = (lane: number): Code => walk.leafAddress(lane, field(lane, entry.leaves));
  const lanes = walk.lanes.map((_, lane) => lane);
  const oneSum = shape.outputs === 1 && shape.leafWidth === 1;
  const add = oneSum
    ? sequence(...lanes.map((lane) => set(total, plus(get(total), f64.load(leafOf(lane))))))
    : shape.leafWidth === 1
      ? sequence(
          ...lanes.map((lane) => {
            const target = i32.add(get(sums), field(lane, entry.target));
            return store(target, plus(load(target), f64.load(leafOf(lane))));
          }),
        )
      : addWideLeaves(shape, locals, { sums, total, leaves: walk.lanes, leafOf });
  const body = sequence(
    oneSum ? set(total, load(get(sums))) : [],
    repeatWhile(
      sequence(
        walk.start((lane) => field(lane, entry.root)),
        walk.run({ row, spacing: 0, trips: field(0, entry.groupTrips), tail: field(0, entry.groupTail) }),
        add,
        set(table, i32.add(get(table), i32.const(shape.groupSize * tableEntryBytes))),
      ),
      tee(groups, i32.sub(get(groups), i32.const(1))),
    ),
    oneSum ? store(get(sums), get(total)) : [],
  );
  return { name: "single", params: locals.params, locals: locals.locals, body };
}

interface WideLeaves {
  readonly sums: Local;
  readonly total: Local;
  readonly leaves: readonly Local[];
  readonly leafOf: (lane: number) => Code;
}

/** Every lane's leaf is added to the same sums, lane by lane, output by output. */
function addWideLeaves(shape: WalkShape, locals: FunctionLocals, { sums, total, leaves, leafOf }: WideLeaves): Code {
  const { load, store, plus } = sumCode(shape);
  const output = locals.local("i32");
  const size = sumBytes(shape.sum);
  return sequence(
    ...leaves.map((leaf, lane) => set(leaf, leafOf(lane))),
    set(output, get(sums)),
    repeatWhile(
      sequence(
        set(total, load(get(output))),
        ...leaves.map((leaf) =>
          sequence(set(total, plus(get(total), f64.load(get(leaf)))), set(leaf, i32.add(get(leaf), i32.const(8)))),
        ),
        store(get(output), get(total)),
        set(output, i32.add(get(output), i32.const(size))),
      ),
      i32.ltU(get(output), i32.add(get(sums), i32.const(shape.leafWidth * size))),
    ),
  );
}

interface SumCode {
  readonly load: (address: Code, offset?: number) => Code;
  readonly store: (address: Code, value: Code, offset?: number) => Code;
  /** Sum + leaf. A float32 sum is widened, added to in float64 and rounded, as a Float32Array's elements are. */
  readonly plus: (sum: Code, leaf: Code) => Code;
}

function sumCode({ sum }: WalkShape): SumCode {
  if (sum === "f64") return { load: f64.load, store: f64.store, plus: f64.add };
  return {
    load: f32.load,
    store: f32.store,
    plus: (total, leaf) => f32.convert(f64.add(f64.convert(total), leaf)),
  };
}
