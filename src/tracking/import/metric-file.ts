// A metric's file: a line a point, read in pieces however long it is.
//   run:          time value [step [data set's name and digest]]
//   logged model: time value step run [data set's name and digest]
import type { Point } from "../store/metrics.ts";
import { PartProblem } from "./import-report.ts";
import type { StoreFolder } from "./store-folder.ts";

const batchSize = 1000;
const maxLineChars = 4096;
const maxBadLines = 20;

/** Points of a run's metric. Lines that are none are told, with their numbers, and left out. */
export async function* pointBatches(folder: StoreFolder, key: string): AsyncGenerator<readonly Point[]> {
  let batch: Point[] = [];
  let bad = 0;
  for await (const { words, number } of lines(folder, key)) {
    const point = words.length === 2 || words.length === 3 || words.length === 5 ? pointOf(key, words) : null;
    if (point === null) {
      if (++bad > maxBadLines) throw new PartProblem(`from line ${number} on it is not read: too many are no points`);
      folder.skip(`line ${number} is no point`, key);
    } else if (batch.push(point) === batchSize) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

export interface ModelPoint extends Point {
  readonly runId: string;
  readonly dataset: readonly [string, string] | null;
}

export async function* modelPoints(folder: StoreFolder, key: string): AsyncGenerator<ModelPoint> {
  let bad = 0;
  for await (const { words, number } of lines(folder, key)) {
    const point = words.length === 4 || words.length === 6 ? pointOf(key, words) : null;
    const [, , , runId = "", name, digest] = words;
    if (point === null) {
      if (++bad > maxBadLines) throw new PartProblem(`from line ${number} on it is not read: too many are no points`);
      folder.skip(`line ${number} is no point`, key);
    } else yield { ...point, runId, dataset: name === undefined || digest === undefined ? null : [name, digest] };
  }
}

function pointOf(key: string, [time = "", value = "", step = "0"]: readonly string[]): Point | null {
  const number = metricValue(value);
  const [timestamp, at] = [Number(time), Number(step)];
  if (number === null || !/^-?\d+$/.test(time) || !/^-?\d+$/.test(step)) return null;
  if (!Number.isSafeInteger(timestamp) || !Number.isSafeInteger(at)) return null;
  return { key, value: number, timestamp, step: at };
}

/** As Python's `float` reads what Python's `str` wrote, and true and false of old. */
function metricValue(text: string): number | null {
  const special = specials.get(text.toLowerCase());
  if (special !== undefined) return special;
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) : null;
}

const specials: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["+inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);

interface Line {
  readonly words: readonly string[];
  /** From 1. */
  readonly number: number;
}

async function* lines(folder: StoreFolder, key: string): AsyncGenerator<Line> {
  await using file = await folder.open(key);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let rest = "";
  let number = 0;
  const stream = file.createReadStream({ autoClose: false, highWaterMark: 1 << 16 });
  for await (const chunk of stream as AsyncIterable<Uint8Array>) {
    const whole = (rest + textOf(() => decoder.decode(chunk, { stream: true }))).split("\n");
    rest = whole.pop() ?? "";
    if (rest.length > maxLineChars) throw new PartProblem(`line ${number + whole.length + 1} is too long`);
    for (const line of whole) {
      number++;
      if (line.trim() !== "") yield { words: line.trim().split(" "), number };
    }
  }
  rest += textOf(() => decoder.decode());
  if (rest.trim() !== "") yield { words: rest.trim().split(" "), number: number + 1 };
}

function textOf(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw new PartProblem("it is no UTF-8 text");
  }
}
