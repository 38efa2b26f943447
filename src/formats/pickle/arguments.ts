// What stands after an opcode byte, as a value: checked against the limits before anything is made of it.
import type { ByteCursor } from "../../base/byte-cursor.ts";
import { type TrimaranError, trimaranError } from "../../base/errors.ts";
import type { PickleBudget } from "./limits.ts";
import { integerFromTwosComplement, parseFloat64, parseInteger } from "./numbers.ts";
import { opcodeNames } from "./opcodes.ts";
import { decodeLatin1, decodeQuoted, decodeRawUnicodeEscape, decodeUtf8 } from "./text.ts";
import type { PyBytes, PyFloat } from "./tree.ts";

const stringHeader = 24;
const viewHeader = 160;
const floatBytes = 32;
const maxFloatText = 400;

export class ArgumentReader {
  readonly cursor: ByteCursor;
  readonly #budget: PickleBudget;
  /** The opcode being executed and where it stands; the machine sets both. */
  opcode = 0;
  offset = 0;

  constructor(cursor: ByteCursor, budget: PickleBudget) {
    this.cursor = cursor;
    this.#budget = budget;
  }

  get name(): string {
    return opcodeNames[this.opcode] as string;
  }

  u8(): number {
    return this.cursor.u8(this.name);
  }

  u16(): number {
    return this.cursor.u16le(this.name);
  }

  u32(): number {
    return this.cursor.u32le(this.name);
  }

  i32(): number {
    return this.cursor.i32le(this.name);
  }

  u64(): number {
    return this.cursor.u64le(this.name);
  }

  /** A length that the format writes with a sign. */
  length32(): number {
    const length = this.i32();
    if (length < 0) throw this.invalid("its length is negative");
    return length;
  }

  binaryFloat(): PyFloat {
    return this.#float(this.cursor.f64be(this.name));
  }

  utf8(length: number): string {
    return this.#sound(decodeUtf8(this.#stringBytes(length)), "it is not UTF-8");
  }

  latin1(length: number): string {
    return decodeLatin1(this.#stringBytes(length));
  }

  bytes(length: number, mutable: boolean): PyBytes {
    this.#budget.allocate(viewHeader);
    return { kind: "bytes", value: this.cursor.take(length, this.name), mutable };
  }

  integer(length: number): number | bigint {
    if (length > this.#budget.limits.maxIntegerBytes) {
      throw this.#budget.crossed("maxIntegerBytes", `${this.name} at offset ${this.offset} has ${length} bytes`);
    }
    this.#budget.allocate(length);
    return integerFromTwosComplement(this.cursor.take(length, this.name));
  }

  /** INT: decimal, or a bool written as `00` or `01`. */
  textInteger(): number | bigint | boolean {
    const text = this.#digits();
    if (text === "00") return false;
    if (text === "01") return true;
    return this.#sound(parseInteger(text), "it is no decimal integer");
  }

  /** LONG: decimal with an optional `L`. */
  textLong(): number | bigint {
    const text = this.#digits();
    return this.#sound(parseInteger(text.endsWith("L") ? text.slice(0, -1) : text), "it is no decimal integer");
  }

  textFloat(): PyFloat {
    const line = this.cursor.line(this.name);
    const value = line.length > maxFloatText ? undefined : parseFloat64(decodeLatin1(line));
    return this.#float(this.#sound(value, "it is no decimal number"));
  }

  quoted(): string {
    return this.#sound(decodeQuoted(this.#stringLine()), "it is no quoted string");
  }

  unicode(): string {
    return this.#sound(decodeRawUnicodeEscape(this.#stringLine()), "it is no raw-unicode-escape text");
  }

  /** A module, a name or a persistent id. */
  nameLine(): string {
    return this.#sound(decodeUtf8(this.#stringLine()), "it is not UTF-8");
  }

  /** GET and PUT: an index in decimal digits. */
  textIndex(): number {
    const line = this.cursor.line(this.name);
    const text = line.length > 20 ? "" : decodeLatin1(line);
    const index = /^[0-9]+\r?$/.test(text) ? Number.parseInt(text, 10) : Number.NaN;
    if (!Number.isSafeInteger(index)) throw this.invalid("it is no index");
    return index;
  }

  /** Makes (does not throw) the error of an argument that is not sound. */
  invalid(problem: string): TrimaranError {
    return trimaranError("PICKLE_ARGUMENT", {
      name: this.cursor.name,
      opcode: this.name,
      offset: this.offset,
      problem,
    });
  }

  #float(value: number): PyFloat {
    this.#budget.allocate(floatBytes);
    return { kind: "float", value };
  }

  #digits(): string {
    const line = this.cursor.line(this.name);
    if (line.length > this.#budget.limits.maxIntegerDigits + 2) {
      throw this.#budget.crossed("maxIntegerDigits", `${this.name} at offset ${this.offset} has ${line.length} digits`);
    }
    this.#budget.allocate(line.length);
    return decodeLatin1(line);
  }

  #stringBytes(length: number): Uint8Array {
    this.#allowString(length);
    return this.cursor.take(length, this.name);
  }

  #stringLine(): Uint8Array {
    const line = this.cursor.line(this.name);
    this.#allowString(line.length);
    return line;
  }

  #allowString(length: number): void {
    // A length past the end is a cut file, not a long string.
    if (length > this.#budget.limits.maxStringBytes && length <= this.cursor.end) {
      throw this.#budget.crossed("maxStringBytes", `${this.name} at offset ${this.offset} has ${length} bytes`);
    }
    if (length <= this.cursor.end) this.#budget.allocate(stringHeader + length);
  }

  #sound<T>(value: T | undefined, problem: string): T {
    if (value === undefined) throw this.invalid(problem);
    return value;
  }
}
