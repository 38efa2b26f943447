// LightGBM's model text (v2 to v4) → its header, its trees as lines by key, its categories.
//
//   tree
//   version=v4
//   key=value …                      num_class, num_tree_per_iteration, max_feature_idx, objective, feature_names, feature_infos;
//   average_output                   a line of its own, in random forests
//
//   Tree=0
//   key=value …
//
//   end of trees
//   …                                importances
//   parameters:
//   [key: value] …
//   end of parameters
//   pandas_categorical:[["a", "b"], …] or null
import { trimaranError } from "../../base/errors.ts";
import type { JsonValue } from "./json-value.ts";
import { parseJson } from "./parse-json.ts";

/** What one string of V8 safely holds. */
const maxTextBytes = 0x1ff00000;

export type KeyedLines = ReadonlyMap<string, string>;

export interface LightgbmText {
  readonly header: KeyedLines;
  readonly trees: readonly KeyedLines[];
  readonly parameters: KeyedLines;
  /** The value of the last line, as JSON. */
  readonly categories: JsonValue;
}

export function isLightgbmText(bytes: Uint8Array): boolean {
  return /^tree\r?\n(version|num_class)=/.test(String.fromCharCode(...bytes.subarray(0, 20)));
}

/** @throws FORMAT_LIMIT, FORMAT_DAMAGED */
export function readLightgbmText(bytes: Uint8Array, name: string): LightgbmText {
  if (bytes.length > maxTextBytes) {
    const problem = `a text of ${bytes.length} bytes`;
    throw trimaranError("FORMAT_LIMIT", { name, limit: "maxTextBytes", max: maxTextBytes, problem });
  }
  return parseLightgbmText(new TextDecoder().decode(bytes), name);
}

/** @throws FORMAT_DAMAGED */
export function parseLightgbmText(text: string, name: string): LightgbmText {
  const header = new Map<string, string>();
  const trees: Map<string, string>[] = [];
  const parameters = new Map<string, string>();
  let categories: JsonValue = null;
  let section: "header" | "trees" | "rest" = "header";
  for (let start = 0; start < text.length; ) {
    const stop = text.indexOf("\n", start);
    const end = stop < 0 ? text.length : stop;
    const line = text.slice(start, text.charCodeAt(end - 1) === 0x0d && end > start ? end - 1 : end);
    if (line.startsWith("Tree=") && section !== "rest") {
      section = "trees";
      if (line !== `Tree=${trees.length}`) throw damaged(name, "the trees are not in order", start);
      trees.push(new Map());
    } else if (line === "end of trees") section = "rest";
    else if (section === "rest") {
      if (line.startsWith("pandas_categorical:"))
        categories = parseJson(line.slice("pandas_categorical:".length), name);
      const pair = /^\[([a-z_]+): (.*)\]$/.exec(line);
      if (pair !== null) parameters.set(pair[1] as string, pair[2] as string);
    } else if (line !== "") {
      const into = section === "header" ? header : (trees.at(-1) as Map<string, string>);
      const equals = line.indexOf("=");
      const key = equals < 0 ? line : line.slice(0, equals);
      if (into.has(key)) throw damaged(name, "a key stands twice", start);
      into.set(key, equals < 0 ? "" : line.slice(equals + 1));
    }
    start = end + 1;
  }
  if (section !== "rest") throw damaged(name, "it ends before the end of its trees", text.length);
  return { header, trees, parameters, categories };
}

function damaged(name: string, problem: string, offset: number): Error {
  return trimaranError("FORMAT_DAMAGED", { name, problem, offset });
}

/** Where a line's value stands, for errors. */
export interface LinePlace {
  readonly lines: KeyedLines;
  /** `Tree=3`, or "" for the header. */
  readonly path: string;
}

export function lineOf({ lines, path }: LinePlace, key: string): string {
  const line = lines.get(key);
  if (line !== undefined) return line;
  throw trimaranError("MODEL_ATTRIBUTE", { path: pathText(path, key), problem: "the line is missing" });
}

export function countOf(place: LinePlace, key: string, most: number): number {
  const text = lineOf(place, key);
  const count = /^\d{1,10}$/.test(text) ? Number(text) : -1;
  if (count >= 0 && count <= most) return count;
  const problem = `a whole number up to ${most} was expected`;
  throw trimaranError("MODEL_ATTRIBUTE", { path: pathText(place.path, key), problem });
}

/** Numbers with spaces between them. `whole`: of 32 bits. @throws MODEL_ATTRIBUTE */
export function numbersOf(
  place: LinePlace,
  key: string,
  { length, whole = false }: { readonly length?: number; readonly whole?: boolean } = {},
): Float64Array {
  const words = lineOf(place, key)
    .split(" ")
    .filter((word) => word !== "");
  const path = pathText(place.path, key);
  if (length !== undefined && words.length !== length) {
    const problem = `${length} numbers were expected, not ${words.length}`;
    throw trimaranError("MODEL_ATTRIBUTE", { path, problem });
  }
  return Float64Array.from(words, (word) => {
    const number = numberOf(word);
    if (Number.isNaN(number) || (whole && (!Number.isInteger(number) || Math.abs(number) > 0xffffffff))) {
      const problem = `a ${whole ? "whole " : ""}number was expected`;
      throw trimaranError("MODEL_ATTRIBUTE", { path, problem });
    }
    return number;
  });
}

/** C's infinities are numbers here; hexadecimal and the like are not. */
function numberOf(word: string): number {
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(word)) return Number(word);
  if (/^[+-]?inf(inity)?$/i.test(word))
    return word.startsWith("-") ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return Number.NaN;
}

function pathText(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}
