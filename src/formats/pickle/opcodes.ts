// The 68 opcodes of pickle protocols 0 to 5, as data: for error messages, the audit, `inspect` and the tests. The machine
// itself switches on the byte.

/** What follows the opcode byte in the stream; the grammar stands above the machine. */
export type ArgumentKind =
  | "none"
  | "u8"
  | "u16"
  | "u32"
  | "i32"
  | "u64"
  | "f64be"
  | "line"
  | "two-lines"
  | "bytes-u8"
  | "bytes-u32"
  | "bytes-i32"
  | "bytes-u64";

export interface Opcode {
  readonly byte: number;
  readonly name: string;
  /** The protocol that brought it. */
  readonly protocol: number;
  readonly argument: ArgumentKind;
}

const rows: readonly (readonly [byte: number, name: string, protocol: number, argument: ArgumentKind])[] = [
  [0x28, "MARK", 0, "none"],
  [0x2e, "STOP", 0, "none"],
  [0x30, "POP", 0, "none"],
  [0x32, "DUP", 0, "none"],
  [0x46, "FLOAT", 0, "line"],
  [0x49, "INT", 0, "line"],
  [0x4c, "LONG", 0, "line"],
  [0x4e, "NONE", 0, "none"],
  [0x50, "PERSID", 0, "line"],
  [0x52, "REDUCE", 0, "none"],
  [0x53, "STRING", 0, "line"],
  [0x56, "UNICODE", 0, "line"],
  [0x61, "APPEND", 0, "none"],
  [0x62, "BUILD", 0, "none"],
  [0x63, "GLOBAL", 0, "two-lines"],
  [0x64, "DICT", 0, "none"],
  [0x67, "GET", 0, "line"],
  [0x69, "INST", 0, "two-lines"],
  [0x6c, "LIST", 0, "none"],
  [0x70, "PUT", 0, "line"],
  [0x73, "SETITEM", 0, "none"],
  [0x74, "TUPLE", 0, "none"],
  [0x29, "EMPTY_TUPLE", 1, "none"],
  [0x31, "POP_MARK", 1, "none"],
  [0x47, "BINFLOAT", 1, "f64be"],
  [0x4a, "BININT", 1, "i32"],
  [0x4b, "BININT1", 1, "u8"],
  [0x4d, "BININT2", 1, "u16"],
  [0x51, "BINPERSID", 1, "none"],
  [0x54, "BINSTRING", 1, "bytes-i32"],
  [0x55, "SHORT_BINSTRING", 1, "bytes-u8"],
  [0x58, "BINUNICODE", 1, "bytes-u32"],
  [0x5d, "EMPTY_LIST", 1, "none"],
  [0x65, "APPENDS", 1, "none"],
  [0x68, "BINGET", 1, "u8"],
  [0x6a, "LONG_BINGET", 1, "u32"],
  [0x6f, "OBJ", 1, "none"],
  [0x71, "BINPUT", 1, "u8"],
  [0x72, "LONG_BINPUT", 1, "u32"],
  [0x75, "SETITEMS", 1, "none"],
  [0x7d, "EMPTY_DICT", 1, "none"],
  [0x80, "PROTO", 2, "u8"],
  [0x81, "NEWOBJ", 2, "none"],
  [0x82, "EXT1", 2, "u8"],
  [0x83, "EXT2", 2, "u16"],
  [0x84, "EXT4", 2, "i32"],
  [0x85, "TUPLE1", 2, "none"],
  [0x86, "TUPLE2", 2, "none"],
  [0x87, "TUPLE3", 2, "none"],
  [0x88, "NEWTRUE", 2, "none"],
  [0x89, "NEWFALSE", 2, "none"],
  [0x8a, "LONG1", 2, "bytes-u8"],
  [0x8b, "LONG4", 2, "bytes-i32"],
  [0x42, "BINBYTES", 3, "bytes-u32"],
  [0x43, "SHORT_BINBYTES", 3, "bytes-u8"],
  [0x8c, "SHORT_BINUNICODE", 4, "bytes-u8"],
  [0x8d, "BINUNICODE8", 4, "bytes-u64"],
  [0x8e, "BINBYTES8", 4, "bytes-u64"],
  [0x8f, "EMPTY_SET", 4, "none"],
  [0x90, "ADDITEMS", 4, "none"],
  [0x91, "FROZENSET", 4, "none"],
  [0x92, "NEWOBJ_EX", 4, "none"],
  [0x93, "STACK_GLOBAL", 4, "none"],
  [0x94, "MEMOIZE", 4, "none"],
  [0x95, "FRAME", 4, "u64"],
  [0x96, "BYTEARRAY8", 5, "bytes-u64"],
  [0x97, "NEXT_BUFFER", 5, "none"],
  [0x98, "READONLY_BUFFER", 5, "none"],
];

export const opcodes: readonly Opcode[] = rows.map(([byte, name, protocol, argument]) => ({
  byte,
  name,
  protocol,
  argument,
}));

/** The name of each of the 256 bytes; `0x99` and the like where there is no opcode. */
export const opcodeNames: readonly string[] = Array.from(
  { length: 256 },
  (_, byte) => opcodes.find((opcode) => opcode.byte === byte)?.name ?? `0x${byte.toString(16).padStart(2, "0")}`,
);

/** The protocol that brought each byte; 0 where there is no opcode. */
export const opcodeProtocols: Uint8Array = Uint8Array.from(
  { length: 256 },
  (_, byte) => opcodes.find((opcode) => opcode.byte === byte)?.protocol ?? 0,
);
