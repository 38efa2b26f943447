// A small WebAssembly assembler: code is written as nested expressions, the way the text format nests them, and comes out
// as the bytes of a module. It knows the instructions that our fixed kernels use and nothing else; code is never made per
// model, only per kernel shape.
//
//   module   = magic version section*        section = id size:u32 content        vector = count:u32 item*
//   sections = 1 types, 2 imports (the memory "host" "memory"), 3 functions, 7 exports, 10 code
//   numbers  = LEB128, unsigned in sizes and indices, signed in i32.const

/** The bytes of one expression or statement, operands before their instruction. */
export type Code = readonly number[];

export type ValueKind = "i32" | "f32" | "f64" | "v128";

const kindByte: Readonly<Record<ValueKind, number>> = { i32: 0x7f, f32: 0x7d, f64: 0x7c, v128: 0x7b };

export interface Local {
  readonly index: number;
  readonly kind: ValueKind;
}

export interface WasmFunction {
  readonly name: string;
  readonly params: readonly Local[];
  readonly locals: readonly Local[];
  readonly body: Code;
}

/** Hands out the numbered parameters and locals of one function. Parameters come first. */
export class FunctionLocals {
  readonly params: Local[] = [];
  readonly locals: Local[] = [];

  param(kind: ValueKind): Local {
    const local = { index: this.params.length, kind };
    this.params.push(local);
    return local;
  }

  local(kind: ValueKind): Local {
    const local = { index: this.params.length + this.locals.length, kind };
    this.locals.push(local);
    return local;
  }

  /** One local for each of `count` lanes. */
  lanes(kind: ValueKind, count: number): readonly Local[] {
    return Array.from({ length: count }, () => this.local(kind));
  }
}

export function get(local: Local): Code {
  return [0x20, ...unsigned(local.index)];
}

export function set(local: Local, value: Code): Code {
  return [...value, 0x21, ...unsigned(local.index)];
}

/** Sets the local and leaves the value as the expression's own. */
export function tee(local: Local, value: Code): Code {
  return [...value, 0x22, ...unsigned(local.index)];
}

export function sequence(...parts: readonly Code[]): Code {
  return parts.flat();
}

/** Ends the call with a trap. */
export const unreachable: Code = [0x00];

/** do { body } while (condition) */
export function repeatWhile(body: Code, condition: Code): Code {
  return [0x03, 0x40, ...body, ...condition, 0x0d, 0x00, 0x0b];
}

export function when(condition: Code, body: Code): Code {
  return [...condition, 0x04, 0x40, ...body, 0x0b];
}

type Binary = (a: Code, b: Code) => Code;
type Unary = (a: Code) => Code;
/** `offset` bytes after `address`, which is unsigned. */
type Load = (address: Code, offset?: number) => Code;
type Store = (address: Code, value: Code, offset?: number) => Code;

const binary =
  (...opcode: readonly number[]): Binary =>
  (a, b) => [...a, ...b, ...opcode];
const unary =
  (...opcode: readonly number[]): Unary =>
  (a) => [...a, ...opcode];
// Alignment is a hint only; 2^0 is true of every address.
const load =
  (...opcode: readonly number[]): Load =>
  (address, offset = 0) => [...address, ...opcode, 0, ...unsigned(offset)];
const store =
  (...opcode: readonly number[]): Store =>
  (address, value, offset = 0) => [...address, ...value, ...opcode, 0, ...unsigned(offset)];

export interface IntegerCode {
  readonly const: (value: number) => Code;
  readonly load: Load;
  readonly store: Store;
  readonly add: Binary;
  readonly sub: Binary;
  readonly mul: Binary;
  readonly and: Binary;
  readonly or: Binary;
  readonly xor: Binary;
  readonly shl: Binary;
  readonly shrS: Binary;
  readonly shrU: Binary;
  readonly ltU: Binary;
  readonly ctz: Unary;
}

export const i32: IntegerCode = {
  const: (value) => [0x41, ...signed(value)],
  load: load(0x28),
  store: store(0x36),
  add: binary(0x6a),
  sub: binary(0x6b),
  mul: binary(0x6c),
  and: binary(0x71),
  or: binary(0x72),
  xor: binary(0x73),
  shl: binary(0x74),
  shrS: binary(0x75),
  shrU: binary(0x76),
  ltU: binary(0x49),
  ctz: unary(0x68),
};

/** The four comparisons that a split may use. Each is false when either side is NaN. */
export type Comparison = "gt" | "le" | "ge" | "lt";

export interface FloatCode extends Readonly<Record<Comparison, Binary>> {
  readonly load: Load;
  readonly store: Store;
  readonly add: Binary;
  /** From the other float type. */
  readonly convert: Unary;
}

export const f32: FloatCode = {
  load: load(0x2a),
  store: store(0x38),
  add: binary(0x92),
  lt: binary(0x5d),
  gt: binary(0x5e),
  le: binary(0x5f),
  ge: binary(0x60),
  convert: unary(0xb6),
};

export const f64: FloatCode = {
  load: load(0x2b),
  store: store(0x39),
  add: binary(0xa0),
  lt: binary(0x63),
  gt: binary(0x64),
  le: binary(0x65),
  ge: binary(0x66),
  convert: unary(0xbb),
};

export interface VectorCode {
  readonly load: Load;
  /** The same 64 bits in both halves. */
  readonly loadBoth64: Load;
  readonly store: Store;
  readonly or: Binary;
  /** Eight 16-bit lanes: all ones where equal. */
  readonly equal16: Binary;
  /** The top bit of each of eight 16-bit lanes, as an i32. */
  readonly bitmask16: Unary;
}

export const v128: VectorCode = {
  load: load(0xfd, 0x00),
  loadBoth64: load(0xfd, 0x0a),
  store: store(0xfd, 0x0b),
  or: binary(0xfd, 0x50),
  equal16: binary(0xfd, 0x2d),
  bitmask16: unary(0xfd, 0x84, 0x01),
};

/** Two doubles at once. */
export const f64x2: { readonly add: Binary; readonly mul: Binary } = {
  add: binary(0xfd, 0xf0, 0x01),
  mul: binary(0xfd, 0xf2, 0x01),
};

/** A module that imports its memory and exports `functions`; a shared memory is declared with its maximum, 4 GiB. */
export function wasmModule(functions: readonly WasmFunction[], shared: boolean): Uint8Array<ArrayBuffer> {
  const limits = shared ? [0x03, 1, ...unsigned(65536)] : [0x00, 1];
  const types = functions.map(({ params }) => [0x60, ...vector(params.map((param) => [kindByte[param.kind]])), 0]);
  const exports = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  const bodies = functions.map(({ locals, body }) => {
    const declared = vector(locals.map((local) => [1, kindByte[local.kind]]));
    return [...unsigned(declared.length + body.length + 1), ...declared, ...body, 0x0b];
  });
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, vector(types)),
    ...section(2, vector([[...text("host"), ...text("memory"), 0x02, ...limits]])),
    ...section(3, vector(functions.map((_, index) => unsigned(index)))),
    ...section(7, vector(exports)),
    ...section(10, vector(bodies)),
  ]);
}

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function vector(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(name: string): Code {
  return [...unsigned(name.length), ...Array.from(name, (letter) => letter.charCodeAt(0))];
}

function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value >>> 0;
  while (rest >= 0x80) {
    bytes.push((rest & 0x7f) | 0x80);
    rest >>>= 7;
  }
  bytes.push(rest);
  return bytes;
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const low = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return [...bytes, low];
    bytes.push(low | 0x80);
  }
}
