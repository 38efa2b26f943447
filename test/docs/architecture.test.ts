// docs/architecture.md shows the floors that the floors test checks.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { floors } from "../architecture/floors.ts";

test("docs/architecture.md shows the floors that are checked", () => {
  const text = readFileSync(new URL("../../docs/architecture.md", import.meta.url), "utf8");
  const shown = [...text.matchAll(/^(\d) {2}(\S.*)$/gm)].map(([, floor, names = ""]) => [
    Number(floor),
    names.split(/ {3}/),
  ]);
  assert.deepEqual(
    shown.reverse(),
    floors.map((names, floor) => [floor, names]),
  );
});
