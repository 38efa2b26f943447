// docs/sql-export.md, executed.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../..", import.meta.url));

test("docs/sql-export.md: its commands run, and print what stands below them", () => {
  const text = readFileSync(join(root, "docs/sql-export.md"), "utf8");
  const scratch = mkdtempSync(join(tmpdir(), "trimaran-docs-sql-"));
  try {
    const blocks = [...text.matchAll(/```sh\n([^`]+)```\n(?:```sql\n([^`]+)```)?/g)];
    assert.equal(blocks.length, 3);
    for (const [, command = "", expected] of blocks) {
      const printed = execFileSync("bash", ["-ec", command.replaceAll("/tmp/", `${scratch}/`)], {
        cwd: root,
        stdio: "pipe",
      });
      if (expected !== undefined) assert.equal(printed.toString(), expected);
    }
    assert.match(readFileSync(join(scratch, "ride-duration.sql"), "utf8"), /FROM "rides" AS r/);
  } finally {
    rmSync(scratch, { recursive: true });
  }
});
