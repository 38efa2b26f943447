// Where two values differ first: numbers to a tolerance, everything else exactly.
import { jsonPointer } from "../data/json-pointer.ts";

export interface Difference {
  /** JSON Pointer into the value. */
  readonly path: string;
  readonly sentence: string;
}

/** `tolerance` is the largest absolute difference of two numbers; 0 means equal to the last digit. */
export function differenceOf(expected: unknown, actual: unknown, tolerance: number): Difference | null {
  if (typeof expected === "number" && typeof actual === "number") {
    const bothMissing = Number.isNaN(expected) && Number.isNaN(actual);
    if (expected === actual || bothMissing || Math.abs(expected - actual) <= tolerance) return null;
    return { path: "", sentence: `${expected} was expected, ${actual} came` };
  }
  if (expected instanceof Date && actual instanceof Date) {
    if (expected.getTime() === actual.getTime()) return null;
    return { path: "", sentence: `${expected.toISOString()} was expected, ${actual.toISOString()} came` };
  }
  if (!isContainer(expected) || !isContainer(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return Object.is(expected, actual)
      ? null
      : { path: "", sentence: `${show(expected)} was expected, ${show(actual)} came` };
  }
  for (const key of new Set([...Object.keys(expected), ...Object.keys(actual)])) {
    const inner = differenceOf(expected[key], actual[key], tolerance);
    if (inner !== null) return { path: jsonPointer(key) + inner.path, sentence: inner.sentence };
  }
  return null;
}

function isContainer(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !(value instanceof Date);
}

function show(value: unknown): string {
  if (value === undefined) return "nothing";
  return typeof value === "bigint" ? String(value) : (JSON.stringify(value) ?? String(value)).slice(0, 80);
}
