// "Did you mean": the known name that is closest to one that is not known.

export interface CloseName {
  readonly name: string;
  /** Edits (insert, delete, replace, swap of neighbours); 0 when only case, `_`, `-`, `.` or spaces differ. */
  readonly distance: number;
}

/** Longer names are compared for equality only, so that hostile ones cost nothing. */
const maxNameChars = 64;

/** The closest of `known`, or undefined when none is close enough to be meant. The first of equals wins. */
export function closestName(name: string, known: Iterable<string>): CloseName | undefined {
  let best: CloseName | undefined;
  const plain = plainName(name);
  for (const candidate of known) {
    const plainCandidate = plainName(candidate);
    if (plainCandidate === plain) return { name: candidate, distance: 0 };
    const limit = Math.min(allowedEdits(Math.max(plain.length, plainCandidate.length)), (best?.distance ?? 4) - 1);
    if (limit < 1 || plain.length > maxNameChars || plainCandidate.length > maxNameChars) continue;
    const distance = editDistance(plain, plainCandidate, limit);
    if (distance <= limit) best = { name: candidate, distance };
  }
  return best;
}

/** ` (did you mean "trip_distance"?)`, or nothing when no known name is close. Begins with a space. */
export function didYouMean(name: string, known: Iterable<string>): string {
  const close = closestName(name, known);
  return close === undefined ? "" : ` (did you mean ${JSON.stringify(close.name)}?)`;
}

function plainName(name: string): string {
  return name.length > maxNameChars ? name : name.toLowerCase().replace(/[-_. ]/g, "");
}

/** Short names lie close to one another by nature: `a` is no misspelt `b`. */
function allowedEdits(length: number): number {
  return length < 3 ? 0 : length < 6 ? 1 : length < 12 ? 2 : 3;
}

/** Optimal string alignment distance; anything above `limit` is returned as `limit + 1`. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let cost = Math.min(last[column]! + 1, current[column - 1]! + 1, last[column - 1]! + (same ? 0 : 1));
      if (row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1]) {
        cost = Math.min(cost, beforeLast[column - 2]! + 1);
      }
      current.push(cost);
      least = Math.min(least, cost);
    }
    if (least > limit) return limit + 1;
    beforeLast = last;
    last = current;
  }
  return Math.min(last[right.length]!, limit + 1);
}
