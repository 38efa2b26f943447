// Finds import cycles between files: one shortest round trip for each knot of files that reach one another.

export type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Each cycle begins and ends with the first of its files in alphabetical order. */
export function findCycles(graph: ImportGraph): string[][] {
  const cycles: string[][] = [];
  const told = new Set<string>();
  for (const file of [...graph.keys()].sort()) {
    if (told.has(file)) continue;
    const cycle = shortestRoundTrip(graph, file);
    if (cycle === undefined) continue;
    for (const member of cycle) told.add(member);
    cycles.push(cycle);
  }
  return cycles;
}

function shortestRoundTrip(graph: ImportGraph, start: string): string[] | undefined {
  const cameFrom = new Map<string, string>();
  const queue = [start];
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of graph.get(file) ?? []) {
      if (next === start) return [...trail(cameFrom, file), start];
      if (cameFrom.has(next)) continue;
      cameFrom.set(next, file);
      queue.push(next);
    }
  }
  return undefined;
}

function trail(cameFrom: ReadonlyMap<string, string>, end: string): string[] {
  const path = [end];
  for (let file = cameFrom.get(end); file !== undefined; file = cameFrom.get(file)) path.unshift(file);
  return path;
}
