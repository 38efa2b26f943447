// The operand stack. Values below the last mark cannot be reached until that mark is taken away, as in Python.
import type { PyValue } from "./tree.ts";

export class OperandStack {
  readonly values: PyValue[] = [];
  readonly #marks: number[] = [];
  /** Index of the first value above the last mark. */
  #base = 0;

  /** Values and marks. */
  get size(): number {
    return this.values.length + this.#marks.length;
  }

  /** How many values can be reached. */
  get reachable(): number {
    return this.values.length - this.#base;
  }

  get hasMark(): boolean {
    return this.#marks.length > 0;
  }

  push(value: PyValue): void {
    this.values.push(value);
  }

  mark(): void {
    this.#marks.push(this.#base);
    this.#base = this.values.length;
  }

  /** The top, taken away; undefined when none can be reached. */
  pop(): PyValue | undefined {
    return this.values.length > this.#base ? this.values.pop() : undefined;
  }

  top(): PyValue | undefined {
    return this.values.length > this.#base ? this.values[this.values.length - 1] : undefined;
  }

  /** Takes the last mark away and gives the index of the first value above it; the values stay. */
  popMark(): number | undefined {
    const below = this.#marks.pop();
    if (below === undefined) return undefined;
    const first = this.#base;
    this.#base = below;
    return first;
  }

  /** Takes the values from `first` up away. */
  takeFrom(first: number): PyValue[] {
    const items = this.values.slice(first);
    this.values.length = first;
    return items;
  }
}
