// Regular expressions that cannot be made slow: the time is that of the text times the size of the expression, whatever it is.
// They are run as a set of states, all at once, as Thompson has it; what needs more than states (back references, looking around)
// is refused.
import { isWord, NoPattern, type PatternNode, type Place, parsePattern, type Sign } from "./pattern-grammar.ts";

export const maxPatternChars = 500;
const maxStates = 2000;

export interface LinearPattern {
  /** Whether it matches anywhere in the text. */
  test(text: string): boolean;
}

/** Null: it is no expression of the grammar, or too large. */
export function linearPattern(source: string): LinearPattern | null {
  if (source.length > maxPatternChars) return null;
  try {
    const states: State[] = [];
    const node = parsePattern(source);
    const start = build(states, node, push(states, { kind: "match" }));
    const looksAround = states.some(
      (state) => state.kind === "place" && (state.at === "edge" || state.at === "inside"),
    );
    // What depends on the signs around a place has no table of its own.
    if (looksAround) return { test: (text) => isMatch(states, start, text) };
    const table = new Table(states, start);
    return { test: (text) => table.test(text) };
  } catch (error) {
    if (error instanceof NoPattern) return null;
    throw error;
  }
}

type State =
  | { readonly kind: "match" }
  | { readonly kind: "sign"; readonly is: Sign; readonly next: number }
  | { readonly kind: "place"; readonly at: Place; readonly next: number }
  | { readonly kind: "split"; readonly nexts: number[] };

function push(states: State[], state: State): number {
  if (states.length >= maxStates) throw new NoPattern();
  return states.push(state) - 1;
}

/** The state at which the node begins, when `next` comes after it. */
function build(states: State[], node: PatternNode, next: number): number {
  switch (node.kind) {
    case "sign":
    case "place":
      return push(states, { ...node, next });
    case "all":
      return node.parts.reduceRight((after, part) => build(states, part, after), next);
    case "any":
      return push(states, { kind: "split", nexts: node.parts.map((part) => build(states, part, next)) });
    case "repeat": {
      const { part, min, max } = node;
      let start = next;
      if (max === Number.POSITIVE_INFINITY) {
        const nexts = [next];
        start = push(states, { kind: "split", nexts });
        nexts.push(build(states, part, start));
      } else {
        for (let count = min; count < max; count++) {
          start = push(states, { kind: "split", nexts: [next, build(states, part, start)] });
        }
      }
      for (let count = 0; count < min; count++) start = build(states, part, start);
      return start;
    }
  }
}

/** The states that are open together, after some text: what they do with a sign is kept once it is known. */
interface Spot {
  readonly open: readonly number[];
  /** Waiting for a sign, or null before it is asked; `isMatch`: nothing more is needed. */
  live: readonly number[] | null;
  isMatch: boolean;
  readonly nexts: (Spot | undefined)[];
}

const maxSpots = 1000;
const tableSigns = 128;

class Table {
  readonly #states: readonly State[];
  readonly #start: number;
  #spots = new Map<string, Spot>();
  #first: Spot;

  constructor(states: readonly State[], start: number) {
    this.#states = states;
    this.#start = start;
    this.#first = this.#spot([], true);
  }

  test(text: string): boolean {
    let spot = this.#first;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const known = unit < tableSigns ? spot.nexts[unit] : undefined;
      if (known !== undefined) {
        spot = known;
        continue;
      }
      const code = unit < 0xd800 ? unit : (text.codePointAt(at) ?? unit);
      const next = this.#step(spot, code);
      if (next === null) return true;
      if (code > 0xffff) at++;
      spot = next;
    }
    return closed(this.#states, [...spot.open, this.#start], { before: spot === this.#first ? -1 : 0, after: -1 })
      .isMatch;
  }

  /** Null: it matches already. */
  #step(spot: Spot, code: number): Spot | null {
    if (spot.live === null) {
      const around = { before: spot === this.#first ? -1 : 0, after: 0 };
      const { live, isMatch: found } = closed(this.#states, [...spot.open, this.#start], around);
      spot.live = live;
      spot.isMatch = found;
    }
    if (spot.isMatch) return null;
    const open = new Set<number>();
    for (const index of spot.live) {
      const state = this.#states[index] as State;
      if (state.kind === "sign" && state.is(code)) open.add(state.next);
    }
    const next = this.#spot(
      [...open].sort((a, b) => a - b),
      false,
    );
    if (code < tableSigns) spot.nexts[code] = next;
    return next;
  }

  #spot(open: readonly number[], isFirst: boolean): Spot {
    const key = isFirst ? "first" : open.join(",");
    const known = this.#spots.get(key);
    if (known !== undefined) return known;
    if (this.#spots.size >= maxSpots) {
      // Few expressions have so many: what is known is learnt anew.
      this.#spots = new Map();
      this.#first = { open: [], live: null, isMatch: false, nexts: [] };
      this.#spots.set("first", this.#first);
    }
    const made: Spot = { open, live: null, isMatch: false, nexts: [] };
    this.#spots.set(key, made);
    return made;
  }
}

/** What is reached from these states without a sign. */
function closed(
  states: readonly State[],
  from: readonly number[],
  { before, after }: { readonly before: number; readonly after: number },
): { readonly live: readonly number[]; readonly isMatch: boolean } {
  const seen = new Set<number>();
  const live: number[] = [];
  const open = [...from];
  let found = false;
  for (let index = open.pop(); index !== undefined; index = open.pop()) {
    if (seen.has(index)) continue;
    seen.add(index);
    const state = states[index] as State;
    if (state.kind === "match") found = true;
    else if (state.kind === "sign") live.push(index);
    else if (state.kind === "split") open.push(...state.nexts);
    else if (isAt(state.at, before, after)) open.push(state.next);
  }
  return { live, isMatch: found };
}

function isMatch(states: readonly State[], start: number, text: string): boolean {
  let current: number[] = [];
  let marks = new Uint32Array(states.length);
  let step = 0;
  let before = -1;
  /** Follows what needs no sign; true at a match. */
  const enter = (first: number, into: number[], after: number): boolean => {
    const open = [first];
    for (let index = open.pop(); index !== undefined; index = open.pop()) {
      if (marks[index] === step) continue;
      marks[index] = step;
      const state = states[index] as State;
      if (state.kind === "match") return true;
      if (state.kind === "sign") into.push(index);
      else if (state.kind === "split") open.push(...state.nexts);
      else if (isAt(state.at, before, after)) open.push(state.next);
    }
    return false;
  };
  for (let at = 0; ; ) {
    const code = at < text.length ? (text.codePointAt(at) ?? -1) : -1;
    step++;
    const live: number[] = [];
    for (const index of current) if (enter(index, live, code)) return true;
    if (enter(start, live, code)) return true;
    if (code < 0) return false;
    current = [];
    for (const index of live) {
      const state = states[index] as State;
      if (state.kind === "sign" && state.is(code)) current.push(state.next);
    }
    at += code > 0xffff ? 2 : 1;
    before = code;
    if (step === 0xffffffff) marks = new Uint32Array(states.length);
  }
}

/** -1 is before the text and after it. */
function isAt(place: Place, before: number, after: number): boolean {
  switch (place) {
    case "begin":
      return before < 0;
    case "end":
      return after < 0;
    default: {
      const isEdge = (before >= 0 && isWord(before)) !== (after >= 0 && isWord(after));
      return place === "edge" ? isEdge : !isEdge;
    }
  }
}
