// Pages of a search: tokens, sizes, and which part of a result a request gets.

import { invalidParameter } from "../../mlflow/wire/wire-error.ts";
import type { HistoryPlace } from "../store/metrics.ts";

/** @throws WireError */
export function pageSize(
  wanted: number | undefined,
  { max, usual, min = 1 }: { readonly max: number; readonly usual: number; readonly min?: number },
): number {
  const size = wanted ?? usual;
  if (size < min || size > max) {
    const problem = size < min ? (min === 0 ? "at least 0" : "a positive integer") : `at most ${max}`;
    throw invalidParameter(`Invalid value ${size} for parameter 'max_results' supplied. It must be ${problem}`);
  }
  return size;
}

/** @throws WireError */
export function readPageToken(token: string | undefined): number {
  if (token === undefined || token === "") return 0;
  const text = fromBase64(token);
  if (text === null) throw invalidParameter("Invalid page token, could not base64-decode");
  const offset = /^\{"offset": ?(\d{1,12})\}$/.exec(text)?.[1];
  if (offset === undefined) throw invalidParameter("Invalid page token, parsed value does not hold an offset");
  return Number(offset);
}

export function writePageToken(offset: number): string {
  return btoa(`{"offset": ${offset}}`);
}

/** A page of a history: a place in it, or what `writePageToken` wrote. @throws WireError */
export function readHistoryToken(token: string | undefined): {
  readonly after?: HistoryPlace;
  readonly offset: number;
} {
  const text = token === undefined || token === "" ? null : fromBase64(token);
  const found = text === null ? null : /^\{"after": \[([-+.e\d, ]{1,120})\]\}$/i.exec(text);
  if (found === null) return { offset: readPageToken(token) };
  const [time = Number.NaN, step = Number.NaN, value = Number.NaN, mark = Number.NaN, ...more] =
    found[1]?.split(",").map(Number) ?? [];
  if (more.length > 0 || ![time, step, value, mark].every(Number.isFinite)) {
    throw invalidParameter("Invalid page token, parsed value does not hold a place");
  }
  return { after: [time, step, value, mark], offset: 0 };
}

export function writeHistoryToken(place: HistoryPlace): string {
  return btoa(`{"after": [${place.join(", ")}]}`);
}

function fromBase64(token: string): string | null {
  try {
    return atob(token);
  } catch {
    return null;
  }
}

/** Of rows that were asked for one beyond the page. */
export function pageOf<T>(
  rows: readonly T[],
  { offset, size }: { readonly offset: number; readonly size: number },
): {
  readonly rows: readonly T[];
  readonly token: string | undefined;
} {
  return rows.length > size
    ? { rows: rows.slice(0, size), token: writePageToken(offset + size) }
    : { rows, token: undefined };
}
