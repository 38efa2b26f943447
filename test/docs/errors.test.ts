// Error table, docs/errors.md and the code that raises errors say the same.
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { errorDocs } from "../../scripts/error-docs.ts";
import { errorTable } from "../../src/base/error-table.ts";
import type { ErrorRow } from "../../src/base/errors.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(errorTable);

describe("the error table", () => {
  test("is what docs/errors.md shows; `npm run docs` writes it anew", () => {
    assert.equal(readFileSync(`${root}docs/errors.md`, "utf8"), errorDocs(errorTable));
  });

  test("has no code that nothing in src raises", () => {
    const files = globSync("src/**/*.ts", { cwd: root, exclude: ["src/base/errors/*.ts"] });
    const text = files.map((file) => readFileSync(root + file, "utf8")).join("\n");
    const unused = rows.map(([code]) => code).filter((code) => !text.includes(`"${code}"`));
    assert.deepEqual(unused, []);
  });

  test("has no two rows with one message", () => {
    // A message that is one slot has no text of its own.
    const worded = rows.filter(([, row]) => !/^\{\w+\}$/.test(row.message));
    const byMessage = Map.groupBy(worded, ([, row]) => row.message);
    const shared = [...byMessage.values()].filter((same) => same.length > 1).map((same) => same.map(([code]) => code));
    assert.deepEqual(shared, []);
  });

  test("has codes of the form AREA_WHAT, and messages and fixes that are sentences", () => {
    for (const [code, { message, fix }] of rows) {
      assert.match(code, /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$/);
      assert.match(fix, /^[`A-Z{].*\S$/, code);
      assert.match(message, /^([`A-Z{].*\S|\{\w+\})$/s, code);
    }
  });
});
