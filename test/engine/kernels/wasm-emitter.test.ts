// Modules from the assembler, compiled by the host: each instruction computes what it is named after.
import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Code,
  type Comparison,
  FunctionLocals,
  f32,
  f64,
  get,
  i32,
  repeatWhile,
  sequence,
  set,
  tee,
  unreachable,
  v128,
  wasmModule,
  when,
} from "../../../src/engine/kernels/wasm-emitter.ts";

/** Runs a body whose two parameters are addresses 0 and 64; it reads from the first page and writes to it. */
function run(body: (locals: FunctionLocals) => Code, fill: (view: DataView) => void): DataView {
  const memory = new WebAssembly.Memory({ initial: 1 });
  const view = new DataView(memory.buffer);
  fill(view);
  const locals = new FunctionLocals();
  const params = [locals.param("i32"), locals.param("i32")];
  const code = body(locals);
  const bytes = wasmModule([{ name: "run", params, locals: locals.locals, body: code }], false);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { host: { memory } });
  (exports["run"] as (a: number, b: number) => void)(0, 64);
  return view;
}

function integer(code: Code): number {
  return run(
    () => i32.store(i32.const(0), code),
    () => {},
  ).getInt32(0, true);
}

test("constants of every length", () => {
  for (const value of [
    0,
    1,
    -1,
    63,
    64,
    -64,
    -65,
    127,
    128,
    8191,
    8192,
    2 ** 20,
    -(2 ** 20),
    2 ** 31 - 1,
    -(2 ** 31),
  ]) {
    assert.equal(integer(i32.const(value)), value);
  }
  assert.equal(integer(i32.const(0x80000000)), -(2 ** 31));
});

test("integer arithmetic", () => {
  const [a, b] = [i32.const(-100), i32.const(7)];
  assert.equal(integer(i32.add(a, b)), -93);
  assert.equal(integer(i32.sub(a, b)), -107);
  assert.equal(integer(i32.mul(a, b)), -700);
  assert.equal(integer(i32.and(a, b)), -100 & 7);
  assert.equal(integer(i32.or(a, b)), -100 | 7);
  assert.equal(integer(i32.xor(a, b)), -100 ^ 7);
  assert.equal(integer(i32.shl(a, b)), -100 << 7);
  assert.equal(integer(i32.shrS(a, b)), -100 >> 7);
  assert.equal(integer(i32.shrU(a, b)), -100 >>> 7);
  assert.equal(integer(i32.ltU(a, b)), 0);
  assert.equal(integer(i32.ltU(b, a)), 1);
  assert.equal(integer(i32.ctz(i32.const(0x5000))), 12);
});

test("loads and stores reach far offsets", () => {
  const view = run(
    () =>
      sequence(
        i32.store(i32.const(8), i32.load(i32.const(4), 60000), 40000),
        f64.store(i32.const(0), f64.load(i32.const(16))),
      ),
    (before) => {
      before.setInt32(60004, 12345, true);
      before.setFloat64(16, -0.5, true);
    },
  );
  assert.equal(view.getInt32(40008, true), 12345);
  assert.equal(view.getFloat64(0, true), -0.5);
});

test("comparisons are false for NaN", () => {
  const expected: Record<Comparison, (a: number, b: number) => boolean> = {
    gt: (a, b) => a > b,
    le: (a, b) => a <= b,
    ge: (a, b) => a >= b,
    lt: (a, b) => a < b,
  };
  for (const name of ["gt", "le", "ge", "lt"] as const) {
    for (const [a, b] of [
      [1, 2],
      [2, 1],
      [1, 1],
      [-0, 0],
      [Number.NaN, 1],
      [1, Number.NaN],
      [Infinity, Infinity],
    ] as const) {
      const view = run(
        () =>
          sequence(
            i32.store(i32.const(32), f64[name](f64.load(i32.const(0)), f64.load(i32.const(8)))),
            i32.store(i32.const(36), f32[name](f32.load(i32.const(16)), f32.load(i32.const(20)))),
          ),
        (before) => {
          before.setFloat64(0, a, true);
          before.setFloat64(8, b, true);
          before.setFloat32(16, a, true);
          before.setFloat32(20, b, true);
        },
      );
      const wanted = expected[name](a, b) ? 1 : 0;
      assert.equal(view.getInt32(32, true), wanted, `f64 ${a} ${name} ${b}`);
      assert.equal(view.getInt32(36, true), wanted, `f32 ${a} ${name} ${b}`);
    }
  }
});

test("floats are added and converted with the rounding of their type", () => {
  const view = run(
    () =>
      sequence(
        f64.store(i32.const(16), f64.add(f64.load(i32.const(0)), f64.load(i32.const(8)))),
        f32.store(i32.const(24), f32.convert(f64.load(i32.const(0)))),
        f64.store(i32.const(32), f64.convert(f32.load(i32.const(24)))),
        f32.store(i32.const(40), f32.add(f32.load(i32.const(24)), f32.load(i32.const(24)))),
      ),
    (before) => {
      before.setFloat64(0, 0.1, true);
      before.setFloat64(8, 0.2, true);
    },
  );
  assert.equal(view.getFloat64(16, true), 0.1 + 0.2);
  assert.equal(view.getFloat64(32, true), Math.fround(0.1));
  assert.equal(view.getFloat32(40, true), Math.fround(Math.fround(0.1) * 2));
});

test("vectors find which of eight numbers are equal", () => {
  const view = run(
    (locals) => {
      const ids = locals.local("v128");
      const equal = (address: number): Code => v128.equal16(get(ids), v128.load(i32.const(address)));
      return sequence(
        set(ids, v128.load(i32.const(0))),
        i32.store(i32.const(64), v128.bitmask16(v128.or(equal(16), equal(32)))),
      );
    },
    (before) => {
      for (let lane = 0; lane < 8; lane++) {
        before.setUint16(lane * 2, lane * 1000, true);
        before.setUint16(16 + lane * 2, 3000, true);
        before.setUint16(32 + lane * 2, 7000, true);
      }
    },
  );
  assert.equal(view.getInt32(64, true), 0b10001000);
});

test("loops repeat while their condition holds, and blocks run only when theirs does", () => {
  const view = run(
    (locals) => {
      const left = locals.local("i32");
      const sum = locals.local("i32");
      return sequence(
        set(left, i32.const(10)),
        repeatWhile(
          sequence(set(sum, i32.add(get(sum), get(left))), when(i32.ltU(get(left), i32.const(1)), unreachable)),
          tee(left, i32.sub(get(left), i32.const(1))),
        ),
        i32.store(i32.const(0), get(sum)),
      );
    },
    () => {},
  );
  assert.equal(view.getInt32(0, true), 55);
  assert.throws(
    () =>
      run(
        () => when(i32.const(1), unreachable),
        () => {},
      ),
    WebAssembly.RuntimeError,
  );
});
