// What holds after any failure: nothing lost, nothing doubled, order kept, each malformed record set aside once.
import assert from "node:assert/strict";
import { isMalformed, type Seen } from "./rides-stream.ts";

export function assertExactlyOnce({ answers, dead, unordered }: Seen, sent: number): void {
  const ids = Array.from({ length: sent }, (_, id) => id);
  const sound = ids.filter((id) => !isMalformed(id));
  const lost = sound.filter((id) => !answers.has(id));
  const doubled = [...answers].filter(([, count]) => count > 1).map(([id]) => id);
  assert.deepEqual({ lost, doubled, unordered }, { lost: [], doubled: [], unordered: [] });
  const poison = ids.filter(isMalformed).map((id): [string, number] => [`{"ride": ${id}`, 1]);
  assert.deepEqual(new Map([...dead].sort()), new Map(poison.sort()));
}
